/** Puts store, scraper, intake, engine and API together and opens the port. */
import dns from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
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
import { CONFIGURATION_UNSUCCESSFUL, Notifications } from '../api/notifications.ts';
import { QueryGate } from '../api/query-gate.ts';
import { addApiRoutes } from '../api/routes.ts';
import type { PrometheusConfig } from '../config/prometheus-config.ts';
import { Labels } from '../model/labels.ts';
import type { Engine, EngineOptions } from '../promql/index.ts';
import { Queries } from '../query/queries.ts';
import { OtlpIntake } from '../remote/otlp-intake.ts';
import { READ_SAMPLES_MAX, RemoteRead } from '../remote/remote-read.ts';
import { RemoteWrite } from '../remote/remote-write.ts';
import { Notifier } from '../rules/notifier.ts';
import type { RuleGroupConfig } from '../rules/rule-file.ts';
import { RuleManager } from '../rules/rule-manager.ts';
import { createFetch, type Fetch } from '../scrape/fetch.ts';
import { ScrapeManager } from '../scrape/scrape-manager.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import type { StoreLimits } from '../store/store-options.ts';
import { createApiSources } from './api-sources.ts';
import {
  ALERTMANAGER_AUTHORITY,
  type EmbeddedAlertmanager,
  openEmbeddedAlertmanager,
} from './embedded-alertmanager.ts';
import { readFeatureFlags } from './feature-flags.ts';
import { addIntakeRoutes } from './intake-routes.ts';
import {
  createServerMetrics,
  observeQueries,
  observeReads,
  observeRules,
  observeScraping,
  observeStore,
  type ServerMetrics,
} from './own-metrics.ts';
import { addReadRoute } from './read-route.ts';
import { type ConfigSource, RunningConfig } from './running-config.ts';

