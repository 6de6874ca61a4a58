// Builds a metric batch from plain objects.
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import {
  type MetricBatch,
  MetricType,
  type MetricTypeCode,
  NumberType,
  Present,
  Temporality,
} from '../model/metrics.ts';
import { type AttributesInput, Double, idBytes, plainAttributes } from './attribute-input.ts';
import { BatchBuilder } from './batch-builder.ts';
import { MetricColumns } from './metric-columns.ts';
import type { ExemplarColumns, ExponentialBucketColumns, HistogramColumns, SummaryColumns } from './point-columns.ts';
import { InterningPool } from './pool.ts';
import { pushSpanId, pushTraceId } from './span-columns.ts';

export interface MetricInput {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly metadata?: AttributesInput;
}

export interface AggregatedMetricInput extends MetricInput {
  /** Default: cumulative. */
  readonly temporality?: keyof typeof Temporality;
}

export interface PointInput {
  readonly startNs?: bigint;
  readonly timeNs: bigint;
  readonly attributes?: AttributesInput;
  readonly flags?: number;
}

/** A whole `number` is a double here too: only a `bigint` makes an integer point. */
export type NumberInput = number | bigint | Double | undefined;

export interface ExemplarInput {
  readonly timeNs: bigint;
  readonly value: NumberInput;
  readonly traceId?: string | Uint8Array;
  readonly spanId?: string | Uint8Array;
  readonly attributes?: AttributesInput;
}

export interface NumberPointInput extends PointInput {
  readonly value: NumberInput;
  readonly exemplars?: readonly ExemplarInput[];
}

export interface DistributionInput extends PointInput {
  readonly count: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly exemplars?: readonly ExemplarInput[];
}

export interface HistogramPointInput extends DistributionInput {
  readonly bounds: readonly number[];
  /** Per bucket, one more than bounds. */
  readonly buckets: readonly number[];
}

export interface ExponentialPointInput extends DistributionInput {
  readonly scale: number;
  readonly zeroCount?: number;
  readonly zeroThreshold?: number;
  readonly positive?: { readonly first: number; readonly counts: readonly number[] };
  readonly negative?: { readonly first: number; readonly counts: readonly number[] };
}

export interface SummaryPointInput extends PointInput {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

export class MetricBatchBuilder extends BatchBuilder {
  private readonly columns: MetricColumns<InterningPool>;

  constructor() {
    const columns = new MetricColumns(new InterningPool());
    super(columns);
    this.columns = columns;
  }

  gauge(metric: MetricInput, points: readonly NumberPointInput[]): this {
    for (const point of points) this.numberPoint(point);
    return this.endMetric(metric, MetricType.gauge);
  }

  sum(metric: AggregatedMetricInput & { readonly monotonic?: boolean }, points: readonly NumberPointInput[]): this {
    for (const point of points) this.numberPoint(point);
    return this.endMetric(metric, MetricType.sum, metric.temporality ?? 'cumulative', metric.monotonic ?? true);
  }

  histogram(metric: AggregatedMetricInput, points: readonly HistogramPointInput[]): this {
    const { histograms } = this.columns;
    for (const point of points) {
      this.distribution(histograms, point);
      for (const bound of point.bounds) histograms.bounds.push(bound);
      for (const count of point.buckets) histograms.buckets.push(count);
      histograms.endPoint(this.columns.metrics.count, point.flags ?? 0);
    }
    return this.endMetric(metric, MetricType.histogram, metric.temporality ?? 'cumulative');
  }

  exponentialHistogram(metric: AggregatedMetricInput, points: readonly ExponentialPointInput[]): this {
    const { exponentials } = this.columns;
    for (const point of points) {
      this.distribution(exponentials, point);
      exponentials.scale.push(point.scale);
      exponentials.zeroCount.push(point.zeroCount ?? 0);
      exponentials.zeroThreshold.push(point.zeroThreshold ?? 0);
      pushBuckets(exponentials.positive, point.positive);
      pushBuckets(exponentials.negative, point.negative);
      exponentials.endPoint(this.columns.metrics.count, point.flags ?? 0);
    }
    return this.endMetric(metric, MetricType.exponentialHistogram, metric.temporality ?? 'cumulative');
  }

