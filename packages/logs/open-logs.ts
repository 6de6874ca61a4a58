/** Puts the store, the intake, the engine and the API together and opens the port. */
import type { LogBatch, LogsConsumer } from '@mario/otlp';
import {
  closeOnce,
  createListener,
  listen,
  listenerMetrics,
  OwnMetrics,
  registerProcessMetrics,
  type Service,
  type ServiceContext,
} from '@mario/service';
import type { StorageDirectory } from '@mario/storage';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './api/api-context.ts';
import { addFieldRoutes } from './api/field-routes.ts';
import { addIndexRoutes } from './api/index-routes.ts';
import { addLabelRoutes } from './api/label-routes.ts';
import { addPushRoutes } from './api/push-routes.ts';
import { QueryEngine } from './api/query-engine.ts';
import { addQueryRoutes } from './api/query-routes.ts';
import { QuerySlots } from './api/query-slots.ts';
import { addStatusRoutes, IMITATED_VERSION } from './api/status-routes.ts';
import { TailServer } from './api/tail.ts';
import type { LokiConfig } from './config/loki-config.ts';
import { consumeLogBatch } from './intake/consumer.ts';
import { Distributor } from './intake/distributor.ts';
import { LogStore } from './store/log-store.ts';

export interface LogsOptions {
  readonly context: ServiceContext;
  readonly config: LokiConfig;
  /** The folder of this store alone; `openMemoryDirectory()` for an ephemeral one. */
  readonly directory: StorageDirectory;
  /** The port instead of the configured one (the offset is not added); 0 takes any. */
  readonly port?: number;
  /** Overrides the configured retention; 0 keeps for ever. */
  readonly retentionMsMax?: number;
  /** Disk for segments and the write-ahead log; the oldest segments go first. 0 or absent: no limit. */
  readonly diskBytesMax?: number;
  /** Memory for entries that are not in a segment yet. */
  readonly memoryBytesMax?: number;
}

export interface LogsService extends Service {
  /** For the collector in the same process. */
  readonly consumer: LogsConsumer;
  readonly metrics: OwnMetrics;
  readonly store: LogStore;
  /** The port that was opened. */
  readonly port: number;
}

/** Segments of this size of text compress well and are few. */
const HEAD_BYTES_DEFAULT = 32 * 1024 * 1024;

/** A quarter of the budget: sealing doubles it for a moment, and queries need memory too. */
const HEAD_SHARE = 0.25;

/** As Loki's own histogram. */
const DURATION_BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];

