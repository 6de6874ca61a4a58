// A batch of metrics as columns: one table of metrics, and one table of points per kind of point.
import type { AttributeTable } from './attributes.ts';
import type { TelemetryBatch } from './origin.ts';

export const MetricType = { empty: 0, gauge: 1, sum: 2, histogram: 3, exponentialHistogram: 4, summary: 5 } as const;
export type MetricTypeCode = (typeof MetricType)[keyof typeof MetricType];

export const Temporality = { unspecified: 0, delta: 1, cumulative: 2 } as const;
export type TemporalityCode = (typeof Temporality)[keyof typeof Temporality];

/** Codes of the `valueType` columns. */
export const NumberType = { none: 0, double: 1, int: 2 } as const;

/** Bit of the `flags` columns: the series has no value now (Prometheus: stale). */
export const flagNoRecordedValue = 1;

/** Bits of the `present` columns. */
export const Present = { sum: 1, min: 2, max: 4 } as const;

export interface MetricBatch extends TelemetryBatch {
  readonly signal: 'metrics';
  readonly metrics: MetricTable;
  /** Points of gauges and sums. */
  readonly numbers: NumberPoints;
  readonly histograms: HistogramPoints;
  readonly exponentials: ExponentialPoints;
  readonly summaries: SummaryPoints;
}

export interface MetricTable {
  readonly count: number;
  /** String ids. */
  readonly name: Uint32Array;
  readonly description: Uint32Array;
  readonly unit: Uint32Array;
  readonly type: Uint8Array;
  /** 0 for gauges and summaries. */
  readonly temporality: Uint8Array;
  /** 1 for monotonic sums. */
  readonly monotonic: Uint8Array;
  readonly metadata: AttributeTable;
  readonly resource: Uint32Array;
  readonly scope: Uint32Array;
}

/** What every kind of point has. */
export interface Points {
  readonly count: number;
  /** Index in `metrics`; never decreases from row to row. */
  readonly metric: Uint32Array;
  /** 0 when unknown. */
  readonly startNs: BigUint64Array;
  readonly timeNs: BigUint64Array;
  readonly flags: Uint32Array;
  /** Owner = row of the point. */
  readonly attributes: AttributeTable;
}

/** The exemplars of point `i` are the rows `offsets[i]` up to `offsets[i + 1]`. */
export interface ExemplarTable {
  readonly offsets: Uint32Array;
  readonly timeNs: BigUint64Array;
  readonly valueType: Uint8Array;
  readonly doubles: Float64Array;
  /** The same memory as `doubles`. */
  readonly ints: BigInt64Array;
  /** 16 bytes each, all zero when unknown. */
  readonly traceIds: Uint8Array;
  readonly spanIds: Uint8Array;
  /** The filtered attributes; owner = row of the exemplar. */
  readonly attributes: AttributeTable;
}

export interface NumberPoints extends Points {
  /** A code of `NumberType`; it tells which view to read. */
  readonly valueType: Uint8Array;
  readonly doubles: Float64Array;
  /** The same memory as `doubles`. */
  readonly ints: BigInt64Array;
  readonly exemplars: ExemplarTable;
}

/** Counts are doubles: exact to 2^53. */
export interface HistogramPoints extends Points {
  readonly total: Float64Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Bits of `Present`. */
  readonly present: Uint8Array;
  /** Bounds of point `i`: `bounds[boundOffsets[i]]` up to `bounds[boundOffsets[i + 1]]`. */
  readonly boundOffsets: Uint32Array;
  readonly bounds: Float64Array;
  /** As `boundOffsets`; one bucket more than bounds, or none at all. Counts are per bucket, not cumulative. */
  readonly bucketOffsets: Uint32Array;
  readonly buckets: Float64Array;
  readonly exemplars: ExemplarTable;
}

export interface ExponentialPoints extends Points {
  readonly total: Float64Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly present: Uint8Array;
  readonly scale: Int32Array;
  readonly zeroCount: Float64Array;
  readonly zeroThreshold: Float64Array;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  readonly exemplars: ExemplarTable;
}

/** Bucket `k` of point `i` (counts[offsets[i] + k]) has index `first[i] + k`. */
export interface ExponentialBuckets {
  readonly first: Int32Array;
  readonly offsets: Uint32Array;
  readonly counts: Float64Array;
}

export interface SummaryPoints extends Points {
  readonly total: Float64Array;
  readonly sum: Float64Array;
  readonly quantileOffsets: Uint32Array;
  readonly quantiles: Float64Array;
  readonly quantileValues: Float64Array;
}

/** The value of a number point or exemplar as a double; NaN when it has none. Integers beyond 2^53 are rounded. */
export function numberValue(
  column: { readonly valueType: Uint8Array; readonly doubles: Float64Array; readonly ints: BigInt64Array },
  i: number,
): number {
  if (column.valueType[i] === NumberType.double) return column.doubles[i]!;
  return column.valueType[i] === NumberType.int ? Number(column.ints[i]!) : Number.NaN;
}
