/** What intake gives to the store: rows of samples that share a timestamp, with exemplars and metadata. */
import type { FloatHistogram } from '../model/histogram.ts';
import type { Exemplar, MetricMetadata } from '../queryable.ts';

/**
 * Samples of one group at one timestamp. The arrays belong to the caller and must not change until `append` settles;
 * only the first `count` positions count.
 */
export interface SampleRow {
  /** Names the group: equal for whatever shares timestamps (a scrape target, a sender). */
  readonly group: string;
  readonly timestampMs: number;
  readonly count: number;
  /** Of `MetricsStore.ref`. */
  readonly refs: Int32Array;
  readonly values: Float64Array;
  /** Ascending positions of staleness markers. */
  readonly stale: Int32Array | null;
  /** Native histograms by position. */
  readonly histograms: ReadonlyMap<number, FloatHistogram> | null;
  /** Start timestamps ("created") in milliseconds by position, 0 where unknown; null or absent when none is known. */
  readonly starts?: Float64Array | null;
}

export interface AppendRequest {
  readonly rows: readonly SampleRow[];
  readonly exemplars?: readonly { readonly ref: number; readonly exemplar: Exemplar }[];
  readonly metadata?: readonly (readonly [family: string, metadata: MetricMetadata])[];
}

/** What became of the samples; what is not appended is dropped and counted. */
export interface AppendResult {
  appended: number;
  /** Older than the newest sample of their series, beyond the out-of-order window. */
  outOfOrder: number;
  /** A second, different sample at the same time. The same value again counts as appended. */
  duplicate: number;
  /** Of a series unknown so far, and too old for the head. */
  outOfBounds: number;
}

export function newAppendResult(): AppendResult {
  return { appended: 0, outOfOrder: 0, duplicate: 0, outOfBounds: 0 };
}
