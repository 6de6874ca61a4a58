// sum_over_time and avg_over_time, with compensated addition.
import type { FloatHistogram } from '../../../model/histogram.ts';
import { averageHistograms, HistogramSum } from '../../../model/histogram-arithmetic.ts';
import { floatCount, histogramCount, perWindow, type RangeCall, type RangeFunction, type Window } from './window.ts';

export const sumOverTime: RangeFunction = {
  evaluate: (window, call) => {
    if (isMixed(window, call)) return undefined;
    if (histogramCount(window) > 0) return sumHistograms(window, call, false);
    return sumOf(window.floats.values, window.floatLo, window.floatHi);
  },
  allFloats: perWindow(sumOf),
};

export const avgOverTime: RangeFunction = {
  evaluate: (window, call) => {
    if (isMixed(window, call)) return undefined;
    if (histogramCount(window) > 0) return sumHistograms(window, call, true);
    return meanOf(window.floats.values, window.floatLo, window.floatHi);
  },
  allFloats: perWindow(meanOf),
};

function isMixed(window: Window, call: RangeCall): boolean {
  const mixed = floatCount(window) > 0 && histogramCount(window) > 0;
  if (mixed) call.annotations.mixedFloatsHistograms(call.metricName, call.span);
  return mixed;
}

/** Neumaier's sum of values[lo..hi). */
export function sumOf(values: Float64Array, lo: number, hi: number): number {
  let sum = 0;
  let rest = 0;
  for (let i = lo; i < hi; i++) {
    const value = values[i]!;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) rest = 0;
    else rest += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + rest;
}

/**
 * The mean of values[lo..hi): directly from the sum while that stays finite (more accurate), incrementally from where
 * it would overflow.
 */
export function meanOf(values: Float64Array, lo: number, hi: number): number {
  let sum = values[lo]!;
  let rest = 0;
  for (let i = lo + 1; i < hi; i++) {
    const value = values[i]!;
    const next = sum + value;
    if (!Number.isFinite(next) && !Number.isNaN(next)) return incrementalMean(values, i, hi, lo, sum, rest);
    rest += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  const count = hi - lo;
  return sum / count + rest / count;
}

function incrementalMean(
  values: Float64Array,
  from: number,
  hi: number,
  lo: number,
  sum: number,
  sumRest: number,
): number {
  let count = from - lo;
  let mean = sum / count;
  let rest = sumRest / count;
  for (let i = from; i < hi; i++) {
    count++;
    const q = (count - 1) / count;
    const scaled = q * mean;
    const part = values[i]! / count;
    const next = scaled + part;
    rest *= q;
    if (!Number.isFinite(next)) rest = 0;
    else rest += Math.abs(scaled) >= Math.abs(part) ? scaled - next + part : part - next + scaled;
    mean = next;
  }
  return mean + rest;
}

function sumHistograms(window: Window, call: RangeCall, mean: boolean): FloatHistogram | undefined {
  const { values } = window.histograms;
  const sum = new HistogramSum(values[window.histogramLo]!);
  let compatible = true;
  let resetSeen = false;
  let notResetSeen = false;
  for (let i = window.histogramLo; i < window.histogramHi; i++) {
    resetSeen ||= values[i]!.counterResetHint === 'reset';
    notResetSeen ||= values[i]!.counterResetHint === 'not_reset';
    if (i > window.histogramLo && compatible) compatible = sum.add(values[i]!);
  }
  if (!compatible) {
    call.annotations.mixedExponentialCustom(call.metricName, call.span);
    return undefined;
  }
  if (resetSeen && notResetSeen) call.annotations.counterResetCollision('aggregation', call.span);
  if (sum.boundsReconciled) call.annotations.boundsReconciled('aggregation', call.span);
  return mean ? averageHistograms(values.slice(window.histogramLo, window.histogramHi)).mean : sum.value();
}
