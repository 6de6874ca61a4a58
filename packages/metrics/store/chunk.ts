/** Runs of rows of one group: what readers, here and in worker threads, find samples in. Plain data in shared memory. */
import type { HistogramTable } from './histogram-table.ts';

/** Rows that are encoded and immutable: shared timestamps, one column for each series. */
export interface Chunk {
  readonly kind: 'chunk';
  /** Unique in the process: what a reader may key caches on. */
  readonly id: number;
  readonly rows: number;
  /** Milliseconds, ascending; shared with readers, never changed. */
  readonly timestamps: Float64Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Column c is bytes[offsets[c] … offsets[c + 1]). */
  readonly offsets: Uint32Array;
  readonly histograms: HistogramTable | null;
}

/**
 * The open rows of a group as they were at one moment. Arrays are only appended to, and replaced (by a source of
 * another id) when they are full or too narrow, so a snapshot stays what it was.
 */
export interface OpenSnapshot {
  readonly kind: 'open';
  /** The same for snapshots of the same arrays. */
  readonly id: number;
  readonly rows: number;
  /** Cell (row, column) is at row * stride + column. */
  readonly stride: number;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Codes of `Cell`. */
  readonly states: Uint8Array;
  readonly histograms: HistogramTable | null;
}

export type Source = Chunk | OpenSnapshot;

let lastId = 0;

/** Ids of chunks and of the arrays of open rows come from one sequence. */
export function nextSourceId(): number {
  return ++lastId;
}
