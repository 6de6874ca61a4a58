// Data points and exemplars of a metric batch that is being built, one class per kind of point.

import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type {
  ExemplarTable,
  ExponentialPoints,
  HistogramPoints,
  NumberPoints,
  Points,
  SummaryPoints,
} from '../model/metrics.ts';
import type { ValuePool } from '../model/value.ts';
import { F64Column, I32Column, U8Column, U32Column, Word64Column } from './growable.ts';
import type { PoolColumns } from './pool.ts';
import { AttributeColumns } from './value-columns.ts';

/** What every kind of point has. A point's attributes are pushed first; `endPoint` closes them. */
class PointColumns {
  readonly attributes: AttributeColumns;
  readonly startNs = new Word64Column();
  readonly timeNs = new Word64Column();
  private readonly metric = new U32Column();
  private readonly flags = new U32Column();

  constructor(pool: PoolColumns) {
    this.attributes = new AttributeColumns(pool);
  }

  get count(): number {
    return this.metric.length;
  }

  /** Pushes a zero to each column of one entry a point, to be overwritten; gives the point's row. */
  beginPoint(): number {
    this.startNs.push(0, 0);
    this.timeNs.push(0, 0);
    return this.count;
  }

  endPoint(metric: number, flags: number): void {
    this.metric.push(metric);
    this.flags.push(flags);
    this.attributes.endOwner();
  }

  protected takePoints(pool: ValuePool): Points {
    return {
      count: this.count,
      metric: this.metric.take(),
      startNs: this.startNs.take(),
      timeNs: this.timeNs.take(),
      flags: this.flags.take(),
      attributes: this.attributes.takeAttributes(pool),
    };
  }

  clear(): void {
    const { attributes, startNs, timeNs, metric, flags } = this;
    for (const part of [attributes, startNs, timeNs, metric, flags]) part.clear();
  }
}

export class ExemplarColumns {
  readonly offsets = new U32Column();
  readonly timeNs = new Word64Column();
  readonly valueType = new U8Column();
  readonly values = new Word64Column();
  readonly traceIds = new U8Column();
  readonly spanIds = new U8Column();
  readonly attributes: AttributeColumns;

  constructor(pool: PoolColumns) {
    this.attributes = new AttributeColumns(pool);
    this.offsets.push(0);
  }

  /** As `beginPoint`, for one exemplar. */
  beginExemplar(): number {
    this.timeNs.push(0, 0);
    this.valueType.push(0);
    this.values.push(0, 0);
    this.traceIds.pushZeros(traceIdBytes);
    this.spanIds.pushZeros(spanIdBytes);
    return this.valueType.length - 1;
  }

  endPoint(): void {
    this.offsets.push(this.valueType.length);
  }

  take(pool: ValuePool): ExemplarTable {
    const values = this.values.takeBuffer();
    const taken = {
      offsets: this.offsets.take(),
      timeNs: this.timeNs.take(),
      valueType: this.valueType.take(),
      doubles: new Float64Array(values),
      ints: new BigInt64Array(values),
      traceIds: this.traceIds.take(),
      spanIds: this.spanIds.take(),
      attributes: this.attributes.takeAttributes(pool),
    };
    this.offsets.push(0);
    return taken;
  }

  clear(): void {
    const { offsets, timeNs, valueType, values, traceIds, spanIds, attributes } = this;
    for (const part of [offsets, timeNs, valueType, values, traceIds, spanIds, attributes]) part.clear();
    offsets.push(0);
  }
}

export class NumberColumns extends PointColumns {
  readonly valueType = new U8Column();
  readonly values = new Word64Column();
  readonly exemplars: ExemplarColumns;

  constructor(pool: PoolColumns) {
    super(pool);
    this.exemplars = new ExemplarColumns(pool);
  }

  override beginPoint(): number {
    this.valueType.push(0);
    this.values.push(0, 0);
    return super.beginPoint();
  }

  override endPoint(metric: number, flags: number): void {
    super.endPoint(metric, flags);
    this.exemplars.endPoint();
  }

  take(pool: ValuePool): NumberPoints {
    const values = this.values.takeBuffer();
    return {
      ...this.takePoints(pool),
      valueType: this.valueType.take(),
      doubles: new Float64Array(values),
      ints: new BigInt64Array(values),
      exemplars: this.exemplars.take(pool),
    };
  }

  override clear(): void {
    super.clear();
    for (const part of [this.valueType, this.values, this.exemplars]) part.clear();
  }
}

/** Sum, minimum and maximum of a distribution, each of which may be absent. */
class DistributionColumns extends PointColumns {
  readonly total = new F64Column();
  readonly sum = new F64Column();
  readonly min = new F64Column();
  readonly max = new F64Column();
  readonly present = new U8Column();
  readonly exemplars: ExemplarColumns;

  constructor(pool: PoolColumns) {
    super(pool);
    this.exemplars = new ExemplarColumns(pool);
  }

