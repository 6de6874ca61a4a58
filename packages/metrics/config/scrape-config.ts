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

/** The real server's defaults, in order of preference. */
const TEXT_PROTOCOLS: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

export const ESCAPING_SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;

export type EscapingScheme = (typeof ESCAPING_SCHEMES)[number];

/** What becomes of histograms, native and classic. */
export interface HistogramScraping {
  /** Native ones are asked for and stored. */
  readonly native: boolean;
  /** Classic ones are stored beside native or converted ones. */
  readonly alwaysClassic: boolean;
  /** Classic ones are stored as native ones with custom buckets. */
  readonly classicToCustom: boolean;
  /** Buckets of a native one, beyond which it is stored coarser; 0 is no limit. */
  readonly bucketsMax: number;
  /** The smallest growth from bucket to bucket that is stored; 0 is no limit. */
  readonly bucketFactorMin: number;
}

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
  readonly histograms: HistogramScraping;
  /** How a target is asked to write names that are not of the classic alphabet. */
  readonly escaping: EscapingScheme;
  /** Names outside the classic alphabet fail the scrape. */
  readonly legacyNames: boolean;
  /** '' for none. */
  readonly failureLogFile: string;
  /** Dropped targets that the status page remembers; 0 is no limit of the file. */
  readonly droppedTargetsMax: number;
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
  scrape_native_histograms: 'used',
  scrape_classic_histograms: 'used',
  always_scrape_classic_histograms: 'used',
  convert_classic_histograms_to_nhcb: 'used',
  scrape_failure_log_file: 'used',
  metrics_path: 'used',
  scheme: 'used',
  enable_compression: 'used',
  body_size_limit: 'used',
  sample_limit: 'used',
  target_limit: 'used',
  label_limit: 'used',
  label_name_length_limit: 'used',
  label_value_length_limit: 'used',
  native_histogram_bucket_limit: 'used',
  native_histogram_min_bucket_factor: 'used',
  keep_dropped_targets: 'used',
  metric_name_validation_scheme: 'used',
  metric_name_escaping_scheme: 'used',
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
    ...readHistograms(fields, global),
    ...readNaming(fields, global),
    fallbackScrapeProtocol: fields.fallback_scrape_protocol?.oneOf(SCRAPE_PROTOCOLS),
    metricsPath: text('metrics_path', '/metrics'),
    scheme: fields.scheme?.oneOf(['http', 'https'] as const) ?? 'http',
    enableCompression: flag('enable_compression', true),
    extraScrapeMetrics: flag('extra_scrape_metrics', global.extraScrapeMetrics),
    failureLogFile: context.resolve(text('scrape_failure_log_file', global.failureLogFile)),
    droppedTargetsMax: fields.keep_dropped_targets?.number() || global.droppedTargetsMax,
    limits: readLimits(fields, global.limits),
    client: readHttpClient(fields, context.resolve, context.unsupported),
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

type HistogramKey =
  | 'scrape_protocols'
  | 'scrape_native_histograms'
  | 'always_scrape_classic_histograms'
  | 'scrape_classic_histograms'
  | 'convert_classic_histograms_to_nhcb'
  | 'native_histogram_bucket_limit'
  | 'native_histogram_min_bucket_factor';

/** Native histograms travel only by protobuf, which is asked for first when they are wanted and nothing else is said. */
export function readHistograms(
  fields: Partial<Record<HistogramKey, ConfigNode>>,
  otherwise: { readonly histograms: HistogramScraping; readonly givenProtocols: readonly ScrapeProtocol[] | undefined },
): { readonly scrapeProtocols: readonly ScrapeProtocol[]; readonly histograms: HistogramScraping } {
  const { histograms: outer } = otherwise;
  const classic = fields.always_scrape_classic_histograms ?? fields.scrape_classic_histograms;
  const factor = fields.native_histogram_min_bucket_factor?.number() ?? outer.bucketFactorMin;
  const native = fields.scrape_native_histograms?.boolean() ?? outer.native;
  return {
    scrapeProtocols:
      readProtocols(fields.scrape_protocols) ??
      otherwise.givenProtocols ??
      (native ? ['PrometheusProto', ...TEXT_PROTOCOLS] : TEXT_PROTOCOLS),
    histograms: {
      native,
      alwaysClassic: classic?.boolean() ?? outer.alwaysClassic,
      classicToCustom: fields.convert_classic_histograms_to_nhcb?.boolean() ?? outer.classicToCustom,
      bucketsMax: fields.native_histogram_bucket_limit?.number() ?? outer.bucketsMax,
      bucketFactorMin: factor,
    },
  };
}

export function readNaming(
  fields: Partial<Record<'metric_name_validation_scheme' | 'metric_name_escaping_scheme', ConfigNode>>,
  otherwise: { readonly legacyNames: boolean; readonly escaping: EscapingScheme | undefined },
): { readonly legacyNames: boolean; readonly escaping: EscapingScheme } {
  const { metric_name_validation_scheme: validation, metric_name_escaping_scheme: escaping } = fields;
  const scheme = validation?.oneOf(['utf8', 'legacy'] as const);
  const legacyNames = scheme === undefined ? otherwise.legacyNames : scheme === 'legacy';
  const asked = escaping?.oneOf(ESCAPING_SCHEMES) ?? otherwise.escaping;
  if (asked === 'allow-utf-8' && legacyNames)
    (escaping ?? validation)?.error('utf8 metric names requested but validation scheme is not set to UTF8');
  return { legacyNames, escaping: asked ?? (legacyNames ? 'underscores' : 'allow-utf-8') };
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
