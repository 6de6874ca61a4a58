/** The server's metrics about itself, under the real server's names. */
import { type ListenerMetrics, OwnMetrics, registerProcessMetrics } from '@mario/service';
import { QUERIES_MAX, type QueryGate } from '../api/query-gate.ts';
import type { RuleGroupState } from '../api/sources.ts';
import { PROMETHEUS_VERSION } from '../api/status-routes.ts';
import type { Mechanism } from '../discovery/discovery.ts';
import type { Queries } from '../query/queries.ts';
import type { Notifier, NotifierCounts } from '../rules/notifier.ts';
import type { RuleObserver } from '../rules/rule-group.ts';
import type { RuleManager } from '../rules/rule-manager.ts';
import type { ScrapeObserver } from '../scrape/scrape-loop.ts';
import type { ScrapeManager } from '../scrape/scrape-manager.ts';
import type { MetricsStore } from '../store/metrics-store.ts';
import type { StoreStats } from '../store/store-options.ts';
import { DurationSummary } from './duration-summary.ts';
import { IntervalSummary } from './interval-summary.ts';

const HTTP_BOUNDS_S = [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120];
const HTTP_BOUNDS_BYTES = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

export interface ServerMetrics {
  readonly registry: OwnMetrics;
  readonly listener: ListenerMetrics;
  readonly scrapes: ScrapeObserver;
  readonly discoveryFailed: (mechanism: Mechanism) => void;
  readonly rules: RuleObserver;
  readonly notifications: NotifierCounts;
}

export function createServerMetrics(
  clockNowMs: () => number,
  onAppendFailed: (job: string, error: Error) => void,
): ServerMetrics {
  const registry = new OwnMetrics();
  registerProcessMetrics(registry);
  registry.observed('prometheus_build_info', "A metric with a constant '1' value labeled by version.", 'gauge', () => [
    [
      {
        version: PROMETHEUS_VERSION,
        revision: 'mario',
        branch: 'main',
        goversion: `node ${process.versions.node}`,
        goarch: process.arch,
        goos: process.platform,
        tags: 'embedded',
      },
      1,
    ],
  ]);
  return {
    registry,
    listener: httpMetrics(registry),
    scrapes: scrapeMetrics(registry, clockNowMs, onAppendFailed),
    discoveryFailed: discoveryMetrics(registry),
    rules: ruleMetrics(registry),
    notifications: notificationMetrics(registry),
  };
}

function httpMetrics(registry: OwnMetrics): ListenerMetrics {
  const requests = registry.counter('prometheus_http_requests_total', 'Counter of HTTP requests.');
  const durations = registry.histogram(
    'prometheus_http_request_duration_seconds',
    'Histogram of latencies for HTTP requests.',
    HTTP_BOUNDS_S,
  );
  const sizes = registry.histogram(
    'prometheus_http_response_size_bytes',
    'Histogram of response size for HTTP requests.',
    HTTP_BOUNDS_BYTES,
  );
  return {
    observe({ route, status, durationS, responseBytes }) {
      const handler = route === '*' ? 'unmatched' : route;
      requests.inc({ code: String(status), handler });
      durations.observe(durationS, { handler });
      sizes.observe(responseBytes, { handler });
    },
  };
}

function scrapeMetrics(
  registry: OwnMetrics,
  nowMs: () => number,
  onAppendFailed: (job: string, error: Error) => void,
): ScrapeObserver {
  const counter = (name: string, help: string) => {
    const made = registry.counter(name, help);
    made.inc({}, 0);
    return made;
  };
  const prefix = 'prometheus_target_scrapes';
  const bodyLimit = counter(
    `${prefix}_exceeded_body_size_limit_total`,
    'Total number of scrapes that hit the body size limit',
  );
  const sampleLimit = counter(
    `${prefix}_exceeded_sample_limit_total`,
    'Total number of scrapes that hit the sample limit and were rejected.',
  );
  const outOfOrder = counter(
    `${prefix}_sample_out_of_order_total`,
    'Total number of samples rejected due to not being out of the expected order.',
  );
  const duplicate = counter(
    `${prefix}_sample_duplicate_timestamp_total`,
    'Total number of samples rejected due to duplicate timestamps but different values.',
  );
  const outOfBounds = counter(
    `${prefix}_sample_out_of_bounds_total`,
    'Total number of samples rejected due to timestamp falling outside of the time bounds.',
  );
  const failed = counter(
    'prometheus_target_scrapes_append_failed_total',
    'Total number of scrapes that could not be stored.',
  );
  const intervals = new IntervalSummary(nowMs);
  registry.register({
    name: 'prometheus_target_interval_length_seconds',
    help: 'Actual intervals between scrapes.',
    type: 'summary',
    samples: () => intervals.samples(),
  });
  return {
    scraped: (target, intervalMs) => intervals.observe(target.key, intervalMs),
    bodySizeLimitExceeded: () => bodyLimit.inc(),
    sampleLimitExceeded: () => sampleLimit.inc(),
    samplesDropped(result, duplicates) {
      outOfOrder.inc({}, result.outOfOrder);
      duplicate.inc({}, result.duplicate + duplicates);
      outOfBounds.inc({}, result.outOfBounds);
    },
    appendFailed(target, error) {
      failed.inc();
      onAppendFailed(target.job, error);
    },
  };
}

