/** The traces service: store, TraceQL and Tempo's API behind one port. */

import type { AddressInfo } from 'node:net';
import type { TracesConsumer } from '@mario/otlp';
import {
  ConfigIssues,
  closeOnce,
  createListener,
  formatIssue,
  listen,
  type Service,
  type ServiceContext,
} from '@mario/service';
import type { StorageDirectory } from '@mario/storage';
import { addRoutes } from './api/routes.ts';
import { readTempoConfig, TEMPO_DEFAULTS, type TempoConfig } from './config/tempo-config.ts';
import { createOwnMetrics, observeStore } from './own-metrics.ts';
import { openTraceStore, type TraceStore } from './store/trace-store.ts';

export interface TracesOptions extends ServiceContext {
  /** tempo.yaml; without it Tempo's defaults hold. */
  readonly configPath?: string | undefined;
  /** The store's folder; the service locks it. */
  readonly directory: StorageDirectory;
  /** Wins over the file's block_retention. */
  readonly retentionMs?: number | undefined;
  /** Default 2 GiB. */
  readonly diskBytesMax?: number | undefined;
  /** Of the head and of cached blocks. Default 128 MiB. */
  readonly memoryBytesMax?: number | undefined;
  /** Wins over the file's port, before the offset is added; 0 takes any free one. */
  readonly port?: number | undefined;
}

export interface TracesService extends Service {
  readonly name: 'traces';
  /** Where the collector hands spans over without a socket. */
  readonly consumer: TracesConsumer;
  /** The bound port. */
  readonly port: number;
}

const DISK_BYTES_MAX = 2 * 1024 ** 3;
const MEMORY_BYTES_MAX = 128 * 1024 ** 2;
/** Answers below this are not worth compressing. */
const COMPRESS_BYTES_MIN = 2048;

/** Opens the store, then the port. Throws OperatingError or StorageError with what is wrong. */
export async function openTraces(options: TracesOptions): Promise<TracesService> {
  const log = options.log.child({ service: 'traces' });
  const config = readConfig(options);
  const store = await openTraceStore({
    directory: options.directory,
    clock: options.clock,
    log,
    retention: {
      ageMsMax: options.retentionMs ?? config.retentionMs,
      sizeBytesMax: options.diskBytesMax ?? DISK_BYTES_MAX,
    },
    memoryBytesMax: options.memoryBytesMax ?? MEMORY_BYTES_MAX,
  });
  try {
    return await openApi(options, config, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

function readConfig(options: TracesOptions): TempoConfig {
  if (options.configPath === undefined) return TEMPO_DEFAULTS;
  const issues = new ConfigIssues();
  const config = readTempoConfig(options.configPath, issues);
  issues.throwIfErrors();
  for (const issue of issues.warnings) options.log.warn(formatIssue(issue));
  return config;
}

async function openApi(options: TracesOptions, config: TempoConfig, store: TraceStore): Promise<TracesService> {
  const { metrics, listener } = createOwnMetrics();
  observeStore(metrics, store);
  let closing = false;
  const app = await createListener({ metrics: listener, compressBytesMin: COMPRESS_BYTES_MIN });
  addRoutes(app, { store, config, clock: options.clock, metrics, isReady: () => !closing });
  const wanted = options.port ?? config.httpPort;
  const address = await listen(app, 'traces', options.host, wanted === 0 ? 0 : wanted + options.portOffset);
  const { port } = app.server.address() as AddressInfo;
  const names = register(options, config, store, port);
  return {
    name: 'traces',
    addresses: [address],
    consumer: store,
    port,
    close: closeOnce(async () => {
      closing = true;
      for (const name of names) options.network.unregister(name);
      await app.close();
      await store.close();
    }),
  };
}

/** Puts the names of the Compose file on the map: the API's port, and the OTLP ports as places to hand spans over. */
function register(options: TracesOptions, config: TempoConfig, store: TraceStore, port: number): readonly string[] {
  const { host, network } = options;
  const api = `tempo:${config.httpPort}`;
  network.register(api, { host, port });
  const intakes = config.otlpPorts.map((otlpPort) => `tempo:${otlpPort}`);
  for (const intake of intakes) network.register(intake, { host, port, consumers: { traces: store } });
  return [api, ...intakes];
}
