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
import type { Timer } from '@mario/service';
import type { ComponentSettings, ConnectorFactory, Consume, Step } from '../../component.ts';
import { readSpanMetricsConfig, type SpanMetricsConfig } from './config.ts';
import { type Moment, SpanAggregation } from './span-aggregation.ts';

const scopeName = 'spanmetricsconnector';
/** Resources of which series are kept; the spans of further ones are not counted, and a warning says so. */
const resourcesMax = 1000;

/** A batch processor behind may hold the last metrics until it is shut down itself, which is after this one. */
const lastFlushMsMax = 500;

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
  private readonly next: Consume<'metrics'>;
  private readonly resources = new Map<string, SpanAggregation>();
  private timer: Timer | undefined;
  private flushing: Promise<void> | undefined;
  private warned = false;

  constructor(config: SpanMetricsConfig, settings: ComponentSettings, next: Consume<'metrics'>) {
    this.config = config;
    this.settings = settings;
    this.next = next;
  }

  readonly consume: Consume<'traces'> = async (batch: SpanBatch) => {
    const moment = this.now();
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
    if (this.config.flushIntervalMs === 0) await this.flush();
  };

  async start(): Promise<void> {
    if (this.config.flushIntervalMs === 0) return;
    this.timer = this.settings.clock.every(this.config.flushIntervalMs, () => {
      // A flush that takes longer than the interval is not overtaken: what it missed goes with the one after it.
      this.flushing ??= this.flush().finally(() => {
        this.flushing = undefined;
      });
    });
  }

  async shutdown(): Promise<void> {
    this.timer?.cancel();
    const flushed = (this.flushing ?? Promise.resolve()).then(() => this.flush());
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = this.settings.clock.after(lastFlushMsMax, resolve);
    });
    await Promise.race([flushed, patience]);
    timer?.cancel();
  }

  /** Where the spans of a resource are counted; undefined when they are not: the service has no name, or there are too many. */
  private target(batch: SpanBatch, resource: number, moment: Moment) {
    const { attributes } = batch.resources;
    const service = attributeString(attributes, resource, 'service.name');
    if (service === undefined) return undefined;
    const { addResourceAttributes, resourceKeys } = this.config;
    // Without the resource's attributes in the metrics its series are told apart by `service.name` alone.
    const all = addResourceAttributes ? attributeMap(attributes, resource) : new Map<string, never>();
    const keys = resourceKeys.length > 0 ? resourceKeys.filter((name) => all.has(name)) : [...all.keys()].sort();
    const key = keys.map((name) => `${name}\u0000${anyValueText(all.get(name)!)}`).join('\u0001');
    let aggregation = this.resources.get(key);
    if (aggregation === undefined) {
      if (this.resources.size >= resourcesMax) return this.tooMany();
      aggregation = new SpanAggregation(this.config, all as ReadonlyMap<string, ValueInput>, moment);
      this.resources.set(key, aggregation);
    }
    return { aggregation, service };
  }

  private tooMany(): undefined {
    if (!this.warned) {
      this.warned = true;
      this.settings.log.warn(
        `spans of more than ${resourcesMax} resources: those of further ones are not counted; name the attributes that tell them apart in resource_metrics_key_attributes`,
        { connector: this.settings.id },
      );
    }
    return undefined;
  }

  /** Never rejects: nobody waits for these metrics, and what is cumulative goes with the next flush. */
  private async flush(): Promise<void> {
    const batch = this.collect();
    if (batch.count === 0) return;
    try {
      await this.next(batch);
    } catch (error) {
      this.settings.log.warn('span metrics could not be handed on', { connector: this.settings.id, error });
    }
  }

  private collect(): MetricBatch {
    const builder = new MetricBatchBuilder();
    const moment = this.now();
    for (const [key, aggregation] of this.resources) {
      builder.resource(aggregation.attributes).scope(scopeName);
      aggregation.write(builder, moment);
      if (aggregation.isEmpty) this.resources.delete(key);
    }
    return builder.build();
  }

  private now(): Moment {
    const { clock } = this.settings;
    return { nowMs: clock.monotonicMs(), nowNs: BigInt(Math.round(clock.nowMs())) * 1_000_000n };
  }
}
