// changes and resets: how often a series took another value, or its counter restarted.
import { equalHistograms } from '../../../model/histogram.ts';
import { detectReset } from '../../../model/histogram-reset.ts';
import { type MergedSample, mergedSamples } from './merged.ts';
import { isStartReset } from './start-timestamp.ts';
import { perWindow, type RangeFunction } from './window.ts';

export const changes: RangeFunction = {
  evaluate: (window, call) => countPairs(mergedSamples(window, call), differs),
  allFloats: perWindow((values, lo, hi) => {
    let count = 0;
    for (let i = lo + 1; i < hi; i++) {
      const previous = values[i - 1]!;
      const value = values[i]!;
      // NaN after NaN is no change.
      if (value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))) count++;
    }
    return count;
  }),
};

export const resets: RangeFunction = {
  evaluate: (window, call) =>
    countPairs(mergedSamples(window, call), (previous, sample) => {
      const started =
        call.useStartTimestamps && isStartReset(previous.startMs, previous.timeMs, sample.startMs, sample.timeMs);
      return started || fell(previous, sample);
    }),
  allFloats: perWindow((values, lo, hi) => {
    let count = 0;
    for (let i = lo + 1; i < hi; i++) if (values[i]! < values[i - 1]!) count++;
    return count;
  }),
};

function countPairs(
  samples: readonly MergedSample[],
  counts: (previous: MergedSample, sample: MergedSample) => boolean,
): number | undefined {
  if (samples.length === 0) return undefined;
  let count = 0;
  for (let i = 1; i < samples.length; i++) if (counts(samples[i - 1]!, samples[i]!)) count++;
  return count;
}

function differs({ value: a }: MergedSample, { value: b }: MergedSample): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a !== b && !(Number.isNaN(a) && Number.isNaN(b));
  return typeof a === 'number' || typeof b === 'number' || !equalHistograms(a, b);
}

function fell({ value: a }: MergedSample, { value: b }: MergedSample): boolean {
  if (typeof a === 'number' && typeof b === 'number') return b < a;
  // From floats to histograms or back, the counter cannot have gone on.
  return typeof a === 'number' || typeof b === 'number' || detectReset(b, a);
}
