// The remaining …_over_time functions: counts, extremes, first and last, spread, quantiles.
import { quantileOfSorted } from '../quantile.ts';
import { floatCount, histogramCount, perWindow, type RangeCall, type RangeFunction, type Window } from './window.ts';

export const countOverTime: RangeFunction = {
  evaluate: (window) => {
    const count = floatCount(window) + histogramCount(window);
    return count > 0 ? count : undefined;
  },
  allFloats: perWindow((_values, lo, hi) => hi - lo),
};

export const presentOverTime: RangeFunction = {
  evaluate: (window) => (floatCount(window) + histogramCount(window) > 0 ? 1 : undefined),
  allFloats: perWindow(() => 1),
};

export const lastOverTime: RangeFunction = {
  keepsName: true,
  evaluate: (window) => {
    if (isLastFloat(window)) return window.floats.values[window.floatHi - 1];
    return histogramCount(window) > 0 ? window.histograms.values[window.histogramHi - 1] : undefined;
  },
  allFloats: perWindow((values, _lo, hi) => values[hi - 1]!),
};

export const firstOverTime: RangeFunction = {
  keepsName: true,
  evaluate: (window) => {
    if (isFirstFloat(window)) return window.floats.values[window.floatLo];
    return histogramCount(window) > 0 ? window.histograms.values[window.histogramLo] : undefined;
  },
  allFloats: perWindow((values, lo) => values[lo]!),
};

export const tsOfLastOverTime: RangeFunction = {
  evaluate: (window) => {
    if (isLastFloat(window)) return window.floats.times[window.floatHi - 1]! / 1000;
    return histogramCount(window) > 0 ? window.histograms.times[window.histogramHi - 1]! / 1000 : undefined;
  },
  allFloats: perWindow((_values, _lo, hi, times) => times[hi - 1]! / 1000),
};

export const tsOfFirstOverTime: RangeFunction = {
  evaluate: (window) => {
    if (isFirstFloat(window)) return window.floats.times[window.floatLo]! / 1000;
    return histogramCount(window) > 0 ? window.histograms.times[window.histogramLo]! / 1000 : undefined;
  },
  allFloats: perWindow((_values, lo, _hi, times) => times[lo]! / 1000),
};

function isLastFloat(window: Window): boolean {
  if (floatCount(window) === 0) return false;
  if (histogramCount(window) === 0) return true;
  return window.floats.times[window.floatHi - 1]! > window.histograms.times[window.histogramHi - 1]!;
}

function isFirstFloat(window: Window): boolean {
  if (floatCount(window) === 0) return false;
  if (histogramCount(window) === 0) return true;
  return window.floats.times[window.floatLo]! < window.histograms.times[window.histogramLo]!;
}

/** A function of the floats of a window that leaves histograms out, with an info when there are both. */
function floatsOnly(
  compute: (values: Float64Array, lo: number, hi: number, window: Window, call: RangeCall) => number,
): RangeFunction['evaluate'] {
  return (window, call) => {
    if (floatCount(window) === 0) return undefined;
    if (histogramCount(window) > 0) call.annotations.histogramIgnoredInMixedRange(call.metricName, call.span);
    return compute(window.floats.values, window.floatLo, window.floatHi, window, call);
  };
}

/** Position of the largest value; a NaN counts only when there is nothing else. `last` prefers the later of equals. */
function extremeAt(values: Float64Array, lo: number, hi: number, sign: 1 | -1, last: boolean): number {
  let best = lo;
  for (let i = lo + 1; i < hi; i++) {
    const difference = sign * (values[i]! - values[best]!);
    const equal = values[i] === values[best];
    if (difference > 0 || (last && equal) || (Number.isNaN(values[best]!) && (last || !Number.isNaN(values[i]!))))
      best = i;
  }
  return best;
}

const maxOf = (values: Float64Array, lo: number, hi: number): number => {
  let best = values[lo]!;
  for (let i = lo + 1; i < hi; i++) if (values[i]! > best || Number.isNaN(best)) best = values[i]!;
  return best;
};

