// Native histograms: sparse exponential buckets (schemas -4..8) or custom bounds (schema -53), as plain data.
// Operations never change their arguments. Bucket i of an exponential schema s holds (2^((i-1)/2^s), 2^(i/2^s)];
// bucket i of a custom schema holds (bounds[i-1], bounds[i]], the last one reaching to +Inf.

export type CounterResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** Absolute bucket counts by index, ascending; indexes without entry are empty. */
export interface BucketCounts {
  readonly indexes: Int32Array;
  readonly counts: Float64Array;
}

export interface FloatHistogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: BucketCounts;
  readonly negative: BucketCounts;
  /** Upper bounds of the buckets of the custom schema, ascending, without +Inf; empty for exponential schemas. */
  readonly customValues: readonly number[];
  readonly counterResetHint: CounterResetHint;
}

/** One bucket with its bounds. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

export const CUSTOM_BUCKETS_SCHEMA = -53;
export const EXPONENTIAL_SCHEMA_MIN = -4;
export const EXPONENTIAL_SCHEMA_MAX = 8;
export const NO_BUCKETS: BucketCounts = { indexes: new Int32Array(0), counts: new Float64Array(0) };

export const EMPTY_HISTOGRAM: FloatHistogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customValues: [],
  counterResetHint: 'unknown',
};

export function usesCustomBuckets(h: FloatHistogram): boolean {
  return h.schema === CUSTOM_BUCKETS_SCHEMA;
}

/** Buckets from a dense list that begins at `offset`; zero counts are left out. */
export function denseBuckets(offset: number, dense: readonly number[]): BucketCounts {
  const indexes: number[] = [];
  const counts: number[] = [];
  dense.forEach((count, i) => {
    if (count === 0) return;
    indexes.push(offset + i);
    counts.push(count);
  });
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) };
}

/**
 * Bounds in [1, 2) by schema. Every second bound is one of the schema below, the others are the one before times the
 * growth factor: to the last bit those of the real server, whose factor for schema 1 is just below the root of two.
 */
const BOUND_FRACTIONS: readonly Float64Array[] = boundFractions();

function boundFractions(): Float64Array[] {
  const all = [Float64Array.of(1)];
  for (let schema = 1; schema <= EXPONENTIAL_SCHEMA_MAX; schema++) {
    const factor = schema === 1 ? Math.SQRT2 - Number.EPSILON : 2 ** (2 ** -schema);
    const fractions = new Float64Array(2 ** schema);
    for (let i = 0; i < fractions.length; i++) {
      fractions[i] = i % 2 === 0 ? all[schema - 1]![i / 2]! : fractions[i - 1]! * factor;
    }
    all.push(fractions);
  }
  return all;
}

/** Upper bound of the bucket `index` of an exponential schema. */
export function exponentialBound(index: number, schema: number): number {
  const exponent = schema < 0 ? index * 2 ** -schema : index >> schema;
  const fraction = schema < 0 ? 1 : BOUND_FRACTIONS[schema]![index & (2 ** schema - 1)]!;
  // The last bucket for regular numbers ends at the largest one; what is beyond it counts observations of ±Inf.
  return exponent === 1024 && fraction === 1 ? Number.MAX_VALUE : fraction * 2 ** exponent;
}

/** Upper bound of bucket `index`; below the first -Inf, beyond the last +Inf for custom bounds. */
export function bucketUpper(h: Pick<FloatHistogram, 'schema' | 'customValues'>, index: number): number {
  if (h.schema !== CUSTOM_BUCKETS_SCHEMA) return exponentialBound(index, h.schema);
  if (index < 0) return -Infinity;
  return index < h.customValues.length ? h.customValues[index]! : Infinity;
}

/** All buckets in ascending order: negative, zero (when populated), positive; those beside zero begin where it ends. */
export function allBuckets(h: FloatHistogram): Bucket[] {
  const { zeroThreshold } = h;
  const buckets = plainBuckets(h);
  if (zeroThreshold === 0) return buckets;
  return buckets.map((bucket) => {
    if (bucket.lower > 0 && bucket.lower < zeroThreshold) return { ...bucket, lower: zeroThreshold };
    if (bucket.upper < 0 && bucket.upper > -zeroThreshold) return { ...bucket, upper: -zeroThreshold };
    return bucket;
  });
}