  override beginPoint(): number {
    for (const column of [this.total, this.sum, this.min, this.max]) column.push(0);
    this.present.push(0);
    return super.beginPoint();
  }

  protected takeDistribution(pool: ValuePool) {
    return {
      ...this.takePoints(pool),
      total: this.total.take(),
      sum: this.sum.take(),
      min: this.min.take(),
      max: this.max.take(),
      present: this.present.take(),
      exemplars: this.exemplars.take(pool),
    };
  }

  override clear(): void {
    super.clear();
    const { total, sum, min, max, present, exemplars } = this;
    for (const part of [total, sum, min, max, present, exemplars]) part.clear();
  }
}

export class HistogramColumns extends DistributionColumns {
  readonly bounds = new F64Column();
  readonly buckets = new F64Column();
  private readonly boundOffsets = new U32Column();
  private readonly bucketOffsets = new U32Column();

  constructor(pool: PoolColumns) {
    super(pool);
    this.boundOffsets.push(0);
    this.bucketOffsets.push(0);
  }

  override endPoint(metric: number, flags: number): void {
    super.endPoint(metric, flags);
    this.exemplars.endPoint();
    this.boundOffsets.push(this.bounds.length);
    this.bucketOffsets.push(this.buckets.length);
  }

  take(pool: ValuePool): HistogramPoints {
    const taken = {
      ...this.takeDistribution(pool),
      boundOffsets: this.boundOffsets.take(),
      bounds: this.bounds.take(),
      bucketOffsets: this.bucketOffsets.take(),
      buckets: this.buckets.take(),
    };
    this.boundOffsets.push(0);
    this.bucketOffsets.push(0);
    return taken;
  }

  override clear(): void {
    super.clear();
    for (const part of [this.bounds, this.buckets, this.boundOffsets, this.bucketOffsets]) part.clear();
    this.boundOffsets.push(0);
    this.bucketOffsets.push(0);
  }
}

/** The counts of one point are pushed first; `endPoint` closes them. */
export class ExponentialBucketColumns {
  readonly counts = new F64Column();
  private readonly first = new I32Column();
  private readonly offsets = new U32Column();

  constructor() {
    this.offsets.push(0);
  }

  endPoint(first: number): void {
    this.first.push(first);
    this.offsets.push(this.counts.length);
  }

  take() {
    const taken = { first: this.first.take(), offsets: this.offsets.take(), counts: this.counts.take() };
    this.offsets.push(0);
    return taken;
  }

  clear(): void {
    for (const part of [this.counts, this.first, this.offsets]) part.clear();
    this.offsets.push(0);
  }
}

export class ExponentialColumns extends DistributionColumns {
  readonly scale = new I32Column();
  readonly zeroCount = new F64Column();
  readonly zeroThreshold = new F64Column();
  readonly positive = new ExponentialBucketColumns();
  readonly negative = new ExponentialBucketColumns();

  override beginPoint(): number {
    this.scale.push(0);
    this.zeroCount.push(0);
    this.zeroThreshold.push(0);
    return super.beginPoint();
  }

  override endPoint(metric: number, flags: number): void {
    super.endPoint(metric, flags);
    this.exemplars.endPoint();
  }

  take(pool: ValuePool): ExponentialPoints {
    return {
      ...this.takeDistribution(pool),
      scale: this.scale.take(),
      zeroCount: this.zeroCount.take(),
      zeroThreshold: this.zeroThreshold.take(),
      positive: this.positive.take(),
      negative: this.negative.take(),
    };
  }

  override clear(): void {
    super.clear();
    for (const part of [this.scale, this.zeroCount, this.zeroThreshold, this.positive, this.negative]) part.clear();
  }
}

export class SummaryColumns extends PointColumns {
  readonly total = new F64Column();
  readonly sum = new F64Column();
  readonly quantiles = new F64Column();
  readonly quantileValues = new F64Column();
  private readonly quantileOffsets = new U32Column();

  constructor(pool: PoolColumns) {
    super(pool);
    this.quantileOffsets.push(0);
  }

  override beginPoint(): number {
    this.total.push(0);
    this.sum.push(0);
    return super.beginPoint();
  }

  override endPoint(metric: number, flags: number): void {
    super.endPoint(metric, flags);
    this.quantileOffsets.push(this.quantiles.length);
  }

  take(pool: ValuePool): SummaryPoints {
    const taken = {
      ...this.takePoints(pool),
      total: this.total.take(),
      sum: this.sum.take(),
      quantileOffsets: this.quantileOffsets.take(),
      quantiles: this.quantiles.take(),
      quantileValues: this.quantileValues.take(),
    };
    this.quantileOffsets.push(0);
    return taken;
  }

  override clear(): void {
    super.clear();
    const { total, sum, quantiles, quantileValues, quantileOffsets } = this;
    for (const part of [total, sum, quantiles, quantileValues, quantileOffsets]) part.clear();
    quantileOffsets.push(0);
  }
}
