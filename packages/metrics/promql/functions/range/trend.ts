// deriv, predict_linear and double_exponential_smoothing.
import { QueryError } from '../../engine/query-error.ts';
import { floatCount, histogramCount, perWindow, type RangeCall, type RangeFunction, type Window } from './window.ts';

/** False when there are too few floats; notes histograms that are left out. */
function hasTwoFloats(window: Window, call: RangeCall): boolean {
  const floats = floatCount(window);
  if (floats > 0 && histogramCount(window) > 0) {
    call.annotations.histogramIgnoredInMixedRange(call.metricName, call.span);
  }
  return floats >= 2;
}

export const deriv: RangeFunction = {
  evaluate: (window, call) => {
    if (!hasTwoFloats(window, call)) return undefined;
    const { times, values } = window.floats;
    return slopeOf(values, window.floatLo, window.floatHi, times);
  },
  allFloats: perWindow(slopeOf, 2),
};

function slopeOf(values: Float64Array, lo: number, hi: number, times: Float64Array): number {
  return regression(times, values, lo, hi, times[lo]!).slope;
}

export const predictLinear: RangeFunction = {
  evaluate: (window, call) => {
    if (!hasTwoFloats(window, call)) return undefined;
    const { times, values } = window.floats;
    const { slope, intercept } = regression(times, values, window.floatLo, window.floatHi, window.evaluationMs);
    return slope * call.scalars[0]![window.step]! + intercept;
  },
};

/** Compensated sums of the regression, in order: x, y, xy, xx, each with what rounding lost. */
const sums = new Float64Array(4);
const rests = new Float64Array(4);

function addTerm(k: number, term: number): void {
  const sum = sums[k]!;
  const next = sum + term;
  if (next === Infinity || next === -Infinity) rests[k] = 0;
  else rests[k]! += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
  sums[k] = next;
}

/** Least squares over the samples at lo <= i < hi; the intercept is the line's value at `originMs`. */
function regression(
  times: Float64Array,
  values: Float64Array,
  lo: number,
  hi: number,
  originMs: number,
): { slope: number; intercept: number } {
  sums.fill(0);
  rests.fill(0);
  const firstValue = values[lo]!;
  let constant = true;
  for (let i = lo; i < hi; i++) {
    const x = (times[i]! - originMs) / 1000;
    const y = values[i]!;
    if (y !== firstValue) constant = false;
    addTerm(0, x);
    addTerm(1, y);
    addTerm(2, x * y);
    addTerm(3, x * x);
  }
  if (constant) {
    if (!Number.isFinite(firstValue)) return { slope: Number.NaN, intercept: Number.NaN };
    return { slope: 0, intercept: firstValue };
  }
  const x = sums[0]! + rests[0]!;
  const y = sums[1]! + rests[1]!;
  const xy = sums[2]! + rests[2]!;
  const xx = sums[3]! + rests[3]!;
  const n = hi - lo;
  const slope = (xy - (x * y) / n) / (xx - (x * x) / n);
  return { slope, intercept: y / n - (slope * x) / n };
}

export const doubleExponentialSmoothing: RangeFunction = {
  evaluate: (window, call) => {
    const smoothing = call.scalars[0]![window.step]!;
    const trend = call.scalars[1]![window.step]!;
    checkFactor('smoothing', 'sf', smoothing);
    checkFactor('trend', 'tf', trend);
    const { values } = window.floats;
    if (floatCount(window) > 0 && histogramCount(window) > 0) {
      call.annotations.histogramIgnoredInMixedRange(call.metricName, call.span);
    }
    if (floatCount(window) < 2) return undefined;
    let before = 0;
    let smoothed = values[window.floatLo]!;
    let slope = values[window.floatLo + 1]! - values[window.floatLo]!;
    for (let i = window.floatLo + 1; i < window.floatHi; i++) {
      if (i > window.floatLo + 1) slope = trend * (smoothed - before) + (1 - trend) * slope;
      const next = smoothing * values[i]! + (1 - smoothing) * (smoothed + slope);
      before = smoothed;
      smoothed = next;
    }
    return smoothed;
  },
};

function checkFactor(name: string, short: string, value: number): void {
  // NaN passes, as in the real server.
  if (!(value <= 0 || value >= 1)) return;
  const shown = Number.isFinite(value) ? value.toFixed(6) : value > 0 ? '+Inf' : '-Inf';
  throw new QueryError('execution', `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${shown}`);
}
