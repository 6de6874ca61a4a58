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
import { cutBytes, cutFloats, cutInts } from '../../engine/slabs.ts';
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
      const divisor = perSecond ? call.rangeSeconds : 1;
      const rangeMs = call.rangeSeconds * 1000;
      const resets = isCounter ? resetsOf(column, bounds) : NO_RESETS;
      // What the times alone decide is worth keeping from the second series on that has them, and of more than a few steps.
      if (bounds.shared === null || bounds.lo.length < SHARED_STEPS_MIN) {
        bounds.shared = NO_EDGES;
        rateOnce(column, bounds, ends.endsMs, rangeMs, divisor, resets, isCounter, out);
        return;
      }
      rateFloats(column.values, edgesOf(column, bounds, ends, rangeMs, divisor), resets, isCounter, out);
    },
  };
}

const SHARED_STEPS_MIN = 4;

/** All windows in one go, keeping nothing. */
function rateOnce(
  { times, values, from, to }: FloatColumn,
  { lo, hi }: Bounds,
  endsMs: Float64Array,
  rangeMs: number,
  divisor: number,
  resets: Int32Array,
  isCounter: boolean,
  out: SeriesBuilder,
): void {
  const { values: results, presence } = out;
  let points = 0;
  let nextReset = 0;
  for (let step = 0; step < lo.length; step++) {
    const first = Math.max(lo[step]!, from);
    const last = Math.min(hi[step]!, to) - 1;
    if (last <= first) continue;
    const firstMs = times[first]!;
    const lastMs = times[last]!;
    const firstValue = values[first]!;
    let result = values[last]! - firstValue;
    while (nextReset < resets.length && resets[nextReset]! <= first) nextReset++;
    for (let r = nextReset; r < resets.length && resets[r]! <= last; r++) result += values[resets[r]! - 1]!;
    const end = endsMs[step]!;
    const interval = (lastMs - firstMs) / 1000;
    const reach = (interval / (last - first)) * EDGE_TOLERANCE;
    const untilFirst = (firstMs - (end - rangeMs)) / 1000;
    const afterLast = (end - lastMs) / 1000;
    const toStart = untilFirst >= reach ? interval / (last - first) / 2 : untilFirst;
    const toEnd = afterLast >= reach ? interval / (last - first) / 2 : afterLast;
    const before =
      isCounter && result > 0 && firstValue >= 0 && interval * firstValue < toStart * result
        ? interval * (firstValue / result)
        : toStart;
    results[step] = result * ((interval + before + toEnd) / interval / divisor);
    presence[step] = FLOAT;
    points++;
  }
  out.points += points;
}

/** What a window's times alone decide, for every step; shared by all series of one time column. */
interface Edges {
  /** First and last position of each window; both the same, and any, where it has fewer than two samples. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** FLOAT where a window has two samples. */
  readonly presence: Uint8Array;
  readonly points: number;
  /** Seconds between first and last sample, and those extrapolated before and after them. */
  readonly interval: Float64Array;
  readonly toStart: Float64Array;
  readonly toEnd: Float64Array;
  /** What the difference is multiplied with, unless the counter would have begun later than the extrapolation. */
  readonly factor: Float64Array;
  /** What the factor was divided by. */
  readonly divisor: number;
  /** At least the greatest share of toStart in interval: what no window exceeds. */
  readonly startShareMax: number;
}

/** The edges of the series with the same windows, by where they begin and end. A query has one range and divisor. */
interface KnownEdges {
  readonly from: number;
  readonly to: number;
  readonly edges: Edges;
}

const NO_EDGES: readonly KnownEdges[] = [];
/** Series of one target begin and end together; a column whose series all differ is not worth remembering. */
const EXTENTS_MAX = 8;

function edgesOf(column: FloatColumn, bounds: Bounds, ends: WindowBounds, rangeMs: number, divisor: number): Edges {
  // How far a series reaches beyond the windows makes no difference.
  const from = Math.max(column.from, bounds.first);
  const to = Math.min(column.to, bounds.end);
  const known = bounds.shared as readonly KnownEdges[];
  for (let i = 0; i < known.length; i++) if (known[i]!.from === from && known[i]!.to === to) return known[i]!.edges;
  const edges = computeEdges(column, bounds, ends, rangeMs, divisor);
  if (known.length < EXTENTS_MAX) bounds.shared = [...known, { from, to, edges }];
  return edges;
}

/** Rounding of the share itself must not hide a window that is just at it. */
const SHARE_MARGIN = 1 + 1e-9;

