/** Histograms of OTLP as native histograms. */
import { type ExponentialBuckets, type ExponentialPoints, type HistogramPoints, Present } from '@mario/otlp';
import {
  type BucketCounts,
  CUSTOM_BUCKETS_SCHEMA,
  denseBuckets,
  EXPONENTIAL_SCHEMA_MAX,
  EXPONENTIAL_SCHEMA_MIN,
  type FloatHistogram,
  NO_BUCKETS,
} from '../model/histogram.ts';
import { toSchema } from '../model/histogram-layout.ts';

/** Zero threshold of OTLP histograms that tell none, as in the real server. */
const ZERO_THRESHOLD = 1e-128;

/** Undefined when the scale is too coarse for a native histogram; a finer one is reduced. */
export function exponentialHistogram(points: ExponentialPoints, i: number): FloatHistogram | undefined {
  const scale = points.scale[i]!;
  if (scale < EXPONENTIAL_SCHEMA_MIN) return undefined;
  const threshold = points.zeroThreshold[i]!;
  const histogram: FloatHistogram = {
    schema: scale,
    zeroThreshold: threshold > 0 ? threshold : ZERO_THRESHOLD,
    zeroCount: points.zeroCount[i]!,
    count: points.total[i]!,
    sum: points.present[i]! & Present.sum ? points.sum[i]! : 0,
    positive: buckets(points.positive, i),
    negative: buckets(points.negative, i),
    customValues: [],
    counterResetHint: 'unknown',
  };
  return scale > EXPONENTIAL_SCHEMA_MAX ? toSchema(histogram, EXPONENTIAL_SCHEMA_MAX) : histogram;
}

/** Explicit bounds become custom buckets, one for one. */
export function explicitHistogram(points: HistogramPoints, i: number): FloatHistogram {
  const counts = points.buckets.subarray(points.bucketOffsets[i]!, points.bucketOffsets[i + 1]!);
  return {
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: points.total[i]!,
    sum: points.present[i]! & Present.sum ? points.sum[i]! : 0,
    positive: denseBuckets(0, [...counts]),
    negative: NO_BUCKETS,
    customValues: [...points.bounds.subarray(points.boundOffsets[i]!, points.boundOffsets[i + 1]!)],
    counterResetHint: 'unknown',
  };
}

/** OTLP's bucket k holds (base^k, base^(k+1)]; a native one is numbered by its upper bound. */
function buckets(side: ExponentialBuckets, i: number): BucketCounts {
  const counts = side.counts.subarray(side.offsets[i]!, side.offsets[i + 1]!);
  return denseBuckets(side.first[i]! + 1, [...counts]);
}
