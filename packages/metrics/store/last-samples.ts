/** The newest sample of given series, for those who go on counting from it. */
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import { type SelectSources, takeSnapshot } from './select-snapshot.ts';
import { StoreSeriesSet } from './series-set.ts';

export interface LastSample {
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;
}

/** By ref; without the series that have no sample since `sinceMs`. Staleness markers are passed over. */
export function lastSamples(refs: Int32Array, sources: SelectSources, sinceMs: number): Map<number, LastSample> {
  const snapshot = takeSnapshot(refs, sources, { startMs: sinceMs, endMs: Number.MAX_SAFE_INTEGER });
  const set = new StoreSeriesSet(new Array<Labels>(refs.length).fill(Labels.EMPTY), snapshot, []);
  const found = new Map<number, LastSample>();
  refs.forEach((ref, i) => {
    const { timestamps, values, histograms, stale, from, to } = set.read(i);
    let last = to - 1;
    while (last >= from && stale?.includes(last)) last--;
    if (last < from || timestamps[last]! < sinceMs) return;
    found.set(ref, { timestampMs: timestamps[last]!, value: values[last]!, histogram: histograms?.[last] });
  });
  return found;
}
