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
  readonly aroundZero?: boolean;
}

/** What is left of a bucket: the share of its observations, and the value that stands for them in the sum. */
interface Remainder {
  readonly share: number;
  readonly value: number;
}

const NOTHING: Remainder = { share: 0, value: 0 };

/** `h </ threshold` (below) or `h >/ threshold`; the layout stays, empty buckets go. No bucket lies beside NaN. */
export function trimHistogram(h: FloatHistogram, threshold: number, below: boolean): FloatHistogram {
  if (threshold === (below ? Infinity : -Infinity)) return h;
  let changed = false;
  let count = 0;
  let sum = 0;
  const keep = (observations: number, interval: Interval): number => {
    const { share, value } = remainder(interval, threshold, below);
    if (!(share >= 1) && observations !== 0) changed = true;
    const kept = observations === 0 ? 0 : observations * share;
    count += kept;
    if (kept !== 0) sum += kept * value;
    return kept;
  };
  const linear = usesCustomBuckets(h);
  const side = (buckets: BucketCounts, sign: 1 | -1): BucketCounts => {
    let at = 0;
    return mapCounts(buckets, (observations) => {
      const index = buckets.indexes[at++]!;
      const inner = bucketUpper(h, index - 1);
      const outer = bucketUpper(h, index);
      return keep(
        observations,
        sign === 1 ? { lower: inner, upper: outer, linear } : { lower: -outer, upper: -inner, linear },
      );
    });
  };
  const zeroCount = linear ? h.zeroCount : keep(h.zeroCount, zeroInterval(h));
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
    aroundZero: true,
  };
}

function remainder(interval: Interval, threshold: number, below: boolean): Remainder {
  if (Number.isNaN(threshold)) return interval.aroundZero ? { share: Number.NaN, value: Number.NaN } : NOTHING;
  // The first custom bucket begins at zero when its bound is positive. That says nothing about values below zero, so
  // a negative threshold from below still meets a bucket without beginning.
  const closes = interval.lower === -Infinity && interval.upper > 0 && interval.upper < Infinity;
  const lower = closes && (below || threshold >= 0) ? 0 : interval.lower;
  const { upper, linear } = interval;
  const whole = (value: number): Remainder => ({ share: 1, value });
  if (below) {
    if (upper === Infinity || threshold === -Infinity) return NOTHING;
    if (lower === -Infinity) return whole(Math.min(threshold, upper));
    if (threshold >= upper) return whole(middle(lower, upper, linear));
    if (threshold <= lower) return NOTHING;
    return { share: shareUnder(lower, upper, linear, threshold), value: middle(lower, threshold, linear) };
  }
  if (lower === -Infinity || threshold === Infinity) return NOTHING;
  if (upper === Infinity) return whole(Math.max(threshold, lower));
  if (threshold <= lower) return whole(middle(lower, upper, linear));
  if (threshold >= upper) return NOTHING;
  return { share: 1 - shareUnder(lower, upper, linear, threshold), value: middle(threshold, upper, linear) };
}

/** Share of a bucket's observations at or below a threshold inside it. */
function shareUnder(lower: number, upper: number, linear: boolean, threshold: number): number {
  if (linear) return (threshold - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const log = Math.log2(Math.abs(threshold));
  return lower > 0 ? (log - logLower) / (logUpper - logLower) : 1 - (log - logUpper) / (logLower - logUpper);
}

function middle(lower: number, upper: number, linear: boolean): number {
  return linear ? (lower + upper) / 2 : Math.sign(lower + upper) * Math.sqrt(Math.abs(lower * upper));
}