/** Failures of discovery, under the name of each mechanism and the common one. */
function discoveryMetrics(registry: OwnMetrics): (mechanism: Mechanism) => void {
  const counter = (name: string, help: string) => {
    const made = registry.counter(name, help);
    made.inc({}, 0);
    return made;
  };
  const own = {
    file: counter('prometheus_sd_file_read_errors_total', 'The number of File-SD read errors.'),
    dns: counter('prometheus_sd_dns_lookup_failures_total', 'The number of DNS-SD lookup failures.'),
    http: counter('prometheus_sd_http_failures_total', 'Number of HTTP service discovery refresh failures.'),
  };
  const all = registry.counter(
    'prometheus_sd_refresh_failures_total',
    'Number of refresh failures for the given SD mechanism.',
  );
  return (mechanism) => {
    own[mechanism].inc();
    all.inc({ mechanism });
  };
}

function ruleMetrics(registry: OwnMetrics): RuleObserver {
  const evaluations = registry.counter('prometheus_rule_evaluations_total', 'The total number of rule evaluations.');
  const failures = registry.counter(
    'prometheus_rule_evaluation_failures_total',
    'The total number of rule evaluation failures.',
  );
  const iterations = registry.counter(
    'prometheus_rule_group_iterations_total',
    'The total number of scheduled rule group evaluations, whether executed or missed.',
  );
  const missed = registry.counter(
    'prometheus_rule_group_iterations_missed_total',
    'The total number of rule group evaluations missed due to slow rule group evaluation.',
  );
  const summary = (name: string, help: string, quantiles: readonly number[]) => {
    const made = new DurationSummary(quantiles);
    registry.register({ name, help, type: 'summary', samples: () => made.samples() });
    return made;
  };
  const durations = summary(
    'prometheus_rule_evaluation_duration_seconds',
    'The duration for a rule to execute.',
    [0.5, 0.9, 0.99],
  );
  const groupDurations = summary(
    'prometheus_rule_group_duration_seconds',
    'The duration of rule group evaluations.',
    [0.01, 0.05, 0.5, 0.9, 0.99],
  );
  return {
    evaluated(group, failed, durationS) {
      durations.observe(durationS);
      evaluations.inc({ rule_group: group });
      failures.inc({ rule_group: group }, failed ? 1 : 0);
    },
    iterated(group, missedCount, durationS) {
      groupDurations.observe(durationS);
      iterations.inc({ rule_group: group }, 1 + missedCount);
      missed.inc({ rule_group: group }, missedCount);
    },
  };
}

function notificationMetrics(registry: OwnMetrics): NotifierCounts {
  const sent = registry.counter('prometheus_notifications_sent_total', 'Total number of alerts sent.');
  const errors = registry.counter(
    'prometheus_notifications_errors_total',
    'Total number of sent alerts affected by errors.',
  );
  const dropped = registry.counter(
    'prometheus_notifications_dropped_total',
    'Total number of alerts dropped due to errors when sending to Alertmanager.',
  );
  dropped.inc({}, 0);
  return {
    sent: (alertmanager, count) => sent.inc({ alertmanager }, count),
    failed: (alertmanager, count) => errors.inc({ alertmanager }, count),
    dropped: (count) => dropped.inc({}, count),
  };
}