/** With the bounds of the schema, even where they reach into the zero bucket. */
function plainBuckets(h: FloatHistogram): Bucket[] {
  const out: Bucket[] = [];
  for (let i = h.negative.indexes.length - 1; i >= 0; i--) {
    const index = h.negative.indexes[i]!;
    out.push({
      lower: -bucketUpper(h, index),
      upper: -bucketUpper(h, index - 1),
      lowerInclusive: true,
      upperInclusive: false,
      count: h.negative.counts[i]!,
    });
  }
  if (h.zeroCount > 0) out.push(zeroBucket(h));
  for (let i = 0; i < h.positive.indexes.length; i++) {
    const index = h.positive.indexes[i]!;
    out.push({
      lower: bucketUpper(h, index - 1),
      upper: bucketUpper(h, index),
      // The first custom bucket begins with negative infinity itself.
      lowerInclusive: index === 0 && usesCustomBuckets(h),
      upperInclusive: true,
      count: h.positive.counts[i]!,
    });
  }
  return out;
}

export function zeroBucket(h: FloatHistogram): Bucket {
  return {
    lower: -h.zeroThreshold,
    upper: h.zeroThreshold,
    lowerInclusive: true,
    upperInclusive: true,
    count: h.zeroCount,
  };
}

/** Multiplies every count and the sum. A negative factor makes it a gauge: counters do not go below zero. */
export function scaleHistogram(h: FloatHistogram, factor: number): FloatHistogram {
  return {
    ...h,
    zeroCount: h.zeroCount * factor,
    count: h.count * factor,
    sum: h.sum * factor,
    positive: mapCounts(h.positive, (count) => count * factor),
    negative: mapCounts(h.negative, (count) => count * factor),
    counterResetHint: factor < 0 ? 'gauge' : h.counterResetHint,
  };
}

/** Divides every count and the sum; a division by zero removes all buckets but the zero bucket. */
export function divideHistogram(h: FloatHistogram, divisor: number): FloatHistogram {
  return {
    ...h,
    zeroCount: h.zeroCount / divisor,
    count: h.count / divisor,
    sum: h.sum / divisor,
    positive: divisor === 0 ? NO_BUCKETS : mapCounts(h.positive, (count) => count / divisor),
    negative: divisor === 0 ? NO_BUCKETS : mapCounts(h.negative, (count) => count / divisor),
    counterResetHint: divisor < 0 ? 'gauge' : h.counterResetHint,
  };
}

export function withHint(h: FloatHistogram, counterResetHint: CounterResetHint): FloatHistogram {
  return h.counterResetHint === counterResetHint ? h : { ...h, counterResetHint };
}

/** Without empty buckets. */
export function compactHistogram(h: FloatHistogram): FloatHistogram {
  const positive = compactCounts(h.positive);
  const negative = compactCounts(h.negative);
  return positive === h.positive && negative === h.negative ? h : { ...h, positive, negative };
}

function compactCounts(buckets: BucketCounts): BucketCounts {
  if (!buckets.counts.includes(0)) return buckets;
  const keep = [...buckets.counts.keys()].filter((i) => buckets.counts[i] !== 0);
  return {
    indexes: Int32Array.from(keep, (i) => buckets.indexes[i]!),
    counts: Float64Array.from(keep, (i) => buckets.counts[i]!),
  };
}

export function mapCounts(buckets: BucketCounts, map: (count: number) => number): BucketCounts {
  return buckets.counts.length === 0 ? buckets : { indexes: buckets.indexes, counts: buckets.counts.map(map) };
}

/** Same layout and the same numbers, NaN and the sign of zero included; empty buckets and hints do not matter. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    Object.is(a.zeroCount, b.zeroCount) &&
    a.zeroThreshold === b.zeroThreshold &&
    equalBounds(a.customValues, b.customValues) &&
    equalCounts(a.positive, b.positive) &&
    equalCounts(a.negative, b.negative)
  );
}

function equalCounts(a: BucketCounts, b: BucketCounts): boolean {
  const left = compactCounts(a);
  const right = compactCounts(b);
  if (left.indexes.length !== right.indexes.length) return false;
  for (let i = 0; i < left.indexes.length; i++) {
    if (left.indexes[i] !== right.indexes[i] || !Object.is(left.counts[i], right.counts[i])) return false;
  }
  return true;
}

export function equalBounds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((bound, i) => bound === b[i]));
}

/** As the real server prints it: `{count:4, sum:5, (0.5,1]:1, (1,2]:2}`. */
export function printHistogram(h: FloatHistogram, format: (value: number) => string): string {
  const parts = [`count:${format(h.count)}`, `sum:${format(h.sum)}`];
  // Differences of gauges may leave a negative count around zero; it is shown, although no estimate looks at it.
  const buckets = plainBuckets(h);
  if (h.zeroCount < 0) buckets.splice(h.negative.indexes.length, 0, zeroBucket(h));
  for (const bucket of buckets) {
    if (bucket.count === 0) continue;
    const open = bucket.lowerInclusive ? '[' : '(';
    const close = bucket.upperInclusive ? ']' : ')';
    parts.push(`${open}${format(bucket.lower)},${format(bucket.upper)}${close}:${format(bucket.count)}`);
  }
  return `{${parts.join(', ')}}`;
}
