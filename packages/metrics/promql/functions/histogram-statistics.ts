// Count, sum, mean and spread of native histograms.
import { allBuckets, type FloatHistogram, usesCustomBuckets } from '../../model/histogram.ts';
import { HISTOGRAM, SeriesBuilder, type VectorValue } from '../engine/value.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';

const ofHistogram =
  (compute: (h: FloatHistogram) => number): InstantFunction =>
  async ({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> => {
    const input = await evaluator.vector(call.args[0]!, steps);
    const out = [];
    for (const one of input.series) {
      if (one.histograms === null) continue;
      const builder = new SeriesBuilder(steps.count);
      for (let step = 0; step < steps.count; step++) {
        if (one.presence[step] === HISTOGRAM) builder.setFloat(step, compute(one.histograms[step]!));
      }
      if (builder.points > 0) out.push(evaluator.nameless(builder.build(one.labels, one.dropName)));
    }
    evaluator.releaseAll(input);
    return evaluator.finish(out);
  };

/** Estimated from the buckets: every observation counts as its bucket's middle (geometric, zero, or arithmetic). */
function variance(h: FloatHistogram): number {
  const mean = h.sum / h.count;
  let total = 0;
  for (const { lower, upper, count } of allBuckets(h)) {
    if (count === 0) continue;
    let value: number;
    if (usesCustomBuckets(h)) value = (lower + upper) / 2;
    else if (lower <= 0 && upper >= 0) value = 0;
    else value = Math.sign(upper) * Math.sqrt(upper * lower);
    total += count * (value - mean) ** 2;
  }
  return total / h.count;
}

export const HISTOGRAM_STATISTICS: readonly (readonly [string, InstantFunction])[] = [
  ['histogram_count', ofHistogram((h) => h.count)],
  ['histogram_sum', ofHistogram((h) => h.sum)],
  ['histogram_avg', ofHistogram((h) => h.sum / h.count)],
  ['histogram_stdvar', ofHistogram(variance)],
  ['histogram_stddev', ofHistogram((h) => Math.sqrt(variance(h)))],
];
