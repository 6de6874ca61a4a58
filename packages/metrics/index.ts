/** Metrics: a Prometheus-compatible store with PromQL, scraping, rules and the HTTP API. */

export { checkPrometheusConfig, type PrometheusCheck } from './config/check.ts';
export { type PrometheusConfig, parsePrometheusConfig } from './config/prometheus-config.ts';
export { ScrapeReader } from './exposition/scrape-reader.ts';
export type { ExpositionFormat } from './exposition/scraped-samples.ts';
export { runOpenmetricsConformance } from './exposition/strict/conformance.ts';
export { Labels } from './model/labels.ts';
export { loadAlertmanagerConfig } from './notify/config/alertmanager-config.ts';
export { createEngine, parseExpr, printExpr, runPromqlConformance } from './promql/index.ts';
export type { MetricMetadata, Queryable } from './queryable.ts';
export { metricName } from './remote/otlp-names.ts';
export { type RuleTestReport, runRuleTests } from './rules/rule-tests.ts';
export { type MetricsService, type MetricsServiceOptions, openMetricsService } from './service/open-metrics-service.ts';
export { MetricsStore } from './store/metrics-store.ts';
export type { MetricsStoreOptions } from './store/store-options.ts';
