// rate, increase and delta: the difference over the window, extrapolated to its edges.

import {
  compactHistogram,
  EMPTY_HISTOGRAM,
  type FloatHistogram,
  scaleHistogram,
  usesCustomBuckets,
  withHint,
} from '../../../model/histogram.ts';
import { addHistograms, subtractHistograms } from '../../../model/histogram-arithmetic.ts';
import { toSchema } from '../../../model/histogram-layout.ts';
import { detectReset } from '../../../model/histogram-reset.ts';
import type { FloatColumn } from '../../engine/columns.ts';
import { FLOAT, type SeriesBuilder } from '../../engine/value.ts';
import type { Bounds, WindowBounds } from '../../engine/windows.ts';
import { extendedRate } from './extended-rate.ts';
import { isStartReset, startsOverlap } from './start-timestamp.ts';
import {
  floatCount,
  histogramCount,
  type RangeCall,
  type RangeFunction,
  type Window,
  type WindowResult,
} from './window.ts';

/** Samples count as reaching the window's edge when they are within 1.1 average distances of it. */
const EDGE_TOLERANCE = 1.1;

export const rate = rateFunction(true, true);
export const increase = rateFunction(true, false);
export const delta = rateFunction(false, false);

function rateFunction(isCounter: boolean, perSecond: boolean): RangeFunction {
  return {
    evaluate: (window, call) => {
      if (floatCount(window) > 0 && histogramCount(window) > 0) {
        call.annotations.mixedFloatsHistograms(call.metricName, call.span);
        return undefined;
      }
      if (call.modifier !== null) return extendedRate(window, call, isCounter, perSecond);
      return extrapolated(window, call, isCounter, perSecond);
    },
    allFloats: (column, bounds, ends, call, out) => {
      const { values, from, to } = column;
      const edges = edgesOf(column, bounds, ends, call.rangeSeconds * 1000);
      const divisor = perSecond ? call.rangeSeconds : 1;
      const resets = isCounter
        ? resetPositions(values, Math.max(from, edges.firstUsed), Math.min(to, edges.endUsed))
        : [];
      rateFloats(values, edges, resets, isCounter, divisor, out);
    },
  };
}

/** What a window's times alone decide, for every step; shared by all series of one time column. */
interface Edges {
  /** First and last position of each window; a window with fewer than two samples has last <= first. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Seconds between first and last sample, and those extrapolated before and after them. */
  readonly interval: Float64Array;
  readonly toStart: Float64Array;
  readonly toEnd: Float64Array;
  /** Positions used by any window: firstUsed <= i < endUsed. */
  readonly firstUsed: number;
  readonly endUsed: number;
}

// Keyed by the bounds, which the query caches per time column; a query has one range per bounds.
const sharedEdges = new WeakMap<Bounds, Edges>();

function edgesOf(column: FloatColumn, bounds: Bounds, ends: WindowBounds, rangeMs: number): Edges {
  const { from, to } = column;
  const { lo, hi } = bounds;
  const covers = from <= lo[0]! && to >= hi[hi.length - 1]!;
  if (!covers) return computeEdges(column, bounds, ends, rangeMs);
  let edges = sharedEdges.get(bounds);
  if (edges === undefined) {
    edges = computeEdges(column, bounds, ends, rangeMs);
    sharedEdges.set(bounds, edges);
  }
  return edges;
}

function computeEdges(
  { times, from, to }: FloatColumn,
  { lo, hi }: Bounds,
  ends: WindowBounds,
  rangeMs: number,
): Edges {
  const count = lo.length;
  const edges = {
    first: new Int32Array(count),
    last: new Int32Array(count),
    interval: new Float64Array(count),
    toStart: new Float64Array(count),
    toEnd: new Float64Array(count),
  };
  for (let step = 0; step < count; step++) {
    const first = Math.max(lo[step]!, from);
    const last = Math.min(hi[step]!, to) - 1;
    edges.first[step] = first;
    edges.last[step] = last;
    if (last <= first) continue;
    const end = ends.endMs(step);
    const interval = (times[last]! - times[first]!) / 1000;
    const average = interval / (last - first);
    const toStart = (times[first]! - (end - rangeMs)) / 1000;
    const toEnd = (end - times[last]!) / 1000;
    edges.interval[step] = interval;
    edges.toStart[step] = toStart >= average * EDGE_TOLERANCE ? average / 2 : toStart;
    edges.toEnd[step] = toEnd >= average * EDGE_TOLERANCE ? average / 2 : toEnd;
  }
  return {
    ...edges,
    firstUsed: lo[0]!,
    endUsed: count > 0 ? edges.last.reduce((max, last) => Math.max(max, last), -1) + 1 : 0,
  };
}

