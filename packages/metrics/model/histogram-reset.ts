// Counter resets of native histograms: detection between two samples, and the hints a store gives to appended ones.
import {
  type BucketCounts,
  type CounterResetHint,
  equalBounds,
  type FloatHistogram,
  usesCustomBuckets,
} from './histogram.ts';
import { alignHistograms, bucketsBeyond, toSchema, zeroCountForThreshold } from './histogram-layout.ts';

/** Whether `current` cannot follow `previous` in one uninterrupted counter. Hints decide where they are known. */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterResetHint === 'reset') return true;
  if (current.counterResetHint === 'not_reset') return false;
  return countsFell(current, previous);
}

function countsFell(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current) !== usesCustomBuckets(previous)) return true;
  if (usesCustomBuckets(current)) {
    const pair = alignHistograms(current, previous)!;
    return anyBucketFell(pair.left.positive, pair.right.positive);
  }
  // A finer resolution or a narrower zero bucket cannot come from the same counter.
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const before = toSchema(previous, current.schema);
  // The zero bucket is compared in the previous histogram's own resolution, as the real server does.
  const zero = zeroCountForThreshold(previous, current.zeroThreshold);
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true;
  const beyond = (buckets: BucketCounts): BucketCounts => bucketsBeyond(buckets, current.schema, current.zeroThreshold);
  return (
    anyBucketFell(beyond(current.positive), beyond(before.positive)) ||
    anyBucketFell(beyond(current.negative), beyond(before.negative))
  );
}

function anyBucketFell(current: BucketCounts, previous: BucketCounts): boolean {
  let at = 0;
  for (let i = 0; i < previous.indexes.length; i++) {
    const index = previous.indexes[i]!;
    while (at < current.indexes.length && current.indexes[at]! < index) at++;
    const count = at < current.indexes.length && current.indexes[at] === index ? current.counts[at]! : 0;
    if (count < previous.counts[i]!) return true;
  }
  return false;
}

/**
 * The hint under which a store keeps a histogram that is appended after `previous` (null: the series' first histogram
 * or the first one after floats or a staleness marker): gauges stay gauges; a sample that continues the counter in the
 * same layout is "not_reset"; anything else is "unknown", because what stood before may be deleted later.
 */
export function storedHint(next: FloatHistogram, previous: FloatHistogram | null): CounterResetHint {
  if (next.counterResetHint === 'gauge') return 'gauge';
  if (previous === null || previous.counterResetHint === 'gauge' || next.counterResetHint === 'reset') return 'unknown';
  const sameLayout =
    next.schema === previous.schema &&
    next.zeroThreshold === previous.zeroThreshold &&
    equalBounds(next.customValues, previous.customValues);
  return sameLayout && !countsFell(next, previous) ? 'not_reset' : 'unknown';
}
