// The collector as a service: reads its configuration, builds the pipelines, runs and stops them.
import { randomUUID } from 'node:crypto';
import {
  addMetricsRoute,
  closeOnce,
  createListener,
  defineError,
  formatIssue,
  listen,
  OperatingError,
  OwnMetrics,
  type Service,
  type ServiceContext,
} from '@mario/service';
import type { Component, ComponentSettings, Extension, ExtensionFactory, ListenAddress } from './component.ts';
import { type CollectorConfig, type ComponentConfig, readCollectorConfig } from './config/collector-config.ts';
import { splitEndpoint } from './config/read-context.ts';
import { buildGraph, type Graph } from './pipeline/graph.ts';
import { namedOwnMetrics } from './telemetry/metric-names.ts';
import { PipelineMetrics } from './telemetry/pipeline-metrics.ts';
import { registerCollectorProcessMetrics } from './telemetry/process-metrics.ts';

const UNSUPPORTED = defineError(
  'MARIO_COLLECTOR_UNSUPPORTED',
  'A pipeline needs something that the real Collector has and the embedded one does not. Take it out of the pipeline, or run the real Collector with the same file (deploy/compose.yaml).',
);

export interface CollectorOptions extends ServiceContext {
  /** As `--config`, in order: later files lie over earlier ones. */
  readonly configPaths: readonly string[];
  /** For `${env:NAME}`; the process's own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Every address that means "all interfaces" in a configuration is narrowed to the host that was asked for. */
const everywhere = new Set(['', '0.0.0.0', '::']);

/**
 * Reads the files and runs their pipelines; resolves when everything listens. Rejects with an OperatingError that names
 * file, line and key when the configuration is wrong, or the port that is taken.
 */
export async function openCollector(options: CollectorOptions): Promise<Service> {
  const { config, context } = readCollectorConfig(
    options.configPaths.map((file) => ({ file })),
    options.env ?? process.env,
  );
  context.issues.throwIfErrors();
  if (config === undefined) throw new Error('BUG: a configuration that could not be read has no errors');
  if (context.unsupported.length > 0) {
    const lines = context.unsupported.map((place) => formatIssue({ ...place, severity: 'error' }));
    throw new OperatingError(UNSUPPORTED, lines.join('\n'));
  }
  const log = options.log.child({ service: 'collector' });
  for (const issue of context.issues.warnings) log.warn(formatIssue(issue));
  const running = new RunningCollector(config, options);
  try {
    await running.start();
  } catch (error) {
    await running.stop();
    throw error;
  }
  log.info('Everything is ready. Begin running and processing data.', { addresses: running.addresses.join(' ') });
  return { name: 'collector', addresses: running.addresses, close: closeOnce(() => running.stop()) };
}

class RunningCollector {
  private readonly config: CollectorConfig;
  private readonly options: CollectorOptions;
  private readonly ownMetrics = new OwnMetrics();
  private readonly pipelineMetrics = new PipelineMetrics(this.ownMetrics);
  private readonly instanceId: string;
  private readonly sharedByComponent = new Map<string, unknown>();
  private readonly extensions: Extension[];
  private readonly graph: Graph;
  private readonly started: Component[] = [];
  private metricsAddress: string | undefined;

  constructor(config: CollectorConfig, options: CollectorOptions) {
    this.config = config;
    this.options = options;
    this.instanceId = config.service.telemetry.resource['service.instance.id'] ?? randomUUID();
    registerCollectorProcessMetrics(this.ownMetrics, options.clock);
    this.registerTargetInfo();
    this.extensions = config.service.extensions.map((extension) =>
      (extension.factory as ExtensionFactory).create(extension.config, this.settings(extension)),
    );
    this.graph = buildGraph(config, (component) => this.settings(component));
  }

  get addresses(): readonly string[] {
    const all = [...this.graph.addresses, ...this.extensions.flatMap((extension) => extension.addresses ?? [])];
    return this.metricsAddress === undefined ? all : [...all, this.metricsAddress];
  }

  async start(): Promise<void> {
    await this.serveMetrics();
    for (const extension of this.extensions) {
      this.started.push(extension);
      await extension.start();
    }
    this.started.push(this.graph);
    await this.graph.start();
    for (const extension of this.extensions) extension.pipelinesReady(true);
  }

  /** Pipelines first, then extensions, then the own metrics. Everything is stopped, whatever fails. */
  async stop(): Promise<void> {
    for (const extension of this.extensions) extension.pipelinesReady(false);
    const errors: unknown[] = [];
    for (const component of this.started.splice(0).reverse()) {
      await component.shutdown().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  private settings(component: ComponentConfig): ComponentSettings {
    const { options, ownMetrics, pipelineMetrics, instanceId, sharedByComponent } = this;
    const id = component.id.text;
    const key = `${component.kind} ${id}`;
    return {
      id,
      clock: options.clock,
      log: options.log.child({ service: 'collector' }),
      network: options.network,
      ownMetrics,
      pipelineMetrics,
      instanceId,
      listenAddress: (endpoint) => this.listenAddress(endpoint),
      shared: <T>(make: () => T): T => {
        if (!sharedByComponent.has(key)) sharedByComponent.set(key, make());
        return sharedByComponent.get(key) as T;
      },
    };
  }

  private listenAddress(endpoint: string): ListenAddress {
    const found = splitEndpoint(endpoint);
    if (found === undefined) throw new Error(`BUG: endpoint ${endpoint} was not checked`);
    const { host, portOffset } = this.options;
    // A port of 0 asks for any free one, which needs no offset.
    return {
      host: everywhere.has(found.host) ? host : found.host,
      port: found.port === 0 ? 0 : found.port + portOffset,
    };
  }

  private async serveMetrics(): Promise<void> {
    const { metricsEndpoint, metricNames } = this.config.service.telemetry;
    if (metricsEndpoint === undefined) return;
    const app = await createListener();
    this.started.push({ start: async () => {}, shutdown: () => app.close().then(() => undefined) });
    addMetricsRoute(app, namedOwnMetrics(this.ownMetrics, metricNames));
    const { host, port } = this.listenAddress(metricsEndpoint);
    this.metricsAddress = await listen(app, 'collector (own metrics)', host, port);
  }

  private registerTargetInfo(): void {
    const resource = {
      'service.instance.id': this.instanceId,
      'service.name': 'otelcol-mario',
      ...this.config.service.telemetry.resource,
    };
    const labels = Object.fromEntries(
      Object.entries(resource).map(([key, value]) => [key.replace(/[^a-zA-Z0-9_]/g, '_'), value]),
    );
    this.ownMetrics.observed('target_info', 'Target metadata', 'gauge', () => [[labels, 1]]);
  }
}