/** Resolves when requests are answered; rejects with an OperatingError or StorageError that says what is wrong. */
export async function openLogs(options: LogsOptions): Promise<LogsService> {
  const { context, config, directory } = options;
  const metrics = new OwnMetrics();
  registerProcessMetrics(metrics);
  const store = await LogStore.open({
    directory,
    clock: context.clock,
    log: context.log,
    limits: config.limits,
    retention: { ageMsMax: options.retentionMsMax ?? config.retentionMsMax, sizeBytesMax: options.diskBytesMax ?? 0 },
    headBytesMax:
      options.memoryBytesMax === undefined
        ? HEAD_BYTES_DEFAULT
        : Math.max(1024 * 1024, options.memoryBytesMax * HEAD_SHARE),
    headAgeMsMax: config.headAgeMsMax,
  });
  try {
    registerStoreMetrics(metrics, store);
    const api: ApiContext = {
      store,
      distributor: new Distributor(store, config.limits, metrics),
      engine: new QueryEngine(store, config.queryLimits),
      slots: new QuerySlots(config.queryConcurrencyMax),
      otlpRules: config.otlpRules,
      metrics,
      clock: context.clock,
      configText: config.text,
    };
    const app = await createApp(api);
    const tails = new TailServer(api, context.log);
    tails.attach(app.server);
    const address = await listen(app, 'logs', context.host, options.port ?? config.httpPort + context.portOffset);
    for (const { key, message, line } of config.warnings) context.log.debug('configuration', { key, line, message });
    const consumer: LogsConsumer = { consumeLogs: (batch: LogBatch) => consumeLogBatch(api, batch) };
    return {
      name: 'logs',
      addresses: [address],
      port: Number(new URL(address).port),
      consumer,
      metrics,
      store,
      // Intake and reads share the listener: it is drained first, storage last.
      close: closeOnce(async () => {
        tails.close();
        await app.close();
        await store.close();
      }),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function createApp(api: ApiContext): Promise<FastifyInstance> {
  const durations = api.metrics.histogram(
    'loki_request_duration_seconds',
    'Time (in seconds) spent serving HTTP requests.',
    DURATION_BOUNDS_S,
  );
  const app = await createListener({
    compressBytesMin: 1024,
    metrics: listenerMetrics(undefined, durations, ({ method, route, status }) => ({
      method,
      route: route.replace(/^\//, '').replaceAll('/', '_').replaceAll(':', '') || 'root',
      status_code: String(status),
      ws: 'false',
    })),
  });
  // Bodies are read as they are: each route knows what it takes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body);
  addPushRoutes(app, api);
  addQueryRoutes(app, api);
  addLabelRoutes(app, api);
  addIndexRoutes(app, api);
  addFieldRoutes(app, api);
  addStatusRoutes(app, api);
  app.setNotFoundHandler(async (_request, reply) =>
    reply.status(404).type('text/plain; charset=utf-8').send('404 page not found\n'),
  );
  return app;
}

function registerStoreMetrics(metrics: OwnMetrics, store: LogStore): void {
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.observed(name, help, 'gauge', () => [[{}, read()]]);
  const counter = (name: string, help: string, read: () => number): void =>
    metrics.observed(name, help, 'counter', () => [[{}, read()]]);
  metrics.observed('loki_build_info', 'The version whose API this server has.', 'gauge', () => [
    [{ version: IMITATED_VERSION, branch: 'main', goversion: '', revision: 'embedded' }, 1],
  ]);
  gauge(
    'loki_ingester_memory_streams',
    'The total number of streams in memory.',
    () => store.stats().activeStreamCount,
  );
  gauge(
    'loki_ingester_memory_bytes',
    'Bytes of entries in memory that are not in a segment yet.',
    () => store.stats().headBytes,
  );
  gauge(
    'loki_ingester_memory_entries',
    'Entries in memory that are not in a segment yet.',
    () => store.stats().headEntryCount,
  );
  gauge('loki_ingester_wal_disk_bytes', 'Bytes of the write-ahead log.', () => store.stats().walBytes);
  gauge('loki_store_streams', 'Streams with entries, in memory or on disk.', () => store.stats().streamCount);
  gauge('loki_store_segments', 'Segments on disk.', () => store.stats().segmentCount);
  gauge('loki_store_segment_bytes', 'Bytes of segments on disk.', () => store.stats().segmentBytes);
  counter(
    'loki_ingester_duplicate_entries_total',
    'Entries that were there already and were not stored again.',
    () => store.stats().duplicateCount,
  );
  counter('loki_ingester_chunks_flushed_total', 'Segments written.', () => store.stats().flushCount);
  counter(
    'loki_ingester_flush_failures_total',
    'Segments that could not be written; their entries stay in memory and in the log.',
    () => store.stats().flushFailureCount,
  );
  counter(
    'loki_ingester_wal_corruptions_total',
    'Damaged files that were set aside.',
    () => store.stats().corruptCount,
  );
  counter(
    'loki_compactor_merged_segments_total',
    'Small segments merged into larger ones.',
    () => store.stats().mergedSegmentCount,
  );
  counter(
    'loki_compactor_deleted_segments_total',
    'Segments deleted by retention.',
    () => store.stats().expiredSegmentCount,
  );
}
