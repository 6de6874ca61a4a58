/** The `global` section: defaults for all scrapes and rules. */
import type { ConfigNode } from '@mario/service';
import { readLimits, readProtocols, type ScrapeLimits, type ScrapeProtocol } from './scrape-config.ts';

export interface GlobalConfig {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
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
  scrape_failure_log_file: 'unused',
  external_labels: 'used',
  body_size_limit: 'used',
  sample_limit: 'used',
  target_limit: 'used',
  label_limit: 'used',
  label_name_length_limit: 'used',
  label_value_length_limit: 'used',
  keep_dropped_targets: 'unused',
  metric_name_validation_scheme: 'unused',
  metric_name_escaping_scheme: 'unused',
  scrape_native_histograms: 'unused',
  convert_classic_histograms_to_nhcb: 'unused',
  always_scrape_classic_histograms: 'unused',
  extra_scrape_metrics: 'used',
} as const;

/** The real server's defaults (config.DefaultGlobalConfig). */
export const GLOBAL_DEFAULT: GlobalConfig = {
  scrapeIntervalMs: 60_000,
  scrapeTimeoutMs: 10_000,
  evaluationIntervalMs: 60_000,
  ruleQueryOffsetMs: 0,
  scrapeProtocols: ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'],
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
    scrapeProtocols: readProtocols(fields.scrape_protocols) ?? GLOBAL_DEFAULT.scrapeProtocols,
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
