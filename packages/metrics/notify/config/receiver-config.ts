/** Reads receivers: webhooks are sent from here, other kinds need the real Alertmanager and are refused by name. */
import type { ConfigNode } from '@mario/service';
import {
  HTTP_CLIENT_KEYS,
  type HttpClientConfig,
  readHttpClient,
  type Secret,
} from '../../config/http-client-config.ts';

export interface WebhookConfig {
  readonly url: Secret;
  readonly sendResolved: boolean;
  /** Alerts in one message; 0 is all. */
  readonly maxAlerts: number;
  /** 0: as long as the group's interval. */
  readonly timeoutMs: number;
  readonly client: HttpClientConfig;
}

export interface Receiver {
  readonly name: string;
  readonly webhooks: readonly WebhookConfig[];
}

/** Kinds of receivers that the real one knows (config.Receiver). */
const OTHER_KINDS = [
  ...['discord_configs', 'email_configs', 'incidentio_configs', 'jira_configs', 'mattermost_configs'],
  ...['msteams_configs', 'msteamsv2_configs', 'opsgenie_configs', 'pagerduty_configs', 'pushover_configs'],
  ...['rocketchat_configs', 'slack_configs', 'sns_configs', 'telegram_configs', 'victorops_configs'],
  ...['webex_configs', 'wechat_configs'],
] as const;

export interface ReceiverContext {
  readonly resolve: (path: string) => string;
  readonly unsupported: (node: ConfigNode, message: string) => void;
  /** `global.http_config`, for webhooks without their own. */
  readonly client: HttpClientConfig;
}

export const CLIENT_DEFAULT: HttpClientConfig = readHttpClient({}, (path) => path);

export function readReceivers(node: ConfigNode | undefined, context: ReceiverContext): readonly Receiver[] {
  const names = new Set<string>();
  return (node?.list() ?? []).map((each) => {
    const receiver = readReceiver(each, context);
    if (names.has(receiver.name)) each.error(`notification config name "${receiver.name}" is not unique`);
    names.add(receiver.name);
    return receiver;
  });
}

function readReceiver(node: ConfigNode, context: ReceiverContext): Receiver {
  const others = Object.fromEntries(OTHER_KINDS.map((kind) => [kind, 'used' as const]));
  const fields = node.fields({ name: 'used', webhook_configs: 'used', ...others } as Record<string, 'used'>);
  const name = fields.name?.string() ?? '';
  if (name === '') node.error('missing name in receiver');
  for (const kind of OTHER_KINDS) {
    const given = fields[kind];
    if (given === undefined || given.list().length === 0) continue;
    context.unsupported(
      given,
      'the embedded Alertmanager sends to webhooks only; point webhook_configs at a bridge, or run the real Alertmanager with this file (deploy/compose.yaml) and name it under alerting in prometheus.yml',
    );
  }
  return { name, webhooks: (fields.webhook_configs?.list() ?? []).map((each) => readWebhook(each, context)) };
}

function readWebhook(node: ConfigNode, context: ReceiverContext): WebhookConfig {
  const fields = node.fields({
    send_resolved: 'used',
    url: 'used',
    url_file: 'used',
    http_config: 'used',
    max_alerts: 'used',
    timeout: 'used',
  });
  const { url, url_file: file } = fields;
  if (url === undefined && file === undefined) node.error('one of url or url_file must be configured');
  if (url !== undefined && file !== undefined) file.error('at most one of url & url_file must be configured');
  if (url !== undefined) checkUrl(url);
  const maxAlerts = fields.max_alerts?.number() ?? 0;
  if (!Number.isInteger(maxAlerts) || maxAlerts < 0) fields.max_alerts!.error('must be a whole number from 0');
  const path = file?.string();
  return {
    url: { value: url?.string(), file: path === undefined ? undefined : context.resolve(path) },
    sendResolved: fields.send_resolved?.boolean() ?? true,
    maxAlerts,
    timeoutMs: fields.timeout?.prometheusDurationMs() ?? 0,
    client: fields.http_config === undefined ? context.client : readClient(fields.http_config, context),
  };
}

export function readClient(
  node: ConfigNode,
  { resolve, unsupported }: Pick<ReceiverContext, 'resolve' | 'unsupported'>,
): HttpClientConfig {
  return readHttpClient(node.fields(HTTP_CLIENT_KEYS), resolve, unsupported);
}

function checkUrl(node: ConfigNode): void {
  const text = node.string() ?? '';
  const url = URL.parse(text);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') node.error(`unsupported scheme "${scheme}" for URL`);
  else if (url === null || url.host === '') node.error('missing host for URL');
}