function rateFloats(
  values: Float64Array,
  { first: firsts, last: lasts, interval: intervals, toStart: starts, toEnd: ends }: Edges,
  resets: readonly number[],
  isCounter: boolean,
  divisor: number,
  out: SeriesBuilder,
): void {
  const { values: results, presence } = out;
  let points = 0;
  let nextReset = 0;
  for (let step = 0; step < firsts.length; step++) {
    const first = firsts[step]!;
    const last = lasts[step]!;
    if (last <= first) continue;
    const firstValue = values[first]!;
    let result = values[last]! - firstValue;
    if (nextReset < resets.length) {
      while (nextReset < resets.length && resets[nextReset]! <= first) nextReset++;
      for (let r = nextReset; r < resets.length && resets[r]! <= last; r++) result += values[resets[r]! - 1]!;
    }
    const interval = intervals[step]!;
    let toStart = starts[step]!;
    // Seconds to zero are interval * (firstValue / result); compared without dividing, as they are seldom fewer.
    if (isCounter && result > 0 && firstValue >= 0 && interval * firstValue < toStart * result) {
      toStart = interval * (firstValue / result);
    }
    results[step] = result * ((interval + toStart + ends[step]!) / interval / divisor);
    presence[step] = FLOAT;
    points++;
  }
  out.points += points;
}

/** Positions whose value is below the one before. */
function resetPositions(values: Float64Array, from: number, to: number): number[] {
  const out: number[] = [];
  let previous = values[from]!;
  for (let i = from + 1; i < to; i++) {
    const value = values[i]!;
    if (value < previous) out.push(i);
    previous = value;
  }
  return out;
}

function extrapolated(window: Window, call: RangeCall, isCounter: boolean, perSecond: boolean): WindowResult {
  const onHistograms = histogramCount(window) > 0;
  const column = onHistograms ? window.histograms : window.floats;
  const first = onHistograms ? window.histogramLo : window.floatLo;
  const last = (onHistograms ? window.histogramHi : window.floatHi) - 1;
  if (last < first) return undefined;
  const starts = isCounter && call.useStartTimestamps ? column.startTimes : null;
  const { times } = column;
  let result: number | FloatHistogram | null;
  if (onHistograms) {
    result = last > first ? histogramDifference(window, call, isCounter, starts) : EMPTY_HISTOGRAM;
    if (result === null) return undefined;
  } else {
    result = floatDifference(window, call, isCounter, starts);
  }
  const gaps = last - first;
  let interval = (times[last]! - times[first]!) / 1000;
  const average = gaps > 0 ? interval / gaps : 0;
  let toStart = (times[first]! - window.startMs) / 1000;
  let toEnd = (window.endMs - times[last]!) / 1000;
  const start = starts?.[first] ?? 0;
  if (start !== 0 && start > window.startMs && start < times[first]!) {
    // The counter began inside the window: a sample of value zero stands at its start, nothing is extrapolated there.
    toStart = 0;
    interval = (times[last]! - start) / 1000;
    result = plusFirst(result, window, call, gaps === 0);
    if (result === null) return undefined;
  } else if (gaps === 0) {
    return undefined;
  } else {
    if (toStart >= average * EDGE_TOLERANCE) toStart = average / 2;
    if (isCounter) toStart = Math.min(toStart, secondsToZero(result, window, interval) ?? toStart);
  }
  if (toEnd >= average * EDGE_TOLERANCE) toEnd = average / 2;
  let factor = interval === 0 ? 1 : (interval + toStart + toEnd) / interval;
  if (perSecond) factor /= call.rangeSeconds;
  return typeof result === 'number' ? result * factor : scaleHistogram(result, factor);
}

/** A counter does not fall below zero: how far before the first sample it would have been zero. */
function secondsToZero(result: number | FloatHistogram, window: Window, interval: number): number | undefined {
  if (typeof result === 'number') {
    const first = window.floats.values[window.floatLo]!;
    return result > 0 && first >= 0 ? interval * (first / result) : undefined;
  }
  const first = window.histograms.values[window.histogramLo]!.count;
  return result.count > 0 && first >= 0 ? interval * (first / result.count) : undefined;
}

