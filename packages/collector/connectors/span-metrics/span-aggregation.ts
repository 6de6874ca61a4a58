// What is counted of the spans of one resource, and how it is written as metrics.
import { type AnyValue, attributeValue, type MetricBatchBuilder, type SpanBatch, type ValueInput } from '@mario/otlp';
import { Durations, elapsedMs, type PointPlace, writeDurations } from '../series/durations.ts';
import type { Moment } from '../series/flusher.ts';
import { type DimensionValue, type Series, SeriesTable } from '../series/series-table.ts';
import { commonDimensions, type Dimension, type DurationConfig, type SpanMetricsConfig } from './config.ts';

interface Counter {
  count: number;
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const statuses = ['UNSET', 'OK', 'ERROR'].map((status) => `STATUS_CODE_${status}`);

export class SpanAggregation {
  /** Of the resource as it goes out; empty unless the configuration adds its attributes. */
  readonly attributes: ReadonlyMap<string, ValueInput>;
  readonly #config: SpanMetricsConfig;
  readonly #calls: SeriesTable<Counter>;
  readonly #durations: SeriesTable<Durations>;
  readonly #events: SeriesTable<Counter>;
  /** Since when deltas are counted. */
  #sinceNs: bigint;

  constructor(config: SpanMetricsConfig, attributes: ReadonlyMap<string, ValueInput>, { nowNs }: Moment) {
    this.#config = config;
    this.attributes = attributes;
    this.#sinceNs = nowNs;
    this.#calls = new SeriesTable(config.seriesMax, () => ({ count: 0 }));
    this.#durations = new SeriesTable(config.seriesMax, () => new Durations(config.duration!));
    this.#events = new SeriesTable(config.seriesMax, () => ({ count: 0 }));
  }

  get isEmpty(): boolean {
    return this.#calls.size + this.#durations.size + this.#events.size === 0;
  }

  add(batch: SpanBatch, span: number, service: string, moment: Moment): void {
    const { dimensions, callsDimensions, duration, eventDimensions } = this.#config;
    const common = this.#commonValues(batch, span, service);
    common.push(...valuesOf(dimensions, batch, span));
    const { nowMs, nowNs } = moment;
    this.#calls.at([...common, ...valuesOf(callsDimensions, batch, span)], nowMs, nowNs).count++;
    if (duration !== undefined) {
      const own = [...common, ...valuesOf(duration.dimensions, batch, span)];
      this.#observe(this.#durations.at(own, nowMs, nowNs), duration, batch, span);
    }
    if (eventDimensions !== undefined) this.#countEvents(batch, span, common, eventDimensions, moment);
  }

  #commonValues(batch: SpanBatch, span: number, service: string): DimensionValue[] {
    const texts = [
      service,
      batch.strings[batch.name[span]!]!,
      kinds[batch.kind[span]!] ?? kinds[0]!,
      statuses[batch.statusCode[span]!] ?? statuses[0]!,
    ];
    const { excluded } = this.#config;
    const values: DimensionValue[] = [];
    commonDimensions.forEach((name, at) => {
      if (!excluded.has(name)) values.push([name, texts[at]!]);
    });
    return values;
  }

  #observe(durations: Durations, { unit }: DurationConfig, batch: SpanBatch, span: number): void {
    const value = unit === 's' ? elapsedMs(batch, span) / 1000 : elapsedMs(batch, span);
    durations.add(value);
    if (durations.exemplars.length >= this.#config.exemplarsMax) return;
    durations.exemplars.push({
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
    dimensions: readonly Dimension[],
    { nowMs, nowNs }: Moment,
  ): void {
    const { offsets, attributes } = batch.events;
    for (let event = offsets[span]!; event < offsets[span + 1]!; event++) {
      const own = dimensions.map(
        ({ name, fallback }) =>
          [name, attributeValue(attributes, event, name) ?? dimensionValue(name, fallback, batch, span)] as const,
      );
      this.#events.at([...common, ...own], nowMs, nowNs).count++;
    }
  }

  /** Writes all series. Deltas begin anew afterwards; of cumulative series only the exemplars do. */
  write(builder: MetricBatchBuilder, { nowMs, nowNs }: Moment): void {
    const { namespace, delta, expirationMs, duration } = this.#config;
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
      const points = [...table.values()].map((each) => ({ ...place(each), value: BigInt(each.value.count) }));
      builder.sum({ name: prefix + name, temporality }, points);
    };
    counts('calls', this.#calls);
    if (duration !== undefined && this.#durations.size > 0) {
      const metric = { name: `${prefix}duration`, unit: duration.unit, temporality };
      writeDurations(builder, metric, [...this.#durations.values()], (value) => value, duration, place);
    }
    counts('events', this.#events);
    this.#sinceNs = nowNs;
    for (const { value } of this.#durations.values()) value.exemplars.length = 0;
    if (delta) for (const table of [this.#calls, this.#durations, this.#events]) table.clear();
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
