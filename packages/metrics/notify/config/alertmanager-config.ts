/** A whole `alertmanager.yml`: every key of the real one is known, webhooks are sent, the rest is named. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ConfigIssues, type ConfigNode, readYamlText } from '@mario/service';
import { expandFiles } from '../../config/file-pattern.ts';
import { isClassicLabelName } from '../../model/labels.ts';
import type { InhibitRule } from '../inhibitor.ts';
import type { Route } from '../route-tree.ts';
import type { TimeInterval } from '../time-interval.ts';
import { checkTemplateFile } from './notification-template.ts';
import { CLIENT_DEFAULT, type Receiver, readClient, readReceivers } from './receiver-config.ts';
import { readMatchers, readRootRoute } from './route-config.ts';
import { readTimeIntervals } from './time-interval-config.ts';

export interface AlertmanagerConfig {
  /** The file's text, for `/api/v2/status`. */
  readonly yaml: string;
  /** How long an alert without an end of its own holds after the last report. */
  readonly resolveTimeoutMs: number;
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
}

export interface LoadedAlertmanagerConfig {
  /** Undefined when the file cannot be read, is not YAML or has no route. */
  readonly config: AlertmanagerConfig | undefined;
  /** Errors: the real one refuses it too. Warnings: taken, not used here. */
  readonly issues: ConfigIssues;
  /** Valid for the real one, refused here by name. */
  readonly unsupported: ConfigIssues;
}

/** config.DefaultGlobalConfig */
const RESOLVE_TIMEOUT_MS = 5 * 60_000;

/** Alerts are seen and can be silenced, and nobody is told: what a stack without a file does. */
export const NOBODY_IS_TOLD = 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n';

const KEYS = {
  global: 'used',
  route: 'used',
  inhibit_rules: 'used',
  receivers: 'used',
  templates: 'used',
  mute_time_intervals: 'used',
  time_intervals: 'used',
  tracing: 'unused',
} as const;

/** Settings of kinds of receivers that are refused where they are used. */
const GLOBAL_KEYS = {
  resolve_timeout: 'used',
  http_config: 'used',
  ...Object.fromEntries(
    [
      ...['smtp_from', 'smtp_hello', 'smtp_smarthost', 'smtp_auth_username', 'smtp_auth_password'],
      ...['smtp_auth_password_file', 'smtp_auth_secret', 'smtp_auth_secret_file', 'smtp_auth_identity'],
      ...['smtp_require_tls', 'smtp_tls_config', 'smtp_force_implicit_tls', 'slack_api_url', 'slack_api_url_file'],
      ...['slack_app_token', 'slack_app_token_file', 'slack_app_url', 'pagerduty_url', 'opsgenie_api_url'],
      ...['opsgenie_api_key', 'opsgenie_api_key_file', 'wechat_api_url', 'wechat_api_secret', 'wechat_api_corp_id'],
      ...['wechat_api_secret_file', 'victorops_api_url', 'victorops_api_key', 'victorops_api_key_file'],
      ...['telegram_api_url', 'telegram_bot_token', 'telegram_bot_token_file', 'webex_api_url', 'jira_api_url'],
      ...['rocketchat_api_url', 'rocketchat_token', 'rocketchat_token_file', 'rocketchat_token_id'],
      ...['rocketchat_token_id_file', 'mattermost_webhook_url', 'mattermost_webhook_url_file'],
    ].map((key) => [key, 'unused' as const]),
  ),
} as Readonly<Record<string, 'used' | 'unused'>>;

export function loadAlertmanagerConfig(file: string): LoadedAlertmanagerConfig {
  const issues = new ConfigIssues();
  try {
    return parseAlertmanagerConfig(readFileSync(file, 'utf8'), file, issues);
  } catch (error) {
    issues.error({ file, line: 1, column: 1, key: '' }, `cannot be read: ${(error as Error).message}`);
    return { config: undefined, issues, unsupported: new ConfigIssues() };
  }
}

/** `file` names the text in messages, and relative paths in it start from its folder. */
export function parseAlertmanagerConfig(
  yaml: string,
  file: string,
  issues = new ConfigIssues(),
): LoadedAlertmanagerConfig {
  const unsupported = new ConfigIssues();
  const root = readYamlText(yaml, file, { issues });
  if (root === undefined) return { config: undefined, issues, unsupported };
  const fields = root.fields(KEYS);
  const resolve = (path: string) => (isAbsolute(path) || path === '' ? path : join(dirname(file), path));
  const global = fields.global?.fields(GLOBAL_KEYS) ?? {};
  const refuse = (node: ConfigNode, message: string) => unsupported.error(node.place, message);
  const reading = { resolve, unsupported: refuse };
  const client = global.http_config === undefined ? CLIENT_DEFAULT : readClient(global.http_config, reading);
  const receivers = readReceivers(fields.receivers, { ...reading, client });
  const names = new Set<string>();
  const intervals = [
    ...readTimeIntervals(fields.mute_time_intervals, 'mute time', names),
    ...readTimeIntervals(fields.time_intervals, 'time', names),
  ];
  const inhibitRules = (fields.inhibit_rules?.list() ?? []).map(readInhibitRule);
  for (const item of fields.templates?.list() ?? []) checkTemplates(item, resolve);
  if (fields.route === undefined || fields.route.isNull) {
    root.error('no routes provided');
    return { config: undefined, issues, unsupported };
  }
  const route = readRootRoute(fields.route, {
    receivers: new Set(receivers.map(({ name }) => name)),
    timeIntervals: names,
  });
  const resolveTimeoutMs = global.resolve_timeout?.prometheusDurationMs() ?? RESOLVE_TIMEOUT_MS;
  const timeIntervals = new Map(intervals.map(({ name, intervals: list }) => [name, list]));
  return { config: { yaml, resolveTimeoutMs, route, receivers, inhibitRules, timeIntervals }, issues, unsupported };
}

function readInhibitRule(node: ConfigNode): InhibitRule {
  const fields = node.fields({
    source_match: 'used',
    source_match_re: 'used',
    source_matchers: 'used',
    target_match: 'used',
    target_match_re: 'used',
    target_matchers: 'used',
    equal: 'used',
  });
  return {
    source: readMatchers(fields.source_matchers, fields.source_match, fields.source_match_re),
    target: readMatchers(fields.target_matchers, fields.target_match, fields.target_match_re),
    equal: (fields.equal?.list() ?? []).flatMap((item) => {
      const name = item.string() ?? '';
      if (isClassicLabelName(name)) return [name];
      item.error(`"${name}" is not a valid label name`);
      return [];
    }),
  };
}

/** Webhooks carry no templates, but the real one would not start with a file that cannot be parsed. */
function checkTemplates(node: ConfigNode, resolve: (path: string) => string): void {
  for (const file of expandFiles([resolve(node.string() ?? '')])) {
    const problem = checkTemplateFile(file);
    if (problem !== undefined) node.error(problem);
  }
}
