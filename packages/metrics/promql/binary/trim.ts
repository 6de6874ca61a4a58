// The histogram operators </ and >/: drop observations above, or below, a bound.
import {
  allBuckets,
  type Bucket,
  type BucketCounts,
  bucketUpper,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  mapCounts,
} from '../../model/histogram.ts';

/**
 * Keeps the observations up to `bound` (`upper`) or from it on. The bucket that holds the bound is split as
 * histogram_fraction would: exponentially in exponential buckets, linearly in the zero bucket and in custom ones. The
 * sum is estimated anew from the buckets, since what the dropped observations added to it is unknown.
 */
export function trimHistogram(h: FloatHistogram, bound: number, upper: boolean): FloatHistogram {
  if (Number.isNaN(bound)) return h;
  let changed = false;
  const keep = (bucket: Bucket): number => {
    const fraction = keptFraction(h, bucket, bound, upper);
    if (fraction < 1 && bucket.count !== 0) changed = true;
    return bucket.count * fraction;
  };
  const side = (buckets: BucketCounts, sign: 1 | -1): BucketCounts => {
    let i = 0;
    return mapCounts(buckets, (count) => keep(bucketAt(h, buckets.indexes[i++]!, count, sign)));
  };
  const positive = side(h.positive, 1);
  const negative = side(h.negative, -1);
  const zero: Bucket = {
    lower: h.negative.counts.length === 0 && h.positive.counts.length > 0 ? 0 : -h.zeroThreshold,
    upper: h.positive.counts.length === 0 && h.negative.counts.length > 0 ? 0 : h.zeroThreshold,
    lowerInclusive: true,
    upperInclusive: true,
    count: h.zeroCount,
  };
  const zeroCount = keep(zero);
  if (!changed) return h;
  const trimmed: FloatHistogram = { ...h, positive, negative, zeroCount };
  const buckets = allBuckets(trimmed);
  const count = buckets.reduce((total, bucket) => total + bucket.count, 0);
  const sum = buckets.reduce((total, bucket) => total + bucket.count * middle(h, bucket, bound, upper), 0);
  return { ...trimmed, count, sum };
}

function bucketAt(h: FloatHistogram, index: number, count: number, sign: 1 | -1): Bucket {
  const inner = bucketUpper(h, index - 1);
  const outer = bucketUpper(h, index);
  return sign === 1
    ? { lower: inner, upper: outer, lowerInclusive: false, upperInclusive: true, count }
    : { lower: -outer, upper: -inner, lowerInclusive: true, upperInclusive: false, count };
}

function keptFraction(h: FloatHistogram, bucket: Bucket, bound: number, upper: boolean): number {
  const { lower, upper: top } = bucket;
  if (bound >= top) return upper ? 1 : 0;
  if (bound <= lower) return upper ? 0 : 1;
  // A bucket without one of its ends cannot be split; it goes as a whole.
  if (!Number.isFinite(lower) || !Number.isFinite(top)) return upper === !Number.isFinite(lower) ? 0 : 1;
  let below: number;
  if (h.schema === CUSTOM_BUCKETS_SCHEMA || lower <= 0 === top >= 0) below = (bound - lower) / (top - lower);
  else below = Math.log(bound / lower) / Math.log(top / lower);
  return upper ? below : 1 - below;
}

function middle(h: FloatHistogram, bucket: Bucket, bound: number, upper: boolean): number {
  const lower = upper ? bucket.lower : Math.max(bucket.lower, Math.min(bound, bucket.upper));
  const top = upper ? Math.min(bucket.upper, Math.max(bound, bucket.lower)) : bucket.upper;
  if (!Number.isFinite(lower)) return top;
  if (!Number.isFinite(top)) return lower;
  if (h.schema === CUSTOM_BUCKETS_SCHEMA || lower * top <= 0) return (lower + top) / 2;
  return Math.sign(top) * Math.sqrt(lower * top);
}