function computeEdges(
  { times, from, to }: FloatColumn,
  { lo, hi }: Bounds,
  windows: WindowBounds,
  rangeMs: number,
  divisor: number,
): Edges {
  const count = lo.length;
  const firsts = cutInts(count);
  const lasts = cutInts(count);
  const presence = cutBytes(count);
  const intervals = cutFloats(count);
  const starts = cutFloats(count);
  const ends = cutFloats(count);
  const factors = cutFloats(count);
  const { endsMs } = windows;
  let points = 0;
  let shareMax = 0;
  for (let step = 0; step < count; step++) {
    const first = Math.max(lo[step]!, from);
    const last = Math.min(hi[step]!, to) - 1;
    if (last <= first) continue;
    firsts[step] = first;
    lasts[step] = last;
    presence[step] = FLOAT;
    points++;
    const end = endsMs[step]!;
    const interval = (times[last]! - times[first]!) / 1000;
    const average = interval / (last - first);
    const untilFirst = (times[first]! - (end - rangeMs)) / 1000;
    const afterLast = (end - times[last]!) / 1000;
    const toStart = untilFirst >= average * EDGE_TOLERANCE ? average / 2 : untilFirst;
    const toEnd = afterLast >= average * EDGE_TOLERANCE ? average / 2 : afterLast;
    intervals[step] = interval;
    starts[step] = toStart;
    ends[step] = toEnd;
    factors[step] = (interval + toStart + toEnd) / interval / divisor;
    if (toStart > shareMax * interval) shareMax = toStart / interval;
  }
  return {
    first: firsts,
    last: lasts,
    presence,
    points,
    interval: intervals,
    toStart: starts,
    toEnd: ends,
    factor: factors,
    divisor,
    startShareMax: shareMax * SHARE_MARGIN,
  };
}

/**
 * Several passes, each without a branch or an inner loop where the data is as usual: what the compiler makes of one
 * loop with all of it takes three times as long.
 */
function rateFloats(
  values: Float64Array,
  edges: Edges,
  resets: Int32Array,
  isCounter: boolean,
  out: SeriesBuilder,
): void {
  if (edges.points === 0) return;
  const { values: results } = out;
  const farFromZero = differences(values, edges, results);
  if (resets.length > 0) addResets(values, edges, resets, results);
  if (!isCounter || (resets.length === 0 && farFromZero)) multiply(results, edges.factor);
  else extrapolateCounter(values, edges, results);
  out.presence.set(edges.presence);
  out.points += edges.points;
}

/**
 * Fills `results` with last minus first. True when every first value is so large beside its difference that the counter
 * cannot have been zero within the extrapolation.
 */
function differences(values: Float64Array, edges: Edges, results: Float64Array): boolean {
  const { first: firsts, last: lasts, startShareMax } = edges;
  let far = true;
  for (let step = 0; step < firsts.length; step++) {
    const first = values[firsts[step]!]!;
    const difference = values[lasts[step]!]! - first;
    results[step] = difference;
    if (!(first > startShareMax * difference)) far = false;
  }
  return far;
}

/** To every window the value before each reset in it, in the order of the resets. */
function addResets(values: Float64Array, { first, last }: Edges, resets: Int32Array, results: Float64Array): void {
  let begin = 0;
  for (const at of resets) {
    const lost = values[at - 1]!;
    while (begin < last.length && last[begin]! < at) begin++;
    for (let step = begin; step < first.length && (first[step]! < at || last[step]! < at); step++) {
      if (first[step]! < at && last[step]! >= at) results[step]! += lost;
    }
  }
}

function multiply(results: Float64Array, factors: Float64Array): void {
  for (let step = 0; step < results.length; step++) results[step]! *= factors[step]!;
}

/** A counter does not fall below zero: where it would have been zero within the extrapolation, that ends there. */
function extrapolateCounter(values: Float64Array, edges: Edges, results: Float64Array): void {
  const { first, interval, toStart, toEnd, factor, divisor } = edges;
  for (let step = 0; step < results.length; step++) {
    const result = results[step]!;
    const firstValue = values[first[step]!]!;
    // Seconds to zero are interval * (firstValue / result); compared without dividing, as they are seldom fewer.
    if (result > 0 && firstValue >= 0 && interval[step]! * firstValue < toStart[step]! * result) {
      const seconds = interval[step]!;
      const toZero = seconds * (firstValue / result);
      results[step] = result * ((seconds + toZero + toEnd[step]!) / seconds / divisor);
    } else results[step] = result * factor[step]!;
  }
}

const NO_RESETS = new Int32Array(0);
/** Positions found in the series at hand; a series rarely has one. */
let found = new Int32Array(16);

/** Positions within the windows whose value is below the one before. Valid until the next call. */
function resetsOf({ values, from, to, resets }: FloatColumn, windows: Bounds): Int32Array {
  if (resets !== undefined) return resets ?? NO_RESETS;
  const begin = Math.max(from, windows.first);
  const end = Math.min(to, windows.end);
  let count = 0;
  let previous = values[begin]!;
  for (let i = begin + 1; i < end; i++) {
    const value = values[i]!;
    if (value < previous) {
      if (count === found.length) {
        const larger = new Int32Array(count * 2);
        larger.set(found);
        found = larger;
      }
      found[count++] = i;
    }
    previous = value;
  }
  return count === 0 ? NO_RESETS : found.subarray(0, count);
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
