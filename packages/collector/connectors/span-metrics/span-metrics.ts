// The span metrics connector: requests, errors and durations of the spans of a traces pipeline, as metrics.
import {
  anyValueText,
  attributeMap,
  attributeString,
  type MetricBatch,
  MetricBatchBuilder,
  type Signal,
  type SpanBatch,
  type ValueInput,
} from '@mario/otlp';
import type { ComponentSettings, ConnectorFactory, Consume, Step } from '../../component.ts';
import { Flusher, type Moment, momentOf } from '../series/flusher.ts';
import { readSpanMetricsConfig, type SpanMetricsConfig } from './config.ts';
import { SpanAggregation } from './span-aggregation.ts';

const scopeName = 'spanmetricsconnector';

export const spanMetricsConnector: ConnectorFactory<SpanMetricsConfig> = {
  kind: 'connector',
  types: ['span_metrics', 'spanmetrics'],
  routes: [{ from: 'traces', to: 'metrics' }],
  readConfig: readSpanMetricsConfig,
  create: <From extends Signal, To extends Signal>(
    _route: { readonly from: From; readonly to: To },
    config: SpanMetricsConfig,
    settings: ComponentSettings,
    next: Consume<To>,
  ) => new SpanMetricsStep(config, settings, next as unknown as Consume<'metrics'>) as Step<Signal> as Step<From>,
};

class SpanMetricsStep implements Step<'traces'> {
  private readonly config: SpanMetricsConfig;
  private readonly settings: ComponentSettings;
  private readonly flusher: Flusher;
  private readonly resources = new Map<string, SpanAggregation>();
  private warned = false;

  constructor(config: SpanMetricsConfig, settings: ComponentSettings, next: Consume<'metrics'>) {
    this.config = config;
    this.settings = settings;
    this.flusher = new Flusher(config.flushIntervalMs, settings, () => this.collect(), next);
  }

  readonly consume: Consume<'traces'> = async (batch: SpanBatch) => {
    const moment = momentOf(this.settings);
    const known = new Map<number, { aggregation: SpanAggregation; service: string } | undefined>();
    for (let span = 0; span < batch.count; span++) {
      const resource = batch.resource[span]!;
      let target = known.get(resource);
      if (target === undefined && !known.has(resource)) {
        target = this.target(batch, resource, moment);
        known.set(resource, target);
      }
      target?.aggregation.add(batch, span, target.service, moment);
    }
    if (this.config.flushIntervalMs === 0) await this.flusher.flush();
  };

  async start(): Promise<void> {
    this.flusher.start();
  }

  shutdown(): Promise<void> {
    return this.flusher.shutdown();
  }

  /** Where the spans of a resource are counted; undefined when they are not: the service has no name, or there are too many. */
  private target(batch: SpanBatch, resource: number, moment: Moment) {
    const { attributes } = batch.resources;
    const service = attributeString(attributes, resource, 'service.name');
    if (service === undefined) return undefined;
    const { resourceKeys } = this.config;
    const all = attributeMap(attributes, resource);
    const keys = resourceKeys.length > 0 ? resourceKeys.filter((name) => all.has(name)) : [...all.keys()].sort();
    const key = keys.map((name) => `${name}\u0000${anyValueText(all.get(name)!)}`).join('\u0001');
    let aggregation = this.resources.get(key);
    if (aggregation === undefined) {
      if (this.resources.size >= this.config.resourcesMax) this.forgetOldest();
      const place = { attributes: all as ReadonlyMap<string, ValueInput>, instanceId: this.settings.instanceId };
      aggregation = new SpanAggregation(this.config, place, moment);
    }
    // In order of use: the oldest stands first.
    this.resources.delete(key);
    this.resources.set(key, aggregation);
    return { aggregation, service };
  }

  private forgetOldest(): void {
    for (const key of this.resources.keys()) {
      this.resources.delete(key);
      break;
    }
    if (this.warned) return;
    this.warned = true;
    this.settings.log.warn(
      `spans of more than ${this.config.resourcesMax} resources: what was counted of the one not seen for longest is forgotten; name the attributes that tell them apart in resource_metrics_key_attributes`,
      { connector: this.settings.id },
    );
  }

  private collect(): MetricBatch {
    const builder = new MetricBatchBuilder();
    const moment = momentOf(this.settings);
    for (const [key, aggregation] of this.resources) {
      builder.resource(aggregation.attributes).scope(scopeName);
      aggregation.write(builder, moment);
      if (aggregation.isEmpty) this.resources.delete(key);
    }
    return builder.build();
  }
}
