/** Limits on scraped native histograms: they are made coarser until they fit, as the real server does. */
import type { HistogramScraping } from '../config/scrape-config.ts';
import {
  EXPONENTIAL_SCHEMA_MAX,
  EXPONENTIAL_SCHEMA_MIN,
  type FloatHistogram,
  usesCustomBuckets,
} from '../model/histogram.ts';
import { toSchema } from '../model/histogram-layout.ts';

/** A scrape that read well and is refused as a whole. */
export class ScrapeLimitError extends Error {
  override readonly name = 'ScrapeLimitError';
}

/** Throws ScrapeLimitError when even the coarsest resolution has too many buckets, or bounds are given one by one. */
export function limitBuckets(histogram: FloatHistogram, limits: HistogramScraping): FloatHistogram {
  const { bucketsMax, bucketFactorMin } = limits;
  let fitting = histogram;
  if (!usesCustomBuckets(fitting)) {
    const schemaMax = schemaOf(bucketFactorMin);
    if (fitting.schema > schemaMax) fitting = toSchema(fitting, schemaMax);
  }
  if (bucketsMax === 0) return fitting;
  while (bucketCount(fitting) > bucketsMax) {
    if (usesCustomBuckets(fitting) || fitting.schema <= EXPONENTIAL_SCHEMA_MIN)
      throw new ScrapeLimitError('histogram bucket limit exceeded');
    fitting = toSchema(fitting, fitting.schema - 1);
  }
  return fitting;
}

function bucketCount({ positive, negative }: FloatHistogram): number {
  return positive.counts.length + negative.counts.length;
}

/** The finest schema that the real server keeps for this factor: the first whose buckets grow by no more than it. */
function schemaOf(factor: number): number {
  if (factor <= 1) return EXPONENTIAL_SCHEMA_MAX;
  const schema = -Math.floor(Math.log2(Math.log2(factor)));
  return Math.min(EXPONENTIAL_SCHEMA_MAX, Math.max(EXPONENTIAL_SCHEMA_MIN, schema));
}
