/** A whole `prometheus.yml`: every key of the real server is known; what this engine does not do is named. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ConfigIssues, type ConfigNode, readYamlText } from '@mario/service';
import { type AlertingConfig, readAlerting } from './alerting-config.ts';
import { expandFiles } from './file-pattern.ts';
import { type GlobalConfig, readGlobal } from './global-config.ts';
import { type OtlpConfig, readOtlp } from './otlp-config.ts';
import { checkRemoteRead, checkRemoteWrite } from './remote-config.ts';
import { readScrapeConfig, type ScrapeConfig } from './scrape-config.ts';
import { readStorage, type StorageConfig } from './storage-config.ts';

export interface PrometheusConfig {
  /** The file's text, for `/api/v1/status/config`. */
  readonly yaml: string;
  readonly global: GlobalConfig;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** Absolute paths or patterns; see expandFiles. */
  readonly ruleFiles: readonly string[];
  readonly alerting: AlertingConfig;
  readonly storage: StorageConfig;
  readonly otlp: OtlpConfig;
}

export interface LoadedConfig {
  /** Undefined when the file cannot be read or is not YAML. */
  readonly config: PrometheusConfig | undefined;
  /** Errors: the real server refuses it too. Warnings: taken, not used here. */
  readonly issues: ConfigIssues;
  /** Valid for the real server, and needed to do what the file says, but not available in this engine: a refusal to start. */
  readonly unsupported: ConfigIssues;
}

const KEYS = {
  global: 'used',
  runtime: 'unused',
  alerting: 'used',
  rule_files: 'used',
  scrape_configs: 'used',
  scrape_config_files: 'used',
  storage: 'used',
  tracing: 'unused',
  remote_write: 'used',
  remote_read: 'used',
  otlp: 'used',
} as const;

export interface LoadOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function loadPrometheusConfig(file: string, options: LoadOptions = {}): LoadedConfig {
  const issues = new ConfigIssues();
  let yaml: string;
  try {
    yaml = readFileSync(file, 'utf8');
  } catch (error) {
    issues.error({ file, line: 1, column: 1, key: '' }, `cannot be read: ${(error as Error).message}`);
    return { config: undefined, issues, unsupported: new ConfigIssues() };
  }
  return parsePrometheusConfig(yaml, file, issues, options);
}

/** `file` names the text in messages, and relative paths in it start from its folder. */
export function parsePrometheusConfig(
  yaml: string,
  file: string,
  issues = new ConfigIssues(),
  options: LoadOptions = {},
): LoadedConfig {
  const unsupported = new ConfigIssues();
  const node = readYamlText(yaml, file, { issues });
  if (node === undefined) return { config: undefined, issues, unsupported };
  const fields = node.fields(KEYS);
  const resolve = (path: string) => (isAbsolute(path) || path === '' ? path : join(dirname(file), path));
  const global = readGlobal(fields.global, options.env ?? process.env);
  const refuse = (at: ConfigNode, message: string) => unsupported.error(at.place, message);
  const context = { global, resolve, unsupported: refuse };
  const scrapeNodes = [
    ...(fields.scrape_configs?.list() ?? []),
    ...readConfigFiles((fields.scrape_config_files?.strings() ?? []).map(resolve), issues),
  ];
  const scrapeConfigs = scrapeNodes.flatMap((each) => readScrapeConfig(each, context) ?? []);
  checkJobNames(scrapeNodes);
  checkRemoteWrite(fields.remote_write, resolve);
  checkRemoteRead(fields.remote_read, resolve);
  return {
    config: {
      yaml,
      global,
      scrapeConfigs,
      ruleFiles: (fields.rule_files?.strings() ?? []).map(resolve),
      alerting: readAlerting(fields.alerting, resolve, refuse),
      storage: readStorage(fields.storage),
      otlp: readOtlp(fields.otlp),
    },
    issues,
    unsupported,
  };
}

function checkJobNames(nodes: readonly ConfigNode[]): void {
  const seen = new Set<string>();
  for (const node of nodes) {
    const job = node.kind === 'mapping' ? node.get('job_name') : undefined;
    const name = job?.string();
    if (job === undefined || name === undefined) continue;
    if (seen.has(name)) job.error(`found multiple scrape configs with job name "${name}"`);
    seen.add(name);
  }
}

/** `scrape_config_files`: files that hold nothing but more `scrape_configs`. */
function readConfigFiles(patterns: readonly string[], issues: ConfigIssues): readonly ConfigNode[] {
  return expandFiles(patterns).flatMap((file) => {
    const node = readYamlText(readFileSync(file, 'utf8'), file, { issues });
    return node?.fields({ scrape_configs: 'used' }).scrape_configs?.list() ?? [];
  });
}