function plusFirst(
  result: number | FloatHistogram,
  window: Window,
  call: RangeCall,
  only: boolean,
): number | FloatHistogram | null {
  if (typeof result === 'number') return result + window.floats.values[window.floatLo]!;
  const first = window.histograms.values[window.histogramLo]!;
  return only ? first : addNoted(result, first, call);
}

function floatDifference(window: Window, call: RangeCall, isCounter: boolean, starts: Float64Array | null): number {
  const { times, values } = window.floats;
  const first = window.floatLo;
  const last = window.floatHi - 1;
  let result = values[last]! - values[first]!;
  if (!isCounter) return result;
  for (let i = first + 1; i <= last; i++) {
    let reset = values[i]! < values[i - 1]!;
    if (starts !== null) {
      if (startsOverlap(starts[i - 1]!, times[i - 1]!, starts[i]!)) {
        call.annotations.startTimeOverlap(call.metricName, call.span);
      }
      reset ||= isStartReset(starts[i - 1]!, times[i - 1]!, starts[i]!, times[i]!);
    }
    if (reset) result += values[i - 1]!;
  }
  return result;
}

function histogramDifference(
  window: Window,
  call: RangeCall,
  isCounter: boolean,
  starts: Float64Array | null,
): FloatHistogram | null {
  const { times, values } = window.histograms;
  const { annotations, metricName, span } = call;
  const lo = window.histogramLo;
  const last = window.histogramHi - 1;
  const isReset = (i: number, previous: FloatHistogram): boolean =>
    (starts !== null && isStartReset(starts[i - 1]!, times[i - 1]!, starts[i]!, times[i]!)) ||
    detectReset(values[i]!, previous);
  const ends = [values[lo]!, values[last]!];
  if (isCounter && ends.some((h) => h.counterResetHint === 'gauge')) annotations.histogramNotCounter(metricName, span);
  let previous = values[lo]!;
  if (isCounter && isReset(lo + 1, previous)) {
    // Nothing of the first sample is needed, so its layout must not matter either.
    const { schema, customValues } = values[lo + 1]!;
    previous = { ...EMPTY_HISTOGRAM, schema, customValues };
  }
  const custom = usesCustomBuckets(previous);
  if (usesCustomBuckets(values[last]!) !== custom) {
    annotations.mixedExponentialCustom(metricName, span);
    return null;
  }
  let schemaMin = Math.min(values[last]!.schema, previous.schema);
  for (let i = lo + 1; isCounter && i < last; i++) {
    const current = values[i]!;
    if (current.counterResetHint === 'gauge') annotations.histogramNotCounter(metricName, span);
    if (usesCustomBuckets(current) !== custom) {
      annotations.mixedExponentialCustom(metricName, span);
      return null;
    }
    schemaMin = Math.min(schemaMin, current.schema);
  }
  let result = subtractNoted(toSchema(values[last]!, schemaMin), previous, call);
  if (isCounter) {
    for (let i = lo + 1; i <= last && result !== null; i++) {
      if (starts !== null && startsOverlap(starts[i - 1]!, times[i - 1]!, starts[i]!)) {
        annotations.startTimeOverlap(metricName, span);
      }
      if (isReset(i, previous)) result = addNoted(result, previous, call);
      previous = values[i]!;
    }
  } else if (ends.some((h) => h.counterResetHint !== 'gauge')) {
    annotations.histogramNotGauge(metricName, span);
  }
  return result === null ? null : compactHistogram(withHint(result, 'gauge'));
}

/** a + b with the annotations of a range function; null when they cannot be added. Hints are not its concern. */
export function addNoted(a: FloatHistogram, b: FloatHistogram, call: RangeCall): FloatHistogram | null {
  const sum = addHistograms(a, b);
  if (sum === null) {
    call.annotations.mixedExponentialCustom(call.metricName, call.span);
    return null;
  }
  if (sum.boundsReconciled) call.annotations.boundsReconciled('addition', call.span);
  return sum.histogram;
}

/** a - b, likewise. */
export function subtractNoted(a: FloatHistogram, b: FloatHistogram, call: RangeCall): FloatHistogram | null {
  const difference = subtractHistograms(a, b);
  if (difference === null) {
    call.annotations.mixedExponentialCustom(call.metricName, call.span);
    return null;
  }
  if (difference.boundsReconciled) call.annotations.boundsReconciled('subtraction', call.span);
  return difference.histogram;
}