export function observeRules(registry: OwnMetrics, rules: RuleManager, notifier: Notifier): void {
  const byGroup = (name: string, help: string, read: (group: RuleGroupState) => number) =>
    registry.observed(name, help, 'gauge', () =>
      rules.states.map((group) => [{ rule_group: `${group.file};${group.name}` }, read(group)]),
    );
  byGroup('prometheus_rule_group_rules', 'The number of rules.', ({ rules: list }) => list.length);
  byGroup(
    'prometheus_rule_group_interval_seconds',
    'The interval of a rule group.',
    ({ intervalMs }) => intervalMs / 1000,
  );
  byGroup(
    'prometheus_rule_group_last_duration_seconds',
    'The duration of the last rule group evaluation.',
    ({ evaluationTimeS }) => evaluationTimeS,
  );
  byGroup(
    'prometheus_rule_group_last_evaluation_timestamp_seconds',
    'The timestamp of the last rule group evaluation in seconds.',
    ({ lastEvaluationMs }) => lastEvaluationMs / 1000,
  );
  byGroup(
    'prometheus_rule_group_last_evaluation_samples',
    'The number of samples returned during the last rule group evaluation.',
    ({ lastSampleCount }) => lastSampleCount,
  );
  byGroup(
    'prometheus_rule_group_last_rule_duration_sum_seconds',
    'The sum of time in seconds it took to evaluate each rule in the group regardless of concurrency. This should be higher than the group duration if rules are evaluated concurrently.',
    ({ rules: list }) => list.reduce((sum, { evaluationTimeS }) => sum + evaluationTimeS, 0),
  );
  const one = (name: string, help: string, read: () => number) =>
    registry.observed(name, help, 'gauge', () => [[{}, read()]]);
  one(
    'prometheus_notifications_queue_length',
    'The number of alert notifications in the queue.',
    () => notifier.queueLength,
  );
  one(
    'prometheus_notifications_queue_capacity',
    'The capacity of the alert notifications queue.',
    () => notifier.queueCapacity,
  );
  one(
    'prometheus_notifications_alertmanagers_discovered',
    'The number of alertmanagers discovered and active.',
    () => notifier.alertmanagers.active.length,
  );
}

type StoreMetric = readonly [
  name: string,
  help: string,
  type: 'counter' | 'gauge',
  read: (stats: StoreStats) => number,
];

const STORE_METRICS: readonly StoreMetric[] = [
  ['prometheus_tsdb_head_series', 'Total number of series in the head block.', 'gauge', (s) => s.headSeriesCount],
  ['prometheus_tsdb_series', 'Series known to the store, in head and loaded blocks.', 'gauge', (s) => s.seriesCount],
  ['prometheus_tsdb_head_chunks', 'Total number of chunks in the head block.', 'gauge', (s) => s.headChunkCount],
  ['prometheus_tsdb_head_min_time', 'Minimum time bound of the head block.', 'gauge', (s) => finite(s.headMinTimeMs)],
  ['prometheus_tsdb_head_max_time', 'Maximum timestamp of the head block.', 'gauge', (s) => finite(s.headMaxTimeMs)],
  [
    'prometheus_tsdb_head_min_time_seconds',
    'Minimum time bound of the head block.',
    'gauge',
    (s) => finite(s.headMinTimeMs) / 1000,
  ],
  [
    'prometheus_tsdb_head_max_time_seconds',
    'Maximum timestamp of the head block.',
    'gauge',
    (s) => finite(s.headMaxTimeMs) / 1000,
  ],
  [
    'prometheus_tsdb_out_of_order_samples_total',
    'Total number of out of order samples that were refused.',
    'counter',
    (s) => s.outOfOrderCount,
  ],
  [
    'prometheus_tsdb_duplicate_samples_total',
    'Total number of samples refused because another one has the same time.',
    'counter',
    (s) => s.duplicateCount,
  ],
  [
    'prometheus_tsdb_out_of_bound_samples_total',
    'Total number of out of bound samples that were refused.',
    'counter',
    (s) => s.outOfBoundsCount,
  ],
  ['prometheus_tsdb_blocks_loaded', 'Number of currently loaded data blocks.', 'gauge', (s) => s.blockCount],
  [
    'prometheus_tsdb_storage_blocks_bytes',
    'The number of bytes that are currently used for local storage by all blocks.',
    'gauge',
    (s) => s.blockBytes,
  ],
  ['prometheus_tsdb_wal_storage_size_bytes', 'Size of the write log directory.', 'gauge', (s) => s.walBytes],
  ['prometheus_tsdb_wal_corruptions_total', 'Total number of WAL corruptions.', 'counter', (s) => s.walCorruptionCount],
  [
    'prometheus_tsdb_blocks_corrupt_total',
    'Total number of blocks that were damaged and set aside.',
    'counter',
    (s) => s.corruptSegmentCount,
  ],
  [
    'prometheus_tsdb_compactions_total',
    'Total number of compactions that were executed for the partition.',
    'counter',
    (s) => s.flushCount + s.compactionCount,
  ],
  [
    'prometheus_tsdb_compactions_failed_total',
    'Total number of compactions that failed for the partition.',
    'counter',
    (s) => s.flushFailureCount + s.compactionFailureCount,
  ],
  [
    'prometheus_tsdb_head_truncations_total',
    'Total number of head truncations attempted.',
    'counter',
    (s) => s.flushCount,
  ],
  [
    'prometheus_tsdb_append_failures_total',
    'Total number of requests that could not be written, and of maintenance that failed.',
    'counter',
    (s) => s.appendFailureCount,
  ],
  [
    'prometheus_tsdb_deletions_total',
    'Total number of deletions of series that were asked for.',
    'counter',
    (s) => s.deletionCount,
  ],
  [
    'prometheus_tsdb_tombstones',
    'Deletions that blocks and the head still carry until they are compacted.',
    'gauge',
    (s) => s.tombstoneCount,
  ],
  [
    'prometheus_tsdb_clock_jumps_total',
    'Total number of times that the clock of the machine was seen to jump.',
    'counter',
    (s) => s.clockJumpCount,
  ],
  [
    'prometheus_tsdb_data_replay_duration_seconds',
    'Time taken to replay the data on disk.',
    'gauge',
    (s) => s.replayDurationMs / 1000,
  ],
  [
    'prometheus_tsdb_exemplar_exemplars_appended_total',
    'Total number of appended exemplars.',
    'counter',
    (s) => s.exemplarAppendedCount,
  ],
  [
    'prometheus_tsdb_exemplar_exemplars_in_storage',
    'Number of exemplars currently in circular storage.',
    'gauge',
    (s) => s.exemplarCount,
  ],
];