  summary(metric: MetricInput, points: readonly SummaryPointInput[]): this {
    const { summaries } = this.columns;
    for (const point of points) {
      this.point(summaries, point);
      summaries.total.push(point.count);
      summaries.sum.push(point.sum);
      for (const { quantile, value } of point.quantiles) {
        summaries.quantiles.push(quantile);
        summaries.quantileValues.push(value);
      }
      summaries.endPoint(this.columns.metrics.count, point.flags ?? 0);
    }
    return this.endMetric(metric, MetricType.summary);
  }

  /** Hands the batch over; the builder starts anew. */
  build(): MetricBatch {
    return this.columns.take();
  }

  private numberPoint(point: NumberPointInput): void {
    const { numbers } = this.columns;
    this.point(numbers, point);
    pushNumber(numbers, point.value);
    this.exemplars(numbers.exemplars, point.exemplars);
    numbers.endPoint(this.columns.metrics.count, point.flags ?? 0);
  }

  private point(columns: Pick<SummaryColumns, 'attributes' | 'startNs' | 'timeNs'>, point: PointInput): void {
    for (const [key, value] of plainAttributes(point.attributes)) {
      columns.attributes.pushKey(this.id(key));
      columns.attributes.pushPlain(value, this.id);
    }
    columns.startNs.pushBigInt(point.startNs ?? 0n);
    columns.timeNs.pushBigInt(point.timeNs);
  }

  private distribution(
    columns: Pick<
      HistogramColumns,
      'attributes' | 'startNs' | 'timeNs' | 'total' | 'sum' | 'min' | 'max' | 'present' | 'exemplars'
    >,
    point: DistributionInput,
  ): void {
    this.point(columns, point);
    columns.total.push(point.count);
    columns.sum.push(point.sum ?? 0);
    columns.min.push(point.min ?? 0);
    columns.max.push(point.max ?? 0);
    columns.present.push(
      (point.sum === undefined ? 0 : Present.sum) |
        (point.min === undefined ? 0 : Present.min) |
        (point.max === undefined ? 0 : Present.max),
    );
    this.exemplars(columns.exemplars, point.exemplars);
  }

  private exemplars(columns: ExemplarColumns, exemplars: readonly ExemplarInput[] = []): void {
    for (const exemplar of exemplars) {
      columns.timeNs.pushBigInt(exemplar.timeNs);
      pushNumber(columns, exemplar.value);
      pushTraceId(columns.traceIds, idBytes(exemplar.traceId, traceIdBytes));
      pushSpanId(columns.spanIds, idBytes(exemplar.spanId, spanIdBytes));
      columns.attributes.pushOwner(plainAttributes(exemplar.attributes), this.id);
    }
  }

  private endMetric(
    metric: MetricInput,
    type: MetricTypeCode,
    temporality: keyof typeof Temporality = 'unspecified',
    monotonic = false,
  ): this {
    const { metrics } = this.columns;
    const resource = this.currentResource();
    for (const [key, value] of plainAttributes(metric.metadata)) {
      metrics.metadata.pushKey(this.id(key));
      metrics.metadata.pushPlain(value, this.id);
    }
    metrics.end({
      name: this.id(metric.name),
      description: this.id(metric.description ?? ''),
      unit: this.id(metric.unit ?? ''),
      type,
      temporality: Temporality[temporality],
      monotonic: monotonic ? 1 : 0,
      resource,
      scope: this.currentScope(),
    });
    return this;
  }
}

function pushNumber(columns: Pick<ExemplarColumns, 'valueType' | 'values'>, value: NumberInput): void {
  if (value === undefined) {
    columns.valueType.push(NumberType.none);
    columns.values.push(0, 0);
  } else if (typeof value === 'bigint') {
    columns.valueType.push(NumberType.int);
    columns.values.pushBigInt(value);
  } else {
    columns.valueType.push(NumberType.double);
    columns.values.pushDouble(value instanceof Double ? value.value : value);
  }
}

function pushBuckets(
  columns: ExponentialBucketColumns,
  buckets: { readonly first: number; readonly counts: readonly number[] } | undefined,
): void {
  for (const count of buckets?.counts ?? []) columns.counts.push(count);
  columns.endPoint(buckets?.first ?? 0);
}
