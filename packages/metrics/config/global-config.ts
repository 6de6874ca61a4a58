/** The `global` section: defaults for all scrapes and rules. */
import type { ConfigNode } from '@mario/service';
import {
  ESCAPING_SCHEMES,
  type EscapingScheme,
  type HistogramScraping,
  readHistograms,
  readLimits,
  readNaming,
  readProtocols,
  type ScrapeLimits,
  type ScrapeProtocol,
} from './scrape-config.ts';

export interface GlobalConfig {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  /** Undefined: those that a scrape config needs. */
  readonly givenProtocols: readonly ScrapeProtocol[] | undefined;
  readonly histograms: HistogramScraping;
  readonly legacyNames: boolean;
  readonly escaping: EscapingScheme | undefined;
  readonly failureLogFile: string;
  readonly droppedTargetsMax: number;
  readonly extraScrapeMetrics: boolean;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly limits: ScrapeLimits;
}

const KEYS = {
  scrape_interval: 'used',
  scrape_timeout: 'used',
  scrape_protocols: 'used',
  evaluation_interval: 'used',
  rule_query_offset: 'used',
  query_log_file: 'unused',
  scrape_failure_log_file: 'used',
  external_labels: 'used',
  body_size_limit: 'used',
  sample_limit: 'used',
  target_limit: 'used',
  label_limit: 'used',
  label_name_length_limit: 'used',
  label_value_length_limit: 'used',
  keep_dropped_targets: 'used',
  metric_name_validation_scheme: 'used',
  metric_name_escaping_scheme: 'used',
  scrape_native_histograms: 'used',
  convert_classic_histograms_to_nhcb: 'used',
  always_scrape_classic_histograms: 'used',
  extra_scrape_metrics: 'used',
} as const;

/** The real server's defaults (config.DefaultGlobalConfig). */
export const GLOBAL_DEFAULT: GlobalConfig = {
  scrapeIntervalMs: 60_000,
  scrapeTimeoutMs: 10_000,
  evaluationIntervalMs: 60_000,
  ruleQueryOffsetMs: 0,
  givenProtocols: undefined,
  histograms: { native: false, alwaysClassic: false, classicToCustom: false, bucketsMax: 0, bucketFactorMin: 0 },
  legacyNames: false,
  escaping: undefined,
  failureLogFile: '',
  droppedTargetsMax: 0,
  extraScrapeMetrics: false,
  externalLabels: {},
  limits: { bodySizeBytes: 0, samples: 0, targets: 0, labels: 0, labelNameLength: 0, labelValueLength: 0 },
};

export function readGlobal(
  node: ConfigNode | undefined,
  env: Readonly<Record<string, string | undefined>>,
): GlobalConfig {
  if (node === undefined || node.isNull) return GLOBAL_DEFAULT;
  const fields = node.fields(KEYS);
  const scrapeIntervalMs = fields.scrape_interval?.prometheusDurationMs() || GLOBAL_DEFAULT.scrapeIntervalMs;
  const timeoutMs = fields.scrape_timeout?.prometheusDurationMs();
  if (timeoutMs !== undefined && timeoutMs > scrapeIntervalMs) {
    fields.scrape_timeout!.error('global scrape timeout greater than scrape interval');
  }
  return {
    scrapeIntervalMs,
    scrapeTimeoutMs: timeoutMs || Math.min(GLOBAL_DEFAULT.scrapeTimeoutMs, scrapeIntervalMs),
    evaluationIntervalMs: fields.evaluation_interval?.prometheusDurationMs() || GLOBAL_DEFAULT.evaluationIntervalMs,
    ruleQueryOffsetMs: fields.rule_query_offset?.prometheusDurationMs() ?? 0,
    givenProtocols: readProtocols(fields.scrape_protocols),
    histograms: readHistograms(fields, GLOBAL_DEFAULT).histograms,
    legacyNames: readNaming(fields, GLOBAL_DEFAULT).legacyNames,
    escaping: fields.metric_name_escaping_scheme?.oneOf(ESCAPING_SCHEMES),
    failureLogFile: fields.scrape_failure_log_file?.string() ?? '',
    droppedTargetsMax: fields.keep_dropped_targets?.number() ?? 0,
    extraScrapeMetrics: fields.extra_scrape_metrics?.boolean() ?? false,
    externalLabels: expandValues(fields.external_labels?.stringMap() ?? {}, env),
    limits: readLimits(fields, GLOBAL_DEFAULT.limits),
  };
}

/** `$NAME` and `${NAME}` from the environment, `$$` for a dollar sign: the real server does so for external labels. */
function expandValues(labels: Readonly<Record<string, string>>, env: Readonly<Record<string, string | undefined>>) {
  const expand = (text: string) =>
    text.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar, braced, bare) =>
      dollar ? '$' : (env[braced ?? bare] ?? ''),
    );
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, expand(value)]));
}
