// Floats and histograms of a window in the order of time, for functions that look from one sample to the next.
import type { FloatHistogram } from '../../../model/histogram.ts';
import type { RangeCall, Window } from './window.ts';

export interface MergedSample {
  readonly timeMs: number;
  readonly startMs: number;
  readonly value: number | FloatHistogram;
}

/** All samples of the window by time. With `anchored` it begins with the last sample at or before the start. */
export function mergedSamples(window: Window, call: RangeCall): MergedSample[] {
  const out: MergedSample[] = [];
  const { floats, histograms } = window;
  let f = window.floatLo;
  let h = window.histogramLo;
  while (f < window.floatHi || h < window.histogramHi) {
    const floatNext = h >= window.histogramHi || (f < window.floatHi && floats.times[f]! <= histograms.times[h]!);
    const column = floatNext ? floats : histograms;
    const at = floatNext ? f++ : h++;
    out.push({ timeMs: column.times[at]!, startMs: column.startTimes?.[at] ?? 0, value: column.values[at]! });
  }
  if (call.modifier !== 'anchored') return out;
  if (out.length === 0 || out[out.length - 1]!.timeMs <= window.startMs) return [];
  let anchor = 0;
  while (anchor + 1 < out.length && out[anchor + 1]!.timeMs <= window.startMs) anchor++;
  return out.slice(anchor);
}
