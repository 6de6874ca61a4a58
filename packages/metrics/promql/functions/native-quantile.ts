// Quantiles and fractions of native histograms.
import { allBuckets, type Bucket, type FloatHistogram, usesCustomBuckets } from '../../model/histogram.ts';

/** What observations of NaN (they count but are in no bucket) did to a quantile. */
export type NaNEffect = 'none' | 'result' | 'skew';

export interface NativeQuantile {
  readonly value: number;
  readonly nan: NaNEffect;
}

export function nativeQuantile(q: number, h: FloatHistogram): NativeQuantile {
  const plain = (value: number): NativeQuantile => ({ value, nan: 'none' });
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  if (h.count === 0 || Number.isNaN(q)) return plain(Number.NaN);
  const hasNaN = Number.isNaN(h.sum);
  const forward = hasNaN || q < 0.5;
  const wanted = forward ? q * h.count : (1 - q) * h.count;
  const populated = allBuckets(h).filter((bucket) => bucket.count !== 0);
  if (!forward) populated.reverse();
  let reached = 0;
  let bucket: Bucket = { lower: 0, upper: 0, lowerInclusive: true, upperInclusive: true, count: 0 };
  for (bucket of populated) {
    reached += bucket.count;
    if (reached >= wanted) break;
  }
  const { lower, upper, edge } = effectiveBounds(h, bucket);
  if (edge !== null) return plain(edge);
  reached = Math.min(reached, h.count);
  if (reached < wanted) return hasNaN ? { value: Number.NaN, nan: 'result' } : plain(upper);
  const rank = forward ? wanted - (reached - bucket.count) : reached - wanted;
  const value = interpolate(h, lower, upper, rank / bucket.count);
  return { value, nan: hasNaN && observationsOf(h) < h.count ? 'skew' : 'none' };
}

/** Bounds to interpolate between; `edge` is the answer itself for custom buckets without a lower or upper end. */
function effectiveBounds(h: FloatHistogram, bucket: Bucket): { lower: number; upper: number; edge: number | null } {
  let { lower, upper } = bucket;
  if (usesCustomBuckets(h)) {
    if (lower === -Infinity) {
      if (upper <= 0) return { lower, upper, edge: upper };
      lower = 0;
    } else if (upper === Infinity) {
      return { lower, upper, edge: lower };
    }
  } else if (lower < 0 && upper > 0) {
    ({ lower, upper } = zeroBounds(h, lower, upper));
  }
  return { lower, upper, edge: null };
}

/** The zero bucket of a histogram with buckets on one side only lies on that side. */
function zeroBounds(h: FloatHistogram, lower: number, upper: number): { lower: number; upper: number } {
  const negative = h.negative.indexes.length > 0;
  const positive = h.positive.indexes.length > 0;
  return { lower: positive && !negative ? 0 : lower, upper: negative && !positive ? 0 : upper };
}

/** Linear in custom buckets and around zero, else exponential. */
function interpolate(h: FloatHistogram, lower: number, upper: number, fraction: number): number {
  if (usesCustomBuckets(h) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

export function nativeFraction(from: number, to: number, h: FloatHistogram): { value: number; nan: boolean } {
  if (h.count === 0 || Number.isNaN(from) || Number.isNaN(to)) return { value: Number.NaN, nan: false };
  const nan = Number.isNaN(h.sum);
  if (from >= to) return { value: 0, nan: false };
  const buckets = allBuckets(h);
  // Observations of NaN are in the count but in no bucket, so that no range holds them.
  const total = nan ? observationsOf(h) : h.count;
  const value = (rankOf(to, h, buckets, total) - rankOf(from, h, buckets, total)) / h.count;
  return { value, nan: nan && total < h.count };
}

/** All in buckets. A sum of NaN alone says little: +Inf and -Inf add up to it as well. */
function observationsOf(h: FloatHistogram): number {
  return allBuckets(h).reduce((sum, bucket) => sum + bucket.count, 0);
}

function rankOf(value: number, h: FloatHistogram, buckets: readonly Bucket[], total: number): number {
  let rank = 0;
  for (const bucket of buckets) {
    let { lower, upper } = bucket;
    const aroundZero = lower <= 0 && upper >= 0;
    if (usesCustomBuckets(h)) {
      if (lower === -Infinity && upper > 0) lower = 0;
    } else if (aroundZero) ({ lower, upper } = zeroBounds(h, lower, upper));
    if (lower >= value) return Math.min(rank, total);
    if (upper > value) return Math.min(total, rank + bucket.count * shareBelow(h, lower, upper, value, aroundZero));
    rank += bucket.count;
  }
  return total;
}

function shareBelow(h: FloatHistogram, lower: number, upper: number, value: number, aroundZero: boolean): number {
  if (usesCustomBuckets(h) || aroundZero) {
    if (lower === -Infinity) return 1;
    return upper === Infinity ? 0 : (value - lower) / (upper - lower);
  }
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}