const minOf = (values: Float64Array, lo: number, hi: number): number => {
  let best = values[lo]!;
  for (let i = lo + 1; i < hi; i++) if (values[i]! < best || Number.isNaN(best)) best = values[i]!;
  return best;
};

export const maxOverTime: RangeFunction = { evaluate: floatsOnly(maxOf), allFloats: perWindow(maxOf) };
export const minOverTime: RangeFunction = { evaluate: floatsOnly(minOf), allFloats: perWindow(minOf) };

export const tsOfMaxOverTime: RangeFunction = {
  evaluate: floatsOnly((values, lo, hi, w) => w.floats.times[extremeAt(values, lo, hi, 1, true)]! / 1000),
  allFloats: perWindow((values, lo, hi, times) => times[extremeAt(values, lo, hi, 1, true)]! / 1000),
};
export const tsOfMinOverTime: RangeFunction = {
  evaluate: floatsOnly((values, lo, hi, w) => w.floats.times[extremeAt(values, lo, hi, -1, true)]! / 1000),
  allFloats: perWindow((values, lo, hi, times) => times[extremeAt(values, lo, hi, -1, true)]! / 1000),
};

/** Population variance by Welford's method with compensated sums. */
function varianceOf(values: Float64Array, lo: number, hi: number): number {
  let mean = 0;
  let meanRest = 0;
  let squares = 0;
  let squaresRest = 0;
  for (let i = lo; i < hi; i++) {
    const count = i - lo + 1;
    const distance = values[i]! - (mean + meanRest);
    [mean, meanRest] = add(mean, distance / count, meanRest);
    [squares, squaresRest] = add(squares, distance * (values[i]! - (mean + meanRest)), squaresRest);
  }
  return (squares + squaresRest) / (hi - lo);
}

function add(sum: number, increment: number, rest: number): [number, number] {
  const next = sum + increment;
  if (next === Infinity || next === -Infinity) return [next, 0];
  const lost = Math.abs(sum) >= Math.abs(increment) ? sum - next + increment : increment - next + sum;
  return [next, rest + lost];
}

export const stdvarOverTime: RangeFunction = { evaluate: floatsOnly(varianceOf), allFloats: perWindow(varianceOf) };

const deviationOf = (values: Float64Array, lo: number, hi: number): number => Math.sqrt(varianceOf(values, lo, hi));
export const stddevOverTime: RangeFunction = { evaluate: floatsOnly(deviationOf), allFloats: perWindow(deviationOf) };

function quantileOf(values: Float64Array, lo: number, hi: number, call: RangeCall, step: number): number {
  const q = call.scalars[0]![step]!;
  // Only where there is something to take a quantile of.
  if (!(q >= 0 && q <= 1)) call.annotations.invalidQuantile(q, call.span);
  return quantileOfSorted(q, sortedFloats(values.subarray(lo, hi)));
}

export const quantileOverTime: RangeFunction = {
  evaluate: floatsOnly((values, lo, hi, window, call) => quantileOf(values, lo, hi, call, window.step)),
  allFloats: perWindow((values, lo, hi, _times, call, step) => quantileOf(values, lo, hi, call, step)),
};

function deviationFromMedian(values: Float64Array, lo: number, hi: number): number {
  const part = values.subarray(lo, hi);
  if (part.some(Number.isNaN)) return Number.NaN;
  const median = quantileOfSorted(0.5, sortedFloats(part));
  return quantileOfSorted(0.5, sortedFloats(part.map((value) => Math.abs(value - median))));
}

export const madOverTime: RangeFunction = {
  evaluate: floatsOnly(deviationFromMedian),
  allFloats: perWindow(deviationFromMedian),
};

/** Ascending with NaN first, as the real server orders them. */
export function sortedFloats(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let nan = 0;
  for (let i = sorted.length - 1; i >= 0 && Number.isNaN(sorted[i]!); i--) nan++;
  if (nan === 0) return sorted;
  const out = new Float64Array(sorted.length);
  out.fill(Number.NaN, 0, nan);
  out.set(sorted.subarray(0, sorted.length - nan), nan);
  return out;
}
