// The samples of one stored series, split by kind and freed of staleness markers, ready for windows.
import type { FloatHistogram } from '../../model/histogram.ts';
import { detectReset } from '../../model/histogram-reset.ts';
import type { SeriesSamples } from '../../queryable.ts';

/** Floats at ascending times; valid for from <= i < to. */
export interface FloatColumn {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly startTimes: Float64Array | null;
  readonly from: number;
  readonly to: number;
  /** Ascending positions that hold staleness markers instead of samples. */
  readonly stale: Int32Array | null;
  /** Positions of values below the one before; undefined when nobody has looked. */
  readonly resets?: Int32Array | null | undefined;
}

export interface HistogramColumn {
  readonly times: Float64Array;
  readonly values: readonly FloatHistogram[];
  readonly startTimes: Float64Array | null;
  readonly from: number;
  readonly to: number;
}

const NO_TIMES = new Float64Array(0);
export const NO_FLOATS: FloatColumn = {
  times: NO_TIMES,
  values: NO_TIMES,
  startTimes: null,
  from: 0,
  to: 0,
  stale: null,
  resets: null,
};
export const NO_HISTOGRAMS: HistogramColumn = { times: NO_TIMES, values: [], startTimes: null, from: 0, to: 0 };

/** Makes `column` that of a series of floats. */
export function fillFloats(
  column: { -readonly [K in keyof FloatColumn]: FloatColumn[K] },
  { timestamps, values, startTimestamps, from, to, stale, resets }: SeriesSamples,
): void {
  column.times = timestamps;
  column.values = values;
  column.startTimes = startTimestamps;
  column.from = from;
  column.to = to;
  column.stale = stale !== null && stale.length > 0 ? stale : null;
  column.resets = resets;
}

/** Without copying when the series holds only floats, so that the shared `timestamps` array keeps its identity. */
export function splitColumns(samples: SeriesSamples): { floats: FloatColumn; histograms: HistogramColumn } {
  const { timestamps, values, startTimestamps, from, to, stale, histograms, resets } = samples;
  if (histograms !== null) return splitMixed(samples);
  const marked = stale !== null && stale.length > 0 ? stale : null;
  return {
    floats: { times: timestamps, values, startTimes: startTimestamps, from, to, stale: marked, resets },
    histograms: NO_HISTOGRAMS,
  };
}

/** The part lo <= i < hi of a column without its staleness markers, copied where there are any. */
export function withoutStale(column: FloatColumn, lo: number, hi: number): FloatColumn {
  const { stale } = column;
  let next = 0;
  while (stale !== null && next < stale.length && stale[next]! < lo) next++;
  if (stale === null || next === stale.length || stale[next]! >= hi) {
    return { ...column, from: lo, to: Math.max(lo, hi), stale: null, resets: undefined };
  }
  const times = new Float64Array(hi - lo);
  const values = new Float64Array(hi - lo);
  const startTimes = column.startTimes === null ? null : new Float64Array(hi - lo);
  let length = 0;
  for (let i = lo; i < hi; i++) {
    if (stale[next] === i) {
      next++;
      continue;
    }
    times[length] = column.times[i]!;
    values[length] = column.values[i]!;
    if (startTimes !== null) startTimes[length] = column.startTimes![i]!;
    length++;
  }
  return { times, values, startTimes, from: 0, to: length, stale: null };
}

/** column at the given positions. (Float64Array.from with a mapping is an order of magnitude slower.) */
export function pickPositions(column: Float64Array, at: readonly number[]): Float64Array {
  const out = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) out[i] = column[at[i]!]!;
  return out;
}

function splitMixed(samples: SeriesSamples): { floats: FloatColumn; histograms: HistogramColumn } {
  const { timestamps, values, startTimestamps, from, to, stale, histograms } = samples;
  const floatAt: number[] = [];
  const histogramAt: number[] = [];
  const staleAt = new Set(stale ?? []);
  for (let i = from; i < to; i++) {
    if (staleAt.has(i)) continue;
    (histograms![i] === undefined ? floatAt : histogramAt).push(i);
  }
  const pick = pickPositions;
  const starts = (at: readonly number[]): Float64Array | null =>
    startTimestamps === null ? null : pick(startTimestamps, at);
  return {
    floats: {
      times: pick(timestamps, floatAt),
      values: pick(values, floatAt),
      startTimes: starts(floatAt),
      from: 0,
      to: floatAt.length,
      stale: null,
    },
    histograms: {
      times: pick(timestamps, histogramAt),
      values: histogramAt.map((i) => histograms![i]!),
      startTimes: starts(histogramAt),
      from: 0,
      to: histogramAt.length,
    },
  };
}

/**
 * Fills in unknown counter-reset hints by comparing each histogram with the one before it, as the real server does
 * where only count and sum of the histograms are needed. Only samples after `startMs` are looked at.
 */
export function detectHints(samples: SeriesSamples, startMs: number): SeriesSamples {
  if (samples.histograms === null) return samples;
  const histograms = [...samples.histograms];
  let previous: FloatHistogram | undefined;
  for (let i = samples.from; i < samples.to; i++) {
    const current = histograms[i];
    if (current === undefined || samples.timestamps[i]! <= startMs) continue;
    if (current.counterResetHint === 'unknown' && previous !== undefined) {
      histograms[i] = { ...current, counterResetHint: detectReset(current, previous) ? 'reset' : 'not_reset' };
    }
    previous = current;
  }
  return { ...samples, histograms };
}
