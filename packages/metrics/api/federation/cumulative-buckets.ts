/** Native histograms with custom buckets as the classic histograms that they were made of. */
import type { FloatHistogram } from '../../model/histogram.ts';

/** One for each bound, without +Inf. */
export function cumulativeBuckets({
  customValues,
  positive,
}: FloatHistogram): readonly { readonly upper: number; readonly count: number }[] {
  let at = 0;
  let count = 0;
  return customValues.map((upper, index) => {
    while (at < positive.indexes.length && positive.indexes[at]! <= index) count += positive.counts[at++]!;
    return { upper, count };
  });
}
