/** Puts store, scraper, intake, engine and API together and opens the port. */
import dns from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import type { MetricsConsumer } from '@mario/otlp';
import {
  addMetricsRoute,
  closeOnce,
  createListener,
  listen,
  type OwnMetrics,
  type Service,
  type ServiceContext,
} from '@mario/service';
import type { StorageDirectory } from '@mario/storage';
import { addApiRoutes } from '../api/routes.ts';
import { createEngine, type EngineOptions } from '../promql/index.ts';
import { OtlpIntake } from '../remote/otlp-intake.ts';
import { RemoteWrite } from '../remote/remote-write.ts';
import { createFetch } from '../scrape/fetch.ts';
import { ScrapeManager } from '../scrape/scrape-manager.ts';
import { MetricsStore, type StoreLimits } from '../store/metrics-store.ts';
import { createApiSources } from './api-sources.ts';
import { addIntakeRoutes } from './intake-routes.ts';
import { createServerMetrics, observeScraping, observeStore, type ServerMetrics } from './own-metrics.ts';
import { type ConfigSource, RunningConfig } from './running-config.ts';

export interface MetricsServiceOptions extends ServiceContext {
  /** A prometheus.yml, or its text. */
  readonly config: ConfigSource;
  /** The folder of this store alone; `openMemoryDirectory()` for an ephemeral one. */
  readonly directory: StorageDirectory;
  /** Before the offset is added; 9090 when absent, 0 takes any free one (no offset). */
  readonly port?: number | undefined;
  /** Overrides the file's; the real server's default is 15 days, 0 keeps for ever. */
  readonly retentionMs?: number | undefined;
  /** Disk for blocks and log; the oldest blocks go first. */
  readonly diskBytesMax?: number | undefined;
  readonly limits?: Partial<StoreLimits> | undefined;
  readonly engine?: EngineOptions | undefined;
}

export interface MetricsService extends Service {
  readonly name: 'metrics';
  /** Where the collector hands metrics over without a socket. */
  readonly consumer: MetricsConsumer;
  readonly store: MetricsStore;
  readonly metrics: OwnMetrics;
  /** The bound port. */
  readonly port: number;
  /** Reads the configuration again; rejects with what is wrong. */
  reload(): Promise<void>;
}

const PORT = 9090;
const RETENTION_MS = 15 * 86_400_000;
const COMPRESS_BYTES_MIN = 2_048;

/** Resolves when requests are answered; rejects with an OperatingError or StorageError that says what is wrong. */
export async function openMetricsService(options: MetricsServiceOptions): Promise<MetricsService> {
  const log = options.log.child({ service: 'metrics' });
  const config = new RunningConfig(options.config, options.clock, log);
  const { storage } = config.current;
  const store = await MetricsStore.open({
    directory: options.directory,
    clock: options.clock,
    log,
    retentionMs: options.retentionMs ?? (storage.retentionMs || RETENTION_MS),
    retentionSizeBytes: options.diskBytesMax ?? storage.retentionSizeBytes,
    outOfOrderTimeWindowMs: storage.outOfOrderTimeWindowMs,
    exemplarsMax: storage.exemplarsMax,
    limits: options.limits ?? {},
  });
  try {
    return await serve({ ...options, log }, config, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serve(
  options: MetricsServiceOptions,
  config: RunningConfig,
  store: MetricsStore,
): Promise<MetricsService> {
  const { clock, log, network } = options;
  const metrics = createServerMetrics(
    () => clock.nowMs(),
    (job, error) => log.error('a scrape could not be stored', { job, error }),
  );
  const fetch = createFetch(network);
  const manager = new ScrapeManager({ clock, log, network, fetch, dns, store, observer: metrics.scrapes });
  observeStore(metrics.registry, store);
  observeScraping(metrics.registry, manager, () => config.lastReload);
  const otlp = new OtlpIntake(store, () => config.current.otlp);
  const reload = () =>
    config.reload(async (next) => {
      store.setOutOfOrderTimeWindow(next.storage.outOfOrderTimeWindowMs);
      await manager.apply(next.scrapeConfigs);
    });
  const app = await createApp(options, config, store, manager, metrics, otlp, reload);
  const address = await listen(
    app,
    'metrics',
    options.host,
    options.port === 0 ? 0 : (options.port ?? PORT) + options.portOffset,
  );
  const { port } = app.server.address() as AddressInfo;
  network.register(`prometheus:${PORT}`, { host: options.host, port, consumers: { metrics: otlp } });
  await manager.apply(config.current.scrapeConfigs);
  return {
    name: 'metrics',
    addresses: [address],
    port,
    consumer: otlp,
    store,
    metrics: metrics.registry,
    reload,
    // Scraping and intake end first, then reads, then the store.
    close: closeOnce(async () => {
      network.unregister(`prometheus:${PORT}`);
      await manager.close();
      await app.close();
      await store.close();
    }),
  };
}

async function createApp(
  options: MetricsServiceOptions,
  config: RunningConfig,
  store: MetricsStore,
  manager: ScrapeManager,
  metrics: ServerMetrics,
  otlp: OtlpIntake,
  reload: () => Promise<void>,
) {
  const { clock } = options;
  const engine = createEngine(options.engine ?? {});
  const app = await createListener({ metrics: metrics.listener, compressBytesMin: COMPRESS_BYTES_MIN });
  addMetricsRoute(app, metrics.registry);
  await addIntakeRoutes(app, new RemoteWrite(store), otlp);
  const retentionMs = options.retentionMs ?? (config.current.storage.retentionMs || RETENTION_MS);
  const retentionSizeBytes = options.diskBytesMax ?? config.current.storage.retentionSizeBytes;
  addApiRoutes(
    app,
    createApiSources({
      store,
      engine,
      manager,
      config,
      clock,
      flags: flagsOf(options, retentionMs, retentionSizeBytes),
      retentionMs,
      retentionSizeBytes,
      startedMs: clock.nowMs(),
      reload,
      rules: () => [],
      alertmanagers: () => ({ active: [], dropped: [] }),
    }),
  );
  return app;
}

/** The flags of the real server that clients look at, with the values in force. */
function flagsOf(
  options: MetricsServiceOptions,
  retentionMs: number,
  sizeBytes: number,
): Readonly<Record<string, string>> {
  return {
    'config.file': 'path' in options.config ? options.config.path : '',
    'query.lookback-delta': '5m',
    'query.max-concurrency': '20',
    'query.max-samples': '50000000',
    'query.timeout': '2m',
    'storage.tsdb.path': options.directory.path,
    'storage.tsdb.retention.size': `${sizeBytes}B`,
    'storage.tsdb.retention.time': `${Math.round(retentionMs / 1000)}s`,
    'web.enable-admin-api': 'false',
    'web.enable-lifecycle': 'true',
    'web.enable-otlp-receiver': 'true',
    'web.enable-remote-write-receiver': 'true',
    'web.listen-address': `${options.host}:${(options.port ?? PORT) + options.portOffset}`,
  };
}
