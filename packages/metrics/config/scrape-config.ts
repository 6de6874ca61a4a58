/** One entry of `scrape_configs`, with the defaults of `global` filled in. */
import type { ConfigNode } from '@mario/service';
import { DISCOVERY_KEYS, type DiscoveryConfig, readDiscovery } from './discovery-config.ts';
import type { GlobalConfig } from './global-config.ts';
import { HTTP_CLIENT_KEYS, type HttpClientConfig, readHttpClient } from './http-client-config.ts';
import { type RelabelConfig, readRelabelConfigs } from './relabel-config.ts';

/** 0 is no limit. */
export interface ScrapeLimits {
  readonly bodySizeBytes: number;
  readonly samples: number;
  readonly targets: number;
  readonly labels: number;
  readonly labelNameLength: number;
  readonly labelValueLength: number;
}

export const SCRAPE_PROTOCOLS = [
  'PrometheusProto',
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
] as const;

export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

export interface ScrapeConfig {
  readonly jobName: string;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly metricsPath: string;
  readonly scheme: 'http' | 'https';
  readonly enableCompression: boolean;
  readonly extraScrapeMetrics: boolean;
  readonly limits: ScrapeLimits;
  readonly client: HttpClientConfig;
  readonly discovery: DiscoveryConfig;
  readonly relabelConfigs: readonly RelabelConfig[];
  readonly metricRelabelConfigs: readonly RelabelConfig[];
}

const KEYS = {
  job_name: 'used',
  honor_labels: 'used',
  honor_timestamps: 'used',
  track_timestamps_staleness: 'used',
  params: 'used',
  scrape_interval: 'used',
  scrape_timeout: 'used',
  scrape_protocols: 'used',
  fallback_scrape_protocol: 'used',
  scrape_native_histograms: 'unused',
  scrape_classic_histograms: 'unused',
  always_scrape_classic_histograms: 'unused',
  convert_classic_histograms_to_nhcb: 'unused',
  scrape_failure_log_file: 'unused',
  metrics_path: 'used',
  scheme: 'used',
  enable_compression: 'used',
  body_size_limit: 'used',
  sample_limit: 'used',
  target_limit: 'used',
  label_limit: 'used',
  label_name_length_limit: 'used',
  label_value_length_limit: 'used',
  native_histogram_bucket_limit: 'unused',
  native_histogram_min_bucket_factor: 'unused',
  keep_dropped_targets: 'unused',
  metric_name_validation_scheme: 'unused',
  metric_name_escaping_scheme: 'unused',
  extra_scrape_metrics: 'used',
  relabel_configs: 'used',
  metric_relabel_configs: 'used',
  ...HTTP_CLIENT_KEYS,
  ...DISCOVERY_KEYS,
} as const;

export interface ScrapeConfigContext {
  readonly global: GlobalConfig;
  readonly resolve: (path: string) => string;
  readonly unsupported: (node: ConfigNode, message: string) => void;
}

export function readScrapeConfig(node: ConfigNode, context: ScrapeConfigContext): ScrapeConfig | undefined {
  if (node.isNull) {
    node.error('empty or null scrape config section');
    return undefined;
  }
  const fields = node.fields(KEYS);
  const { global } = context;
  const jobName = fields.job_name?.string() ?? '';
  if (jobName === '') node.error('job_name is empty');
  const intervals = readIntervals(node, fields, global, jobName);
  const text = (name: keyof typeof fields, otherwise: string) => fields[name]?.string() ?? otherwise;
  const flag = (name: keyof typeof fields, otherwise: boolean) => fields[name]?.boolean() ?? otherwise;
  return {
    jobName,
    honorLabels: flag('honor_labels', false),
    honorTimestamps: flag('honor_timestamps', true),
    trackTimestampsStaleness: flag('track_timestamps_staleness', false),
    params: readParams(fields.params),
    ...intervals,
    scrapeProtocols: readProtocols(fields.scrape_protocols) ?? global.scrapeProtocols,
    fallbackScrapeProtocol: fields.fallback_scrape_protocol?.oneOf(SCRAPE_PROTOCOLS),
    metricsPath: text('metrics_path', '/metrics'),
    scheme: fields.scheme?.oneOf(['http', 'https'] as const) ?? 'http',
    enableCompression: flag('enable_compression', true),
    extraScrapeMetrics: flag('extra_scrape_metrics', global.extraScrapeMetrics),
    limits: readLimits(fields, global.limits),
    client: readHttpClient(fields, context.resolve),
    discovery: readDiscovery(fields, context.resolve, context.unsupported),
    relabelConfigs: readRelabelConfigs(fields.relabel_configs),
    metricRelabelConfigs: readRelabelConfigs(fields.metric_relabel_configs),
  };
}

type LimitKey =
  | 'body_size_limit'
  | 'sample_limit'
  | 'target_limit'
  | 'label_limit'
  | 'label_name_length_limit'
  | 'label_value_length_limit';

/** The limits named in `fields`, else those of `otherwise`; 0 in a scrape config also means the global limit. */
export function readLimits(fields: Partial<Record<LimitKey, ConfigNode>>, otherwise: ScrapeLimits): ScrapeLimits {
  return {
    bodySizeBytes: fields.body_size_limit?.sizeBytes() || otherwise.bodySizeBytes,
    samples: fields.sample_limit?.number() || otherwise.samples,
    targets: fields.target_limit?.number() || otherwise.targets,
    labels: fields.label_limit?.number() || otherwise.labels,
    labelNameLength: fields.label_name_length_limit?.number() || otherwise.labelNameLength,
    labelValueLength: fields.label_value_length_limit?.number() || otherwise.labelValueLength,
  };
}

export function readProtocols(node: ConfigNode | undefined): readonly ScrapeProtocol[] | undefined {
  if (node === undefined) return undefined;
  const protocols = node.list().flatMap((item) => item.oneOf(SCRAPE_PROTOCOLS) ?? []);
  if (new Set(protocols).size < protocols.length) node.error('duplicated protocol in scrape_protocols');
  return protocols;
}

function readIntervals(
  node: ConfigNode,
  fields: Partial<Record<'scrape_interval' | 'scrape_timeout', ConfigNode>>,
  global: GlobalConfig,
  job: string,
) {
  const scrapeIntervalMs = fields.scrape_interval?.prometheusDurationMs() || global.scrapeIntervalMs;
  const asked = fields.scrape_timeout?.prometheusDurationMs();
  if (asked !== undefined && asked > scrapeIntervalMs) {
    node.error(`scrape timeout greater than scrape interval for scrape config with job name "${job}"`);
  }
  const scrapeTimeoutMs = asked || Math.min(global.scrapeTimeoutMs, scrapeIntervalMs);
  return { scrapeIntervalMs, scrapeTimeoutMs };
}

function readParams(node: ConfigNode | undefined): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries((node?.entries() ?? []).map(([name, values]) => [name, values.strings()]));
}
