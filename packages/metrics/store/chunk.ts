/** A run of rows of one group, encoded and immutable: shared timestamps, one column for each series. */
import type { FloatHistogram } from '../model/histogram.ts';

export interface Chunk {
  /** Unique in the process: what a reader may key caches on. */
  readonly id: number;
  readonly rows: number;
  /** Milliseconds, ascending; shared with readers, never changed. */
  readonly timestamps: Float64Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Column c is bytes[offsets[c] … offsets[c + 1]). */
  readonly offsets: Uint32Array;
  /** Native histograms by column, by row; null when the chunk has none. */
  readonly histograms: ReadonlyMap<number, ReadonlyMap<number, FloatHistogram>> | null;
}

let lastId = 0;

export function nextChunkId(): number {
  return ++lastId;
}
