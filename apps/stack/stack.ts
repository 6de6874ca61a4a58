/** Composes the stack: three stores, the collector in front of them, the dashboards beside them, in one process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCollector } from '@mario/collector';
import { openDashboards } from '@mario/dashboards';
import { defaultLokiConfig, openLogs, readLokiConfig } from '@mario/logs';
import { openMetricsService } from '@mario/metrics';
import {
  type Clock,
  closeInOrder,
  closeOnce,
  type Log,
  NetworkMap,
  type Service,
  type ServiceContext,
} from '@mario/service';
import {
  type BudgetShare,
  openDiskDirectory,
  openMemoryDirectory,
  type StorageDirectory,
  splitBudget,
} from '@mario/storage';
import { openTraces } from '@mario/traces';
import { registerNeighbours } from './neighbours.ts';
import type { CommonOptions } from './options.ts';
import { webRoot } from './web-root.ts';

export interface StackOptions extends Omit<CommonOptions, 'logLevel' | 'metrics'> {
  readonly metrics?: CommonOptions['metrics'] | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Stack {
  /** Where each service listens, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Stops intake, then reads, then storage; resolves when everything acknowledged is safe. */
  close(): Promise<void>;
}

/** Resolves when every service answers; throws an OperatingError with the reason, and then nothing is left running. */
export async function openStack(options: StackOptions): Promise<Stack> {
  const { clock, log, host, portOffset } = options;
  const network = new NetworkMap();
  registerNeighbours(network, host, portOffset);
  const context: ServiceContext = { clock, log, network, host, portOffset };
  const opened: Service[] = [];
  try {
    // The stores come first: the collector hands them data as soon as its port is open.
    const stores = [openTraceStore(options, context), openLogStore(options, context), openMetrics(options, context)];
    opened.push(...(await allOrNone(stores)));
    const dashboards = openDashboardServer(options, context);
    const collector = openCollector({
      ...context,
      configPaths: [join(options.configDir, 'otel-collector', 'config.yaml')],
    });
    opened.unshift(...(await allOrNone([collector, dashboards])));
  } catch (error) {
    await closeInOrder(opened);
    throw error;
  }
  return {
    addresses: Object.fromEntries(opened.map((service) => [service.name, service.addresses[0]!])),
    close: closeOnce(() => closeInOrder(opened)),
  };
}

/** Waits for all; when one fails, closes those that were opened and throws the first failure. */
async function allOrNone(opening: readonly Promise<Service>[]): Promise<readonly Service[]> {
  const results = await Promise.allSettled(opening);
  const services = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return services;
  await closeInOrder(services);
  throw failure.reason;
}

async function openTraceStore(options: StackOptions, context: ServiceContext): Promise<Service> {
  const traces = await openTraces({
    ...context,
    ...shareOf(options, 'traces'),
    configPath: existing(join(options.configDir, 'tempo', 'tempo.yaml')),
    directory: await openDirectory(options, 'traces'),
    retentionMs: options.retentionMs,
  });
  const { host } = context;
  context.network.register('tempo:4317', { host, port: traces.port, consumers: { traces: traces.consumer } });
  context.network.register('tempo:3200', { host, port: traces.port });
  return traces;
}

async function openLogStore(options: StackOptions, context: ServiceContext): Promise<Service> {
  const config = existing(join(options.configDir, 'loki', 'loki.yaml'));
  const logs = await openLogs({
    context,
    ...shareOf(options, 'logs'),
    config: config === undefined ? defaultLokiConfig() : readLokiConfig(config),
    directory: await openDirectory(options, 'logs'),
    retentionMsMax: options.retentionMs,
  });
  context.network.register('loki:3100', { host: context.host, port: logs.port, consumers: { logs: logs.consumer } });
  return logs;
}

async function openMetrics(options: StackOptions, context: ServiceContext): Promise<Service> {
  const { diskBytesMax } = shareOf(options, 'metrics');
  const alertmanagerConfig = existing(join(options.configDir, 'alertmanager', 'alertmanager.yml'));
  return openMetricsService({
    ...context,
    config: { path: join(options.configDir, 'prometheus', 'prometheus.yml') },
    alertmanagerConfig: alertmanagerConfig === undefined ? undefined : { path: alertmanagerConfig },
    directory: await openDirectory(options, 'metrics'),
    retentionMs: options.retentionMs,
    diskBytesMax,
    ...(options.metrics === undefined ? {} : metricsLimits(options.metrics)),
  });
}

function metricsLimits({ seriesMax, seriesPerJobMax, ...switches }: CommonOptions['metrics']) {
  return { ...switches, limits: { series: seriesMax, seriesPerJob: seriesPerJobMax } };
}

async function openDashboardServer(options: StackOptions, context: ServiceContext): Promise<Service> {
  return openDashboards({
    ...context,
    provisioningDir: join(options.configDir, 'grafana', 'provisioning'),
    directory: await openDirectory(options, 'dashboards'),
    webRoot: webRoot(),
  });
}

async function openDirectory({ dataDir }: StackOptions, name: string): Promise<StorageDirectory> {
  return dataDir === undefined ? openMemoryDirectory() : openDiskDirectory(join(dataDir, name));
}

function shareOf({ memoryBytesMax, diskBytesMax }: StackOptions, signal: string): BudgetShare {
  return splitBudget({ memoryBytes: memoryBytesMax, diskBytes: diskBytesMax }).get(signal)!;
}

/** Tempo and Loki run on their defaults without a file; the collector and Prometheus have nothing to do without one. */
function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}
