// deriv, predict_linear and double_exponential_smoothing.
import { compensated } from '../../../model/histogram-arithmetic.ts';
import { QueryError } from '../../engine/query-error.ts';
import { floatCount, histogramCount, type RangeCall, type RangeFunction, type Window } from './window.ts';

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
    return regression(window, window.floats.times[window.floatLo]!).slope;
  },
};

export const predictLinear: RangeFunction = {
  evaluate: (window, call) => {
    if (!hasTwoFloats(window, call)) return undefined;
    const { slope, intercept } = regression(window, window.evaluationMs);
    return slope * call.scalars[0]![window.step]! + intercept;
  },
};

/** Least squares over the window; the intercept is the line's value at `originMs`. */
function regression(window: Window, originMs: number): { slope: number; intercept: number } {
  const { times, values } = window.floats;
  const sums: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  const firstValue = values[window.floatLo]!;
  let constant = true;
  for (let i = window.floatLo; i < window.floatHi; i++) {
    const x = (times[i]! - originMs) / 1000;
    const y = values[i]!;
    if (y !== firstValue) constant = false;
    [x, y, x * y, x * x].forEach((term, k) => {
      sums[k] = compensated(sums[k]![0], term, sums[k]![1]);
    });
  }
  if (constant) {
    if (!Number.isFinite(firstValue)) return { slope: Number.NaN, intercept: Number.NaN };
    return { slope: 0, intercept: firstValue };
  }
  const [x, y, xy, xx] = sums.map(([sum, rest]) => sum + rest) as [number, number, number, number];
  const n = floatCount(window);
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
  if (value > 0 && value < 1) return;
  const shown = Number.isFinite(value) ? value.toFixed(6) : String(value).replace('Infinity', 'Inf');
  throw new QueryError('execution', `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${shown}`);
}
