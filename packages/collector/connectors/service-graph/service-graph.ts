// The service graph connector: who calls whom, how often, how long and with what success, from pairs of spans.
import {
  attributeString,
  attributeText,
  type MetricBatch,
  MetricBatchBuilder,
  type Signal,
  type SpanBatch,
  SpanKind,
  StatusCode,
  spanIdHex,
  traceIdHex,
} from '@mario/otlp';
import type { Timer } from '@mario/service';
import type { ComponentSettings, ConnectorFactory, Consume, Step } from '../../component.ts';
import { Durations, elapsedMs, type PointPlace, writeDurations } from '../series/durations.ts';
import { Flusher, momentOf } from '../series/flusher.ts';
import { type DimensionValue, type Series, SeriesTable } from '../series/series-table.ts';
import { readServiceGraphConfig, type ServiceGraphConfig } from './config.ts';
import { type EdgeMetrics, edgeMetrics } from './edge-metrics.ts';
import { type Edge, EdgeStore } from './edge-store.ts';

const scopeName = 'traces_service_graph';
/** Pairs of services: more than any map shows. The spans of further ones are counted in one series. */
const seriesMax = 20_000;
/** Pairs that do not talk any more leave the metrics, as in the real connector. */
const seriesExpiryMs = 15 * 60_000;
/** What the real connector calls the other side of a call when no attribute names it. */
const unknownPeer = 'unknown';

export const serviceGraphConnector: ConnectorFactory<ServiceGraphConfig> = {
  kind: 'connector',
  types: ['service_graph', 'servicegraph'],
  routes: [{ from: 'traces', to: 'metrics' }],
  readConfig: readServiceGraphConfig,
  create: <From extends Signal, To extends Signal>(
    _route: { readonly from: From; readonly to: To },
    config: ServiceGraphConfig,
    settings: ComponentSettings,
    next: Consume<To>,
  ) => new ServiceGraphStep(config, settings, next as unknown as Consume<'metrics'>) as Step<Signal> as Step<From>,
};

interface Calls {
  count: number;
  readonly client: Durations;
  readonly server: Durations;
}

class ServiceGraphStep implements Step<'traces'> {
  private readonly config: ServiceGraphConfig;
  private readonly settings: ComponentSettings;
  private readonly flusher: Flusher;
  private readonly edges: EdgeStore;
  private readonly series: SeriesTable<Calls>;
  private readonly metrics: EdgeMetrics;
  private timer: Timer | undefined;

  constructor(config: ServiceGraphConfig, settings: ComponentSettings, next: Consume<'metrics'>) {
    this.config = config;
    this.settings = settings;
    this.flusher = new Flusher(config.flushIntervalMs, settings, () => this.collect(), next);
    const { waitingMax, waitingMs, durations } = config;
    this.edges = new EdgeStore({
      waitingMax,
      waitingMs,
      complete: (edge) => this.count(edge),
      expired: (edge) => this.complement(edge),
    });
    const make = () => ({ count: 0, client: new Durations(durations), server: new Durations(durations) });
    this.series = new SeriesTable(seriesMax, make);
    this.metrics = edgeMetrics(settings.ownMetrics);
  }

  readonly consume: Consume<'traces'> = async (batch: SpanBatch) => {
    const { nowMs } = momentOf(this.settings);
    for (let span = 0; span < batch.count; span++) this.add(batch, span, nowMs);
    if (this.config.flushIntervalMs === 0) await this.flusher.flush();
  };

  async start(): Promise<void> {
    const { clock } = this.settings;
    this.timer = clock.every(this.config.expiryPeriodMs, () => this.edges.expire(clock.monotonicMs()));
    this.flusher.start();
  }

  shutdown(): Promise<void> {
    this.timer?.cancel();
    return this.flusher.shutdown();
  }

