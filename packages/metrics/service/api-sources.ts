/** What the HTTP API shows, gathered from store, scraper and configuration. */
import type { Clock } from '@mario/service';
import type { ManifestEntry } from '@mario/storage';
import type { Notifications } from '../api/notifications.ts';
import type { ActiveTarget, ApiSources, BlockStatus, NamedCount, TargetsState, TsdbStatus } from '../api/sources.ts';
import { Labels } from '../model/labels.ts';
import type { Engine } from '../promql/index.ts';
import type { Queries } from '../query/queries.ts';
import type { ScrapeManager } from '../scrape/scrape-manager.ts';
import { formatDuration } from '../scrape/target.ts';
import type { MetricsStore } from '../store/metrics-store.ts';
import type { RunningConfig } from './running-config.ts';

export interface SourceParts {
  readonly store: MetricsStore;
  readonly engine: Engine;
  readonly queries: Queries;
  readonly manager: ScrapeManager;
  readonly config: RunningConfig;
  readonly clock: Clock;
  readonly flags: Readonly<Record<string, string>>;
  readonly retentionMs: number;
  readonly retentionSizeBytes: number;
  readonly startedMs: number;
  readonly reload: () => Promise<void>;
  readonly rules: ApiSources['rules'];
  readonly alertmanagers: ApiSources['alertmanagers'];
  readonly adminApi: boolean;
  readonly perStepStats: boolean;
  readonly notifications: Notifications;
}

export function createApiSources(parts: SourceParts): ApiSources {
  const { store, engine, queries, manager, config, clock } = parts;
  return {
    queryable: store,
    engine,
    queries,
    features: engine.features,
    perStepStats: parts.perStepStats,
    nowMs: () => clock.nowMs(),
    targets: () => targetsState(manager),
    relabelRules: (pool) => manager.pools.find(({ config: { jobName } }) => jobName === pool)?.config.relabelConfigs,
    notifications: parts.notifications,
    rules: parts.rules,
    alertmanagers: parts.alertmanagers,
    reload: parts.reload,
    admin: parts.adminApi ? store : undefined,
    externalLabels: () => Labels.from(config.current.global.externalLabels),
    status: {
      configYaml: () => config.current.yaml,
      flags: () => parts.flags,
      startedMs: parts.startedMs,
      lastReload: () => config.lastReload,
      storageRetention: () => retentionText(parts.retentionMs, parts.retentionSizeBytes),
      corruptionCount: () => store.stats.walCorruptionCount,
      tsdb: (limit) => tsdbStatus(store, limit),
      blocks: () => store.stats.blockEntries.toSorted((a, b) => a.minTimeMs - b.minTimeMs).map(blockStatus),
    },
  };
}

function retentionText(retentionMs: number, sizeBytes: number): string {
  const parts = [
    retentionMs > 0 ? formatDuration(retentionMs) : '',
    sizeBytes > 0 ? `${Math.round(sizeBytes / 2 ** 20)}MiB` : '',
  ];
  return parts.filter((part) => part !== '').join(' or ');
}

function targetsState(manager: ScrapeManager): TargetsState {
  const active: ActiveTarget[] = [];
  for (const pool of manager.pools) {
    for (const { target, health, metadata } of pool.loops) {
      active.push({
        discoveredLabels: target.discoveredLabels,
        labels: target.labels.toObject(),
        scrapePool: pool.config.jobName,
        scrapeUrl: target.url,
        health: health.health,
        lastError: health.lastError,
        lastScrapeMs: health.lastScrapeMs,
        lastScrapeDurationS: health.lastDurationS,
        scrapeIntervalMs: target.intervalMs,
        scrapeTimeoutMs: target.timeoutMs,
        metadata: [...metadata].map(([metric, each]) => ({ metric, ...each })),
      });
    }
    for (const { discoveredLabels, error } of pool.failed)
      active.push(failedTarget(pool.config.jobName, discoveredLabels, error));
  }
  active.sort((a, b) =>
    a.scrapePool === b.scrapePool ? compare(a.scrapeUrl, b.scrapeUrl) : compare(a.scrapePool, b.scrapePool),
  );
  const dropped = manager.pools.flatMap((pool) =>
    pool.dropped.map((discoveredLabels) => ({ discoveredLabels, scrapePool: pool.config.jobName })),
  );
  return { active, dropped };
}

function failedTarget(
  scrapePool: string,
  discoveredLabels: Readonly<Record<string, string>>,
  error: string,
): ActiveTarget {
  return {
    discoveredLabels,
    labels: {},
    scrapePool,
    scrapeUrl: '',
    health: 'down',
    lastError: error,
    lastScrapeMs: 0,
    lastScrapeDurationS: 0,
    scrapeIntervalMs: 0,
    scrapeTimeoutMs: 0,
    metadata: [],
  };
}

function tsdbStatus(store: MetricsStore, limit: number): TsdbStatus {
  const { index, stats } = store;
  const pairs: NamedCount[] = [];
  const valuesByName = new Map<string, { count: number; bytes: number }>();
  let pairCount = 0;
  for (const [name, value, count] of index.pairCounts()) {
    pairCount++;
    pairs.push({ name: `${name}=${value}`, value: count });
    const seen = valuesByName.get(name) ?? { count: 0, bytes: 0 };
    valuesByName.set(name, { count: seen.count + 1, bytes: seen.bytes + (name.length + value.length) * count });
  }
  const heaviest = (counts: readonly NamedCount[]) =>
    counts.toSorted((a, b) => b.value - a.value || compare(a.name, b.name)).slice(0, limit);
  const named = [...valuesByName];
  return {
    head: {
      numSeries: stats.headSeriesCount,
      numLabelPairs: pairCount,
      chunkCount: stats.headChunkCount,
      minTimeMs: stats.headMinTimeMs,
      maxTimeMs: stats.headMaxTimeMs,
    },
    seriesCountByMetricName: heaviest(index.metricNameCounts().map(([name, value]) => ({ name, value }))),
    labelValueCountByLabelName: heaviest(named.map(([name, { count }]) => ({ name, value: count }))),
    memoryInBytesByLabelName: heaviest(named.map(([name, { bytes }]) => ({ name, value: bytes }))),
    seriesCountByLabelValuePair: heaviest(pairs),
  };
}

function blockStatus({ name, minTimeMs, maxTimeMs, meta }: ManifestEntry): BlockStatus {
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  return {
    name: name.replace(/\.seg$/, ''),
    minTimeMs,
    maxTimeMs,
    sampleCount: count(meta.samples),
    seriesCount: count(meta.series),
    tombstoneCount: Array.isArray(meta.deletions) ? meta.deletions.length : 0,
    compacted: /^b-\d+-\d+\./.test(name),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