export function observeStore(registry: OwnMetrics, store: MetricsStore): void {
  for (const [name, help, type, read] of STORE_METRICS) {
    registry.observed(name, help, type, () => [[{}, read(store.stats)]]);
  }
  registry.observed(
    'prometheus_tsdb_head_samples_appended_total',
    'Total number of appended samples.',
    'counter',
    () => [[{ type: 'float' }, store.stats.appendedCount]],
  );
  registry.observed(
    'prometheus_tsdb_series_refused_total',
    'Total number of look-ups refused because a limit on series or labels is met.',
    'counter',
    () => Array.from(store.stats.seriesRefused, ([reason, count]) => [{ reason }, count]),
  );
  registry.observed(
    'prometheus_tsdb_lowest_timestamp_seconds',
    'Lowest timestamp value stored in the database.',
    'gauge',
    () => [[{}, finite(store.minTimeMs) / 1000]],
  );
}

export function observeQueries(registry: OwnMetrics, queries: Queries): void {
  const gauge = (name: string, help: string, read: () => number) =>
    registry.observed(name, help, 'gauge', () => [[{}, read()]]);
  gauge('prometheus_engine_queries', 'The current number of queries being executed or waiting.', () => queries.running);
  gauge('prometheus_engine_queries_concurrent_max', 'The max number of concurrent queries.', () => QUERIES_MAX);
  gauge('prometheus_engine_query_threads', 'Threads that evaluate queries at the moment.', () => queries.threadCount);
}

export function observeReads(registry: OwnMetrics, reads: QueryGate): void {
  registry.observed(
    'prometheus_remote_read_handler_queries',
    'The current number of remote read queries being answered.',
    'gauge',
    () => [[{}, reads.running]],
  );
}

export function observeScraping(
  registry: OwnMetrics,
  manager: ScrapeManager,
  reload: () => { ok: boolean; atMs: number },
): void {
  registry.observed(
    'prometheus_target_scrape_pool_targets',
    'Current number of targets in this scrape pool.',
    'gauge',
    () => manager.pools.map((pool) => [{ scrape_job: pool.config.jobName }, pool.loops.length]),
  );
  registry.observed('prometheus_target_scrape_pools_total', 'Total number of scrape pools.', 'counter', () => [
    [{}, manager.pools.length],
  ]);
  registry.observed('prometheus_sd_discovered_targets', 'Current number of discovered targets.', 'gauge', () =>
    manager.pools.map((pool) => [
      { name: 'scrape', config: pool.config.jobName },
      pool.loops.length + pool.droppedCount,
    ]),
  );
  registry.observed(
    'prometheus_config_last_reload_successful',
    'Whether the last configuration reload attempt was successful.',
    'gauge',
    () => [[{}, reload().ok ? 1 : 0]],
  );
  registry.observed(
    'prometheus_config_last_reload_success_timestamp_seconds',
    'Timestamp of the last successful configuration reload.',
    'gauge',
    () => [[{}, reload().atMs / 1000]],
  );
  registry.observed(
    'prometheus_ready',
    'Whether Prometheus startup was fully completed and the server is ready for normal operation.',
    'gauge',
    () => [[{}, 1]],
  );
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
