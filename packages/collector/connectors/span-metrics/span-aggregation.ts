// What is counted of the spans of one resource, and how it is written as metrics.
import {
  type AnyValue,
  attributeValue,
  type ExemplarInput,
  type MetricBatchBuilder,
  type SpanBatch,
  type ValueInput,
} from '@mario/otlp';
import { Durations, elapsedMs, type PointPlace, writeDurations } from '../series/durations.ts';
import type { Moment } from '../series/flusher.ts';
import { type DimensionValue, type Series, SeriesTable } from '../series/series-table.ts';
import { commonDimensions, type Dimension, type SpanMetricsConfig } from './config.ts';

interface Counter {
  count: number;
  readonly exemplars: ExemplarInput[];
}

const newCounter = (): Counter => ({ count: 0, exemplars: [] });

/** Whose spans are counted, and by whom. */
export interface AggregationPlace {
  /** Of the resource. */
  readonly attributes: ReadonlyMap<string, ValueInput>;
  /** Of the collector. */
  readonly instanceId: string;
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const statuses = ['UNSET', 'OK', 'ERROR'].map((status) => `STATUS_CODE_${status}`);

export class SpanAggregation {
  /** Of the resource as it goes out. */
  readonly attributes: ReadonlyMap<string, ValueInput>;
  readonly #instanceId: string;
  readonly #config: SpanMetricsConfig;
  readonly #calls: SeriesTable<Counter>;
  readonly #durations: SeriesTable<Durations>;
  readonly #events: SeriesTable<Counter>;
  /** Since when deltas are counted. */
  #sinceNs: bigint;

  constructor(config: SpanMetricsConfig, { attributes, instanceId }: AggregationPlace, { nowNs }: Moment) {
    this.#config = config;
    this.attributes = attributes;
    this.#instanceId = instanceId;
    this.#sinceNs = nowNs;
    this.#calls = new SeriesTable(config.seriesMax, newCounter);
    this.#durations = new SeriesTable(config.seriesMax, () => new Durations(config.duration!));
    this.#events = new SeriesTable(config.seriesMax, newCounter);
  }

  get isEmpty(): boolean {
    return this.#calls.size + this.#durations.size + this.#events.size === 0;
  }

  add(batch: SpanBatch, span: number, service: string, moment: Moment): void {
    const { dimensions, callsDimensions, duration, eventDimensions } = this.#config;
    const common = this.#commonValues(batch, span, service);
    common.push(...valuesOf(dimensions, batch, span));
    const { nowMs, nowNs } = moment;
    const elapsed = elapsedMs(batch, span) / (this.#config.unit === 's' ? 1000 : 1);
    const calls = this.#calls.at([...common, ...valuesOf(callsDimensions, batch, span)], nowMs, nowNs);
    calls.count++;
    this.#remember(calls, elapsed, batch, span);
    if (duration !== undefined) {
      const own = [...common, ...valuesOf(duration.dimensions, batch, span)];
      const durations = this.#durations.at(own, nowMs, nowNs);
      durations.add(elapsed);
      this.#remember(durations, elapsed, batch, span);
    }
    if (eventDimensions !== undefined) this.#countEvents(batch, span, common, elapsed, moment);
  }

  #commonValues(batch: SpanBatch, span: number, service: string): DimensionValue[] {
    const texts = [
      service,
      batch.strings[batch.name[span]!]!,
      kinds[batch.kind[span]!] ?? kinds[0]!,
      statuses[batch.statusCode[span]!] ?? statuses[0]!,
      this.#instanceId,
    ];
    const { excluded } = this.#config;
    const values: DimensionValue[] = [];
    commonDimensions.forEach((name, at) => {
      if (!excluded.has(name)) values.push([name, texts[at]!]);
    });
    return values;
  }

  /** As an exemplar: the value is the duration whatever is counted, as in the real connector. */
  #remember(at: { readonly exemplars: ExemplarInput[] }, value: number, batch: SpanBatch, span: number): void {
    if (at.exemplars.length >= this.#config.exemplarsMax) return;
    at.exemplars.push({
      timeNs: batch.endNs[span]!,
      value,
      traceId: batch.traceIds.slice(span * 16, span * 16 + 16),
      spanId: batch.spanIds.slice(span * 8, span * 8 + 8),
    });
  }

  #countEvents(
    batch: SpanBatch,
    span: number,
    common: readonly DimensionValue[],
    elapsed: number,
    { nowMs, nowNs }: Moment,
  ): void {
    const { offsets, attributes } = batch.events;
    for (let event = offsets[span]!; event < offsets[span + 1]!; event++) {
      const own = this.#config.eventDimensions!.map(
        ({ name, fallback }) =>
          [name, attributeValue(attributes, event, name) ?? dimensionValue(name, fallback, batch, span)] as const,
      );
      const events = this.#events.at([...common, ...own], nowMs, nowNs);
      events.count++;
      this.#remember(events, elapsed, batch, span);
    }
  }

  /** Writes all series. Deltas begin anew afterwards; of cumulative series only the exemplars do. */
  write(builder: MetricBatchBuilder, { nowMs, nowNs }: Moment): void {
    const { namespace, delta, expirationMs, unit, duration } = this.#config;
    if (expirationMs < Number.POSITIVE_INFINITY) {
      for (const table of [this.#calls, this.#durations, this.#events]) table.expire(nowMs - expirationMs);
    }
    const temporality = delta ? ('delta' as const) : ('cumulative' as const);
    const place = (series: Series<unknown>): PointPlace => ({
      attributes: series.attributes,
      startNs: delta ? this.#sinceNs : series.startNs,
      timeNs: nowNs,
    });
    const prefix = namespace === '' ? '' : `${namespace}.`;
    const counts = (name: string, table: SeriesTable<Counter>) => {
      if (table.size === 0) return;
      const points = [...table.values()].map((each) => ({
        ...place(each),
        value: BigInt(each.value.count),
        exemplars: each.value.exemplars,
      }));
      builder.sum({ name: prefix + name, temporality }, points);
    };
    counts('calls', this.#calls);
    if (duration !== undefined && this.#durations.size > 0) {
      const metric = { name: `${prefix}duration`, unit, temporality };
      writeDurations(builder, metric, [...this.#durations.values()], (value) => value, duration, place);
    }
    counts('events', this.#events);
    this.#sinceNs = nowNs;
    for (const table of [this.#calls, this.#durations, this.#events]) {
      for (const { value } of table.values()) value.exemplars.length = 0;
      if (delta) table.clear();
    }
  }
}

function valuesOf(dimensions: readonly Dimension[], batch: SpanBatch, span: number): DimensionValue[] {
  return dimensions.map(({ name, fallback }) => [name, dimensionValue(name, fallback, batch, span)]);
}

function dimensionValue(
  name: string,
  fallback: string | undefined,
  batch: SpanBatch,
  span: number,
): AnyValue | undefined {
  return (
    attributeValue(batch.attributes, span, name) ??
    attributeValue(batch.resources.attributes, batch.resource[span]!, name) ??
    fallback
  );
}
