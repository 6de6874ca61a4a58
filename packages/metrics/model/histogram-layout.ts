// Bringing two native histograms to one bucket layout: resolution, zero bucket, custom bounds.
import {
  type BucketCounts,
  bucketUpper,
  equalBounds,
  exponentialBound,
  type FloatHistogram,
  usesCustomBuckets,
} from './histogram.ts';

/** Two histograms with the same schema, zero threshold and custom bounds. */
export interface AlignedPair {
  readonly left: FloatHistogram;
  readonly right: FloatHistogram;
  /** True when custom bounds differed and both were merged into the bounds that they share. */
  readonly boundsReconciled: boolean;
}

/** Null when one histogram has custom and the other exponential buckets: these have no common layout. */
export function alignHistograms(a: FloatHistogram, b: FloatHistogram): AlignedPair | null {
  if (usesCustomBuckets(a) !== usesCustomBuckets(b)) return null;
  if (usesCustomBuckets(a)) {
    if (equalBounds(a.customValues, b.customValues)) return { left: a, right: b, boundsReconciled: false };
    const shared = a.customValues.filter((bound) => b.customValues.includes(bound));
    return { left: toCustomBounds(a, shared), right: toCustomBounds(b, shared), boundsReconciled: true };
  }
  const schema = Math.min(a.schema, b.schema);
  let left = toSchema(a, schema);
  let right = toSchema(b, schema);
  // Widening one zero bucket to a populated bucket's bound can make it the wider one, so this repeats until they meet.
  while (left.zeroThreshold !== right.zeroThreshold) {
    if (left.zeroThreshold > right.zeroThreshold) right = widenZeroBucket(right, left.zeroThreshold);
    else left = widenZeroBucket(left, right.zeroThreshold);
  }
  return { left, right, boundsReconciled: false };
}

/** Merges buckets down to a lower resolution. */
export function toSchema(h: FloatHistogram, schema: number): FloatHistogram {
  if (schema === h.schema) return h;
  if (schema > h.schema) throw new Error(`BUG: cannot raise a histogram's schema from ${h.schema} to ${schema}`);
  const shift = h.schema - schema;
  const target = (index: number): number => ((index - 1) >> shift) + 1;
  return {
    ...h,
    schema,
    positive: regroup(h.positive, target),
    negative: regroup(h.negative, target),
  };
}

/** Merges custom buckets into fewer bounds, each of which is one of the histogram's own. */
export function toCustomBounds(h: FloatHistogram, bounds: readonly number[]): FloatHistogram {
  const target = (index: number): number => {
    const upper = bucketUpper(h, index);
    const at = bounds.findIndex((bound) => bound >= upper);
    return at < 0 ? bounds.length : at;
  };
  return { ...h, customValues: bounds, positive: regroup(h.positive, target) };
}

function regroup(buckets: BucketCounts, target: (index: number) => number): BucketCounts {
  const indexes: number[] = [];
  const counts: number[] = [];
  buckets.indexes.forEach((index, i) => {
    const to = target(index);
    if (indexes.length > 0 && indexes[indexes.length - 1] === to) counts[counts.length - 1]! += buckets.counts[i]!;
    else {
      indexes.push(to);
      counts.push(buckets.counts[i]!);
    }
  });
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) };
}

/** Zero count and threshold after widening to at least `threshold`; a populated bucket is taken in whole. */
export function zeroCountForThreshold(h: FloatHistogram, wanted: number): { count: number; threshold: number } {
  let threshold = wanted;
  for (;;) {
    const before = threshold;
    let count = h.zeroCount;
    for (const side of [h.positive, h.negative]) {
      for (let i = 0; i < side.indexes.length; i++) {
        const index = side.indexes[i]!;
        if (exponentialBound(index - 1, h.schema) >= threshold) break;
        count += side.counts[i]!;
        const upper = exponentialBound(index, h.schema);
        if (upper > threshold && side.counts[i] !== 0) threshold = upper;
      }
    }
    if (threshold === before) return { count, threshold };
  }
}

function widenZeroBucket(h: FloatHistogram, wanted: number): FloatHistogram {
  const { count, threshold } = zeroCountForThreshold(h, wanted);
  return {
    ...h,
    zeroThreshold: threshold,
    zeroCount: count,
    positive: bucketsBeyond(h.positive, h.schema, threshold),
    negative: bucketsBeyond(h.negative, h.schema, threshold),
  };
}

/** Only the buckets whose lower bound (away from zero) is at least `threshold`. */
export function bucketsBeyond(buckets: BucketCounts, schema: number, threshold: number): BucketCounts {
  let first = 0;
  while (first < buckets.indexes.length && exponentialBound(buckets.indexes[first]! - 1, schema) < threshold) first++;
  return first === 0 ? buckets : { indexes: buckets.indexes.slice(first), counts: buckets.counts.slice(first) };
}
