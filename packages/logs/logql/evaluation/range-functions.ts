/** The functions over one window of samples: `from` up to, not including, `to`, never empty. */
import type { RangeOperator } from '../ast.ts';

export interface Window {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
  /** Open left and closed right end, in the unit of `times` (nanoseconds). */
  readonly startNs: number;
  readonly endNs: number;
}

export type RangeFunction = (window: Window) => number;

export function rangeFunction(operator: RangeOperator, parameter: number | undefined, unwraps: boolean): RangeFunction {
  switch (operator) {
    case 'count_over_time':
      return (window) => window.to - window.from;
    case 'rate':
      return unwraps
        ? (window) => sum(window) / seconds(window)
        : (window) => (window.to - window.from) / seconds(window);
    case 'bytes_over_time':
    case 'sum_over_time':
      return sum;
    case 'bytes_rate':
      return (window) => sum(window) / seconds(window);
    case 'avg_over_time':
      return average;
    case 'min_over_time':
      return (window) => extreme(window, (a, b) => a < b);
    case 'max_over_time':
      return (window) => extreme(window, (a, b) => a > b);
    case 'stdvar_over_time':
      return variance;
    case 'stddev_over_time':
      return (window) => Math.sqrt(variance(window));
    case 'quantile_over_time':
      return (window) => quantile(parameter!, window.values.slice(window.from, window.to));
    case 'first_over_time':
      return (window) => window.values[window.from]!;
    case 'last_over_time':
      return (window) => window.values[window.to - 1]!;
    case 'rate_counter':
      return counterRate;
    case 'absent_over_time':
      return () => 1;
  }
}

const seconds = (window: Window): number => (window.endNs - window.startNs) / 1e9;

function sum({ values, from, to }: Window): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i]!;
  return total;
}

/** A running mean, so that large values do not overflow; infinite ones stay what they are. */
function average({ values, from, to }: Window): number {
  let mean = 0;
  for (let i = from, count = 1; i < to; i++, count++) {
    const value = values[i]!;
    const infinite = Math.abs(mean) === Infinity;
    if (infinite && (value === mean || Number.isFinite(value))) continue;
    mean += value / count - mean / count;
  }
  return mean;
}

function extreme({ values, from, to }: Window, better: (a: number, b: number) => boolean): number {
  let found = values[from]!;
  for (let i = from + 1; i < to; i++) if (better(values[i]!, found) || Number.isNaN(found)) found = values[i]!;
  return found;
}

/** Welford's algorithm, of the whole population. */
function variance({ values, from, to }: Window): number {
  let mean = 0;
  let squares = 0;
  for (let i = from, count = 1; i < to; i++, count++) {
    const delta = values[i]! - mean;
    mean += delta / count;
    squares += delta * (values[i]! - mean);
  }
  return squares / (to - from);
}

/** Linear between the two nearest ranks; not a number sorts first. */
export function quantile(phi: number, values: Float64Array): number {
  if (Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return -Infinity;
  if (phi > 1) return Infinity;
  // Typed arrays sort numbers without a comparator, but put not-a-number last.
  const sorted = values.some(Number.isNaN) ? sortNaNFirst(values) : values.toSorted();
  const rank = phi * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(lower + 1, sorted.length - 1);
  const weight = rank - lower;
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

function sortNaNFirst(values: Float64Array): Float64Array {
  const numbers = values.filter((value) => !Number.isNaN(value)).sort();
  const sorted = new Float64Array(values.length).fill(Number.NaN);
  sorted.set(numbers, values.length - numbers.length);
  return sorted;
}

/** Prometheus' rate: counter resets added up, extrapolated to the window's ends within 1.1 average gaps, never below zero. */
function counterRate(window: Window): number {
  const { times, values, from, to } = window;
  if (to - from < 2) return 0;
  let increase = values[to - 1]! - values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < values[i - 1]!) increase += values[i - 1]!;
  const sampled = (times[to - 1]! - times[from]!) / 1e9;
  const gap = sampled / (to - from - 1);
  let toStart = (times[from]! - window.startNs) / 1e9;
  let toEnd = (window.endNs - times[to - 1]!) / 1e9;
  if (toStart >= gap * 1.1) toStart = gap / 2;
  if (increase > 0 && values[from]! >= 0) toStart = Math.min(toStart, sampled * (values[from]! / increase));
  if (toEnd >= gap * 1.1) toEnd = gap / 2;
  return (increase * ((sampled + toStart + toEnd) / sampled)) / seconds(window);
}