export interface MetricsServiceOptions extends ServiceContext {
  /** A prometheus.yml, or its text. */
  readonly config: ConfigSource;
  /** An alertmanager.yml, or its text; without one alerts are seen and can be silenced, and nobody is told. */
  readonly alertmanagerConfig?: ConfigSource | undefined;
  /** The folder of this store alone; `openMemoryDirectory()` for an ephemeral one. */
  readonly directory: StorageDirectory;
  /** Before the offset is added; 9090 when absent, 0 takes any free one (no offset). */
  readonly port?: number | undefined;
  /** Overrides the file's; the real server's default is 15 days, 0 keeps for ever. */
  readonly retentionMs?: number | undefined;
  /** Disk for blocks and log; the oldest blocks go first. */
  readonly diskBytesMax?: number | undefined;
  readonly limits?: Partial<StoreLimits> | undefined;
  /** Whether series may be deleted and snapshots taken by HTTP; not, unless said. */
  readonly adminApi?: boolean | undefined;
  readonly engine?: EngineOptions | undefined;
  /**
   * Stores since when counters and histograms count, as far as they tell it, and lets `rate` use it; the real server does
   * so with its feature flags for created timestamps, and not by default.
   */
  readonly startTimestamps?: boolean | undefined;
  /** Values of the real server's `--enable-feature`; what of them is not supported is a warning. */
  readonly enabledFeatures?: readonly string[] | undefined;
  /** Threads for heavy queries; as many as there are processors when absent, 0 evaluates all on the main thread. */
  readonly queryThreadsMax?: number | undefined;
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

/** Remote reads at once: the real server's `--storage.remote.read-concurrent-limit`. */
const READS_MAX = 10;

/** Resolves when requests are answered; rejects with an OperatingError or StorageError that says what is wrong. */
export async function openMetricsService(options: MetricsServiceOptions): Promise<MetricsService> {
  const log = options.log.child({ service: 'metrics' });
  const config = new RunningConfig(options.config, options.clock, log);
  const { storage } = config.current;
  const features = readFeatureFlags(options.enabledFeatures ?? []);
  for (const warning of features.warnings) log.warn(warning);
  const store = await MetricsStore.open({
    directory: options.directory,
    clock: options.clock,
    log,
    retentionMs: options.retentionMs ?? (storage.retentionMs || RETENTION_MS),
    retentionSizeBytes: options.diskBytesMax ?? storage.retentionSizeBytes,
    outOfOrderTimeWindowMs: storage.outOfOrderTimeWindowMs,
    exemplarsMax: storage.exemplarsMax,
    limits: options.limits ?? {},
    starts: features.zeroSamples ? { kept: options.startTimestamps === true || features.keepStarts } : undefined,
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
  const { clock, log } = options;
  const metrics = createServerMetrics(
    () => clock.nowMs(),
    // The store says it once for all.
    (job, error) => log.debug('a scrape could not be stored', { job, error }),
  );
  const parts = createParts(options, config, store, metrics);
  const groups = parts.rules.read(config.current);
  const alertmanager = await openEmbeddedAlertmanager(options, metrics, parts.fetch, () => parts.url());
  try {
    return await answerRequests(options, config, store, metrics, { ...parts, alertmanager }, groups);
  } catch (error) {
    await alertmanager.close();
    throw error;
  }
}

async function answerRequests(
  options: MetricsServiceOptions,
  config: RunningConfig,
  store: MetricsStore,
  metrics: ServerMetrics,
  parts: ServiceParts & { readonly alertmanager: EmbeddedAlertmanager },
  groups: readonly RuleGroupConfig[],
): Promise<MetricsService> {
  const { network, host } = options;
  const { manager, rules, notifier, otlp, alertmanager } = parts;
  const apply = async (next: PrometheusConfig, nextGroups: readonly RuleGroupConfig[]) => {
    store.setOutOfOrderTimeWindow(next.storage.outOfOrderTimeWindowMs);
    notifier.apply(next.alerting, Labels.from(next.global.externalLabels));
    await manager.apply(next.scrapeConfigs);
    await rules.apply(nextGroups, next);
  };
  const reload = () =>
    config.reload(async (next) => {
      // Everything is read before anything changes.
      const [nextGroups, told] = [rules.read(next), alertmanager.read()];
      await apply(next, nextGroups);
      await alertmanager.apply(told);
    });
  const notifications = new Notifications(() => options.clock.nowMs());
  const noted = () =>
    reload().then(
      () => notifications.remove(CONFIGURATION_UNSUCCESSFUL),
      (error) => {
        notifications.add(CONFIGURATION_UNSUCCESSFUL);
        throw error;
      },
    );
  const app = await createApp(options, config, store, parts, metrics, noted, notifications);
  await alertmanager.addRoutes(app);
  const wanted = options.port === 0 ? 0 : (options.port ?? PORT) + options.portOffset;
  const address = await listen(app, 'metrics', host, wanted);
  parts.setUrl(address);
  const { port } = app.server.address() as AddressInfo;
  network.register(`prometheus:${PORT}`, { host, port, consumers: { metrics: otlp } });
  network.register(ALERTMANAGER_AUTHORITY, { host, port });
  await apply(config.current, groups);
  return {
    name: 'metrics',
    addresses: [address],
    port,
    consumer: otlp,
    store,
    metrics: metrics.registry,
    reload: noted,
    // Scraping, rules and intake end first, then reads, then the store.
    close: closeOnce(async () => {
      network.unregister(`prometheus:${PORT}`);
      network.unregister(ALERTMANAGER_AUTHORITY);
      await Promise.all([manager.close(), rules.close()]);
      await notifier.close();
      await alertmanager.close();
      // Requests in flight end with their queries, so that closing does not wait for a heavy one.
      await parts.queries.close();
      await app.close();
      await store.close();
    }),
  };
}

interface ServiceParts {
  readonly engine: Engine;
  readonly queries: Queries;
  readonly manager: ScrapeManager;
  readonly rules: RuleManager;
  readonly notifier: Notifier;
  readonly otlp: OtlpIntake;
  readonly fetch: Fetch;
  /** Empty until the server listens. */
  readonly url: () => string;
  /** Alerts link to the server, whose address is known only when it listens. */
  setUrl(url: string): void;
}

function createParts(
  options: MetricsServiceOptions,
  config: RunningConfig,
  store: MetricsStore,
  metrics: ServerMetrics,
): ServiceParts {
  const { clock, log, network } = options;
  const features = readFeatureFlags(options.enabledFeatures ?? []);
  const fetch = createFetch(network);
  const queries = new Queries(store, {
    engine: { ...features.engine, ...(options.startTimestamps ? { startTimestamps: true } : {}), ...options.engine },
    threadsMax: options.queryThreadsMax ?? availableParallelism(),
  });
  const { engine } = queries;
  const startTimestamps = wantsStarts(options);
  const onDiscoveryFailure = metrics.discoveryFailed;
  const discovery = { clock, log, network, fetch, dns, onDiscoveryFailure };
  let url = '';
  const notifier = new Notifier({ ...discovery, externalUrl: () => url, counts: metrics.notifications });
  const manager = new ScrapeManager({ ...discovery, store, observer: metrics.scrapes, startTimestamps });
  const rules = new RuleManager({
    engine,
    queryable: store,
    store,
    clock,
    observer: metrics.rules,
    send: (alerts) => notifier.send(alerts),
    get externalUrl() {
      return url;
    },
  });
  observeStore(metrics.registry, store);
  observeQueries(metrics.registry, queries);
  observeScraping(metrics.registry, manager, () => config.lastReload);
  observeRules(metrics.registry, rules, notifier);
  const otlp = new OtlpIntake(store, () => config.current.otlp, { startTimestamps });
  return {
    engine,
    queries,
    manager,
    rules,
    notifier,
    otlp,
    fetch,
    url: () => url,
    setUrl: (address) => void (url = address),
  };
}

async function createApp(
  options: MetricsServiceOptions,
  config: RunningConfig,
  store: MetricsStore,
  { engine, queries, manager, rules, notifier, otlp }: ServiceParts,
  metrics: ServerMetrics,
  reload: () => Promise<void>,
  notifications: Notifications,
) {
  const { clock } = options;
  const app = await createListener({ metrics: metrics.listener, compressBytesMin: COMPRESS_BYTES_MIN });
  addMetricsRoute(app, metrics.registry);
  await addIntakeRoutes(app, new RemoteWrite(store, { startTimestamps: wantsStarts(options) }), otlp);
  const reads = new QueryGate(READS_MAX);
  const externalLabels = () => Labels.from(config.current.global.externalLabels);
  await addReadRoute(app, new RemoteRead({ queryable: store, externalLabels }), reads);
  observeReads(metrics.registry, reads);
  const retentionMs = options.retentionMs ?? (config.current.storage.retentionMs || RETENTION_MS);
  const retentionSizeBytes = options.diskBytesMax ?? config.current.storage.retentionSizeBytes;
  addApiRoutes(
    app,
    createApiSources({
      store,
      engine,
      queries,
      manager,
      config,
      clock,
      flags: flagsOf(options, retentionMs, retentionSizeBytes),
      retentionMs,
      retentionSizeBytes,
      startedMs: clock.nowMs(),
      reload,
      rules: () => rules.states,
      alertmanagers: () => notifier.alertmanagers,
      adminApi: options.adminApi ?? false,
      perStepStats: readFeatureFlags(options.enabledFeatures ?? []).perStepStats,
      notifications,
    }),
  );
  return app;
}

/** Whether intake reads since when something counts. */
function wantsStarts({ startTimestamps = false, enabledFeatures = [] }: MetricsServiceOptions): boolean {
  const { keepStarts, zeroSamples } = readFeatureFlags(enabledFeatures);
  return startTimestamps || keepStarts || zeroSamples;
}

/** The flags of the real server that clients look at, with the values in force. */
function flagsOf(
  options: MetricsServiceOptions,
  retentionMs: number,
  sizeBytes: number,
): Readonly<Record<string, string>> {
  return {
    'config.file': 'path' in options.config ? options.config.path : '',
    'enable-feature': (options.enabledFeatures ?? []).join(','),
    'query.lookback-delta': '5m',
    'query.max-concurrency': '20',
    'query.max-samples': '50000000',
    'query.timeout': '2m',
    'storage.remote.read-concurrent-limit': String(READS_MAX),
    'storage.remote.read-sample-limit': String(READ_SAMPLES_MAX),
    'storage.tsdb.path': options.directory.path,
    'storage.tsdb.retention.size': `${sizeBytes}B`,
    'storage.tsdb.retention.time': `${Math.round(retentionMs / 1000)}s`,
    'web.enable-admin-api': String(options.adminApi ?? false),
    'web.enable-lifecycle': 'true',
    'web.enable-otlp-receiver': 'true',
    'web.enable-remote-write-receiver': 'true',
    'web.listen-address': `${options.host}:${(options.port ?? PORT) + options.portOffset}`,
  };
}
