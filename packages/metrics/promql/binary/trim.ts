// The histogram operators </ and >/: keep the observations below, or above, a threshold. Where the threshold lies
// inside a bucket, that bucket is split as the bucket's distribution is assumed to be: log-uniform in exponential
// buckets, uniform around zero and between custom bounds. The sum is then estimated anew from the middles of what is
// left, since nobody knows what the dropped observations had added to it.
import {
  type BucketCounts,
  bucketUpper,
  compactHistogram,
  type FloatHistogram,
  mapCounts,
  usesCustomBuckets,
} from '../../model/histogram.ts';

interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** Observations are assumed to be spread evenly, not evenly over the logarithm. */
  readonly linear: boolean;
}

/** `h </ threshold` (below) or `h >/ threshold`; the layout stays, empty buckets go. */
export function trimHistogram(h: FloatHistogram, threshold: number, below: boolean): FloatHistogram {
  if (Number.isNaN(threshold)) return h;
  let changed = false;
  let count = 0;
  let sum = 0;
  const keep = (observations: number, interval: Interval): number => {
    const share = keptShare(interval, threshold, below);
    if (share < 1 && observations !== 0) changed = true;
    const kept = observations * share;
    if (kept === 0) return 0;
    count += kept;
    const split = threshold > interval.lower && threshold < interval.upper;
    const lower = split && !below ? threshold : interval.lower;
    const upper = split && below ? threshold : interval.upper;
    sum += kept * middle(lower, upper, interval.linear);
    return kept;
  };
  const linear = usesCustomBuckets(h);
  const side = (buckets: BucketCounts, sign: 1 | -1): BucketCounts => {
    let at = 0;
    return mapCounts(buckets, (observations) => {
      const index = buckets.indexes[at++]!;
      const inner = bucketUpper(h, index - 1);
      const outer = bucketUpper(h, index);
      const interval = sign === 1 ? { lower: inner, upper: outer, linear } : { lower: -outer, upper: -inner, linear };
      return keep(observations, interval);
    });
  };
  const zeroCount = usesCustomBuckets(h) ? h.zeroCount : keep(h.zeroCount, zeroInterval(h));
  const positive = side(h.positive, 1);
  const negative = side(h.negative, -1);
  return changed ? compactHistogram({ ...h, zeroCount, positive, negative, count, sum }) : h;
}

/** Observations around zero are taken to have the sign of all others, where those have one sign. */
function zeroInterval({ zeroThreshold, positive, negative }: FloatHistogram): Interval {
  const hasPositive = positive.counts.some((observations) => observations > 0);
  const hasNegative = negative.counts.some((observations) => observations > 0);
  return {
    lower: hasPositive && !hasNegative ? 0 : -zeroThreshold,
    upper: hasNegative && !hasPositive ? 0 : zeroThreshold,
    linear: true,
  };
}

function keptShare(interval: Interval, threshold: number, below: boolean): number {
  if (interval.upper <= threshold) return below ? 1 : 0;
  if (interval.lower >= threshold) return below ? 0 : 1;
  const under = shareUnder(interval, threshold);
  return below ? under : 1 - under;
}

/** Share of a bucket's observations at or below a threshold inside it. */
function shareUnder({ lower, upper, linear }: Interval, threshold: number): number {
  if (lower === -Infinity) {
    // The first custom bucket begins at zero when its bound is positive; else its observations are at -Inf.
    if (upper > 0 && Number.isFinite(upper) && threshold > 0) return threshold / upper;
    return upper <= 0 ? 1 : 0;
  }
  if (upper === Infinity) return 0;
  if (linear) return (threshold - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const log = Math.log2(Math.abs(threshold));
  return lower > 0 ? (log - logLower) / (logUpper - logLower) : 1 - (log - logUpper) / (logLower - logUpper);
}

function middle(lower: number, upper: number, linear: boolean): number {
  if (lower === -Infinity) {
    if (upper === Infinity) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (upper === Infinity) return lower;
  if (linear) return (lower + upper) / 2;
  return Math.sign(upper) * Math.sqrt(Math.abs(lower * upper));
}