  private add(batch: SpanBatch, span: number, nowMs: number): void {
    const kind = batch.kind[span]!;
    const isClient = kind === SpanKind.client || kind === SpanKind.producer;
    if (!isClient && kind !== SpanKind.server && kind !== SpanKind.consumer) return;
    const service = attributeString(batch.resources.attributes, batch.resource[span]!, 'service.name');
    if (service === undefined) return;
    // Both halves of a call know the id of the client's span: one is it, the other has it for a parent.
    const clientId = spanIdHex(isClient ? batch.spanIds : batch.parentSpanIds, span);
    const key = `${traceIdHex(batch.traceIds, span)}${clientId}`;
    const before = this.edges.size;
    const taken = this.edges.update(key, nowMs, (edge) => {
      if (kind === SpanKind.producer || kind === SpanKind.consumer) edge.connectionType = 'messaging_system';
      edge.failed ||= batch.statusCode[span] === StatusCode.error;
      if (isClient) this.addClient(edge, batch, span, service);
      else {
        edge.server = service;
        edge.serverSeconds = elapsedMs(batch, span) / 1000;
        edge.isRoot = /^0+$/.test(clientId);
        edge.serverDimensions.push(...this.config.dimensions.map((name) => textOf(batch, span, name)));
      }
    });
    if (!taken) this.metrics.droppedSpans.inc({ connector: this.settings.id });
    else if (this.edges.size > before) this.metrics.totalEdges.inc({ connector: this.settings.id });
  }

  private addClient(edge: Edge, batch: SpanBatch, span: number, service: string): void {
    const { dimensions, peerAttributes, databaseNameAttributes } = this.config;
    const first = (names: readonly string[]) =>
      names.map((name) => textOf(batch, span, name)).find((value) => value !== undefined);
    edge.client = service;
    edge.clientSeconds = elapsedMs(batch, span) / 1000;
    edge.clientDimensions.push(...dimensions.map((name) => textOf(batch, span, name)));
    edge.peer = first(peerAttributes);
    // A database sends no spans: the client's is the whole call.
    const database = first(databaseNameAttributes);
    if (database === undefined) return;
    edge.connectionType = 'database';
    edge.server = database;
    edge.serverSeconds = edge.clientSeconds;
  }

  /** A call whose other half did not come is one from or to somebody who sends no spans. */
  private complement(edge: Edge): void {
    this.metrics.expiredEdges.inc({ connector: this.settings.id });
    if (edge.client === undefined && !edge.isRoot) return;
    edge.client ??= 'user';
    edge.server ??= edge.peer ?? unknownPeer;
    edge.connectionType = 'virtual_node';
    this.count(edge);
  }

  private count(edge: Edge): void {
    const { dimensions, virtualNodeLabel } = this.config;
    const values: DimensionValue[] = [
      ['client', edge.client],
      ['server', edge.server],
      ['connection_type', edge.connectionType],
      ['failed', edge.failed],
    ];
    if (virtualNodeLabel) values.push(['virtual_node', virtualSide(edge)]);
    dimensions.forEach((name, at) => {
      values.push([`client_${name}`, edge.clientDimensions[at]], [`server_${name}`, edge.serverDimensions[at]]);
    });
    const { nowMs, nowNs } = momentOf(this.settings);
    const calls = this.series.at(values, nowMs, nowNs);
    calls.count++;
    calls.client.add(edge.clientSeconds);
    calls.server.add(edge.serverSeconds);
  }

  private collect(): MetricBatch {
    const { nowMs, nowNs } = momentOf(this.settings);
    this.series.expire(nowMs - seriesExpiryMs);
    const builder = new MetricBatchBuilder();
    const all = [...this.series.values()];
    if (all.length === 0) return builder.build();
    builder.resource({}).scope(scopeName);
    const temporality = 'cumulative' as const;
    const place = ({ attributes, startNs }: Series<Calls>): PointPlace => ({ attributes, startNs, timeNs: nowNs });
    const total = (name: string, series: readonly Series<Calls>[]) => {
      const points = series.map((each) => ({ ...place(each), value: BigInt(each.value.count) }));
      if (points.length > 0) builder.sum({ name, temporality }, points);
    };
    total('traces_service_graph_request_total', all);
    total(
      'traces_service_graph_request_failed_total',
      all.filter(({ attributes }) => attributes.get('failed') === true),
    );
    const { durations } = this.config;
    const metric = (side: string) => ({ name: `traces_service_graph_request_${side}`, unit: 's', temporality });
    writeDurations(builder, metric('server'), all, ({ server }) => server, durations, place);
    writeDurations(builder, metric('client'), all, ({ client }) => client, durations, place);
    return builder.build();
  }
}

/** Which side of the edge sends no spans. */
function virtualSide({ connectionType, isRoot }: Edge): string | undefined {
  if (connectionType !== 'virtual_node') return undefined;
  return isRoot ? 'client' : 'server';
}

/** Of the span, else of its resource. */
function textOf(batch: SpanBatch, span: number, name: string): string | undefined {
  return (
    attributeText(batch.attributes, span, name) ??
    attributeText(batch.resources.attributes, batch.resource[span]!, name)
  );
}
