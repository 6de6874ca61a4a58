// rate, increase and delta with `anchored` (the last sample before the window counts as its beginning) and `smoothed`
// (the values at the edges are interpolated between the samples around them).

import {
  compactHistogram,
  divideHistogram,
  type FloatHistogram,
  scaleHistogram,
  usesCustomBuckets,
  withHint,
} from '../../../model/histogram.ts';
import { detectReset } from '../../../model/histogram-reset.ts';
import { addNoted, subtractNoted } from './rate.ts';
import { histogramCount, type RangeCall, type Window, type WindowResult } from './window.ts';

/** Result over the window; positions in `window` reach beyond its edges. */
export function extendedRate(window: Window, call: RangeCall, isCounter: boolean, perSecond: boolean): WindowResult {
  const onHistograms = histogramCount(window) > 0;
  const { times } = onHistograms ? window.histograms : window.floats;
  const lo = onHistograms ? window.histogramLo : window.floatLo;
  const hi = onHistograms ? window.histogramHi : window.floatHi;
  if (hi <= lo) return undefined;
  const smoothed = call.modifier === 'smoothed';
  const first = anchorPosition(times, lo, hi, window.startMs);
  const last = smoothed ? firstAtOrAfter(times, lo, hi - 1, window.endMs) : hi - 1;
  if (times[last]! <= window.startMs) return undefined;
  if (smoothed && times[first]! > window.endMs) return undefined;
  const divisor = perSecond ? call.rangeSeconds : 1;
  if (!onHistograms) return floatResult(window, first, last, smoothed, isCounter) / divisor;
  const result = histogramResult(window, call, first, last, smoothed, isCounter);
  if (result === undefined) return undefined;
  return compactHistogram(withHint(divideHistogram(result, divisor), 'gauge'));
}

/** The last position at or before `startMs`, or the first position when all are later. */
export function anchorPosition(times: Float64Array, lo: number, hi: number, startMs: number): number {
  let at = lo;
  while (at + 1 < hi && times[at + 1]! <= startMs) at++;
  return at;
}

function firstAtOrAfter(times: Float64Array, lo: number, last: number, timeMs: number): number {
  let at = lo;
  while (at < last && times[at]! < timeMs) at++;
  return at;
}

function floatResult(window: Window, first: number, last: number, smoothed: boolean, isCounter: boolean): number {
  const { times, values } = window.floats;
  const { startMs, endMs } = window;
  const left =
    smoothed && times[first]! < startMs ? interpolate(times, values, first, startMs, isCounter) : values[first]!;
  const right =
    smoothed && last > window.floatLo && times[last]! > endMs
      ? interpolate(times, values, last - 1, endMs, isCounter)
      : values[last]!;
  let result = right - left;
  if (!isCounter) return result;
  let previous = left;
  const begin = times[first]! <= startMs ? first + 1 : first;
  const end = times[last]! >= endMs ? last - 1 : last;
  for (let i = begin; i <= end; i++) {
    if (values[i]! < previous) result += previous;
    previous = values[i]!;
  }
  if (right < previous) result += previous;
  return result;
}

/** The value at `timeMs` on the line between samples i and i+1; a counter that fell restarted from zero. */
export function interpolate(
  times: Float64Array,
  values: Float64Array,
  i: number,
  timeMs: number,
  isCounter: boolean,
): number {
  const y2 = values[i + 1]!;
  const y1 = isCounter && y2 < values[i]! ? 0 : values[i]!;
  return y1 + ((y2 - y1) * (timeMs - times[i]!)) / (times[i + 1]! - times[i]!);
}

/** The histogram at `timeMs` between samples i and i+1; null (with a warning) when these cannot be combined. */
export function interpolateHistogram(
  times: Float64Array,
  values: readonly FloatHistogram[],
  i: number,
  timeMs: number,
  isCounter: boolean,
  call: RangeCall,
): FloatHistogram | null {
  const before = values[i]!;
  const after = values[i + 1]!;
  if (timeMs === times[i]) return before;
  if (timeMs === times[i + 1]) return after;
  const fraction = (timeMs - times[i]!) / (times[i + 1]! - times[i]!);
  if (isCounter && detectReset(after, before)) return scaleHistogram(after, fraction);
  const difference = subtractNoted(after, before, call);
  if (difference === null) return null;
  const sum = addNoted(scaleHistogram(difference, fraction), before, call);
  return sum === null ? null : withHint(sum, after.counterResetHint);
}

function histogramResult(
  window: Window,
  call: RangeCall,
  first: number,
  last: number,
  smoothed: boolean,
  isCounter: boolean,
): FloatHistogram | undefined {
  const { times, values } = window.histograms;
  const custom = usesCustomBuckets(values[first]!);
  for (let i = first; i <= last; i++) {
    if (usesCustomBuckets(values[i]!) !== custom) {
      call.annotations.mixedExponentialCustom(call.metricName, call.span);
      return undefined;
    }
    if (isCounter && values[i]!.counterResetHint === 'gauge') {
      call.annotations.histogramNotCounter(call.metricName, call.span);
    }
  }
  const left =
    smoothed && times[first]! < window.startMs
      ? interpolateHistogram(times, values, first, window.startMs, isCounter, call)
      : values[first]!;
  const right =
    smoothed && last > window.histogramLo && times[last]! > window.endMs
      ? interpolateHistogram(times, values, last - 1, window.endMs, isCounter, call)
      : values[last]!;
  if (left === null || right === null) return undefined;
  if (!isCounter && (left.counterResetHint !== 'gauge' || right.counterResetHint !== 'gauge')) {
    call.annotations.histogramNotGauge(call.metricName, call.span);
  }
  let result = subtractNoted(right, left, call);
  const skipsReset = smoothed && times[first]! < window.startMs && detectReset(values[first + 1]!, values[first]!);
  for (const lost of isCounter ? lostAtResets(values, first, last, left, right, skipsReset) : []) {
    if (result !== null) result = addNoted(result, lost, call);
  }
  return result ?? undefined;
}

/**
 * What the counter had reached before each reset between the edges. The sample at `last` is represented by `right`,
 * which carries its hint, so it is compared once only. When the left edge was interpolated across a reset
 * (`skipsReset`), that reset is accounted for and comparing goes on from the sample after it.
 */
function lostAtResets(
  values: readonly FloatHistogram[],
  first: number,
  last: number,
  left: FloatHistogram,
  right: FloatHistogram,
  skipsReset: boolean,
): FloatHistogram[] {
  const begin = first + (skipsReset ? 2 : 1);
  if (begin > last) return [];
  const lost: FloatHistogram[] = [];
  let previous = skipsReset ? values[first + 1]! : left;
  for (let i = begin; i < last; i++) {
    if (detectReset(values[i]!, previous)) lost.push(previous);
    previous = values[i]!;
  }
  if (detectReset(right, previous)) lost.push(previous);
  return lost;
}
