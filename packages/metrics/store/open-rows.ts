/**
 * The newest rows of a group, not yet encoded: row by row, so that a scrape is one run of writes. They lie in shared
 * memory, where readers in other threads see them: what is full or too narrow is replaced, never overwritten.
 */
import type { FloatHistogram } from '../model/histogram.ts';
import { type Chunk, nextSourceId, type OpenSnapshot } from './chunk.ts';
import { ByteWriter } from './column/byte-writer.ts';
import { Cell } from './column/column-format.ts';
import { encodeColumn } from './column/encode-column.ts';
import { GrowingHistograms } from './histogram-table.ts';
import { sharedFloat64, sharedUint8 } from './shared-memory.ts';

/**
 * Cells of one group that are held uncompressed (9 bytes each): wide targets are encoded after few rows, narrow ones
 * after many, where columns pack better.
 */
const OPEN_CELLS_MAX = 1 << 18;
const OPEN_ROWS_MIN = 16;
/** Three of these make one chunk of a block (ROWS_MAX in block-writer.ts); more would only lie open for longer. */
const OPEN_ROWS_MAX = 80;

export class OpenRows {
  rows = 0;
  readonly capacity: number;
  readonly timestamps: Float64Array;
  /** Columns for which there is room; cell (row, column) is at row * stride + column. */
  stride: number;
  values: Float64Array;
  states: Uint8Array;
  #histograms: GrowingHistograms | null = null;
  /** Stands for the arrays; changes when one of them is replaced. */
  #id = nextSourceId();
  #seen = false;

  constructor(width: number) {
    this.stride = Math.max(4, width);
    this.capacity = Math.min(OPEN_ROWS_MAX, Math.max(OPEN_ROWS_MIN, Math.floor(OPEN_CELLS_MAX / this.stride)));
    this.timestamps = sharedFloat64(this.capacity);
    this.values = sharedFloat64(this.capacity * this.stride);
    this.states = sharedUint8(this.capacity * this.stride);
  }

  get full(): boolean {
    return this.rows === this.capacity;
  }

  /** Adds a row and gives its number. */
  add(timestampMs: number): number {
    this.timestamps[this.rows] = timestampMs;
    return this.rows++;
  }

  /** The row of a timestamp, or -1. Late samples of a request come for one of the newest rows. */
  find(timestampMs: number): number {
    for (let row = this.rows - 1; row >= 0; row--) {
      const at = this.timestamps[row]!;
      if (at === timestampMs) return row;
      if (at < timestampMs) return -1;
    }
    return -1;
  }

  /** Makes room for more columns. */
  widen(width: number): void {
    if (width <= this.stride) return;
    const stride = Math.max(width, Math.ceil(this.stride * 1.5));
    const values = sharedFloat64(this.capacity * stride);
    const states = sharedUint8(this.capacity * stride);
    for (let row = 0; row < this.rows; row++) {
      values.set(this.values.subarray(row * this.stride, (row + 1) * this.stride), row * stride);
      states.set(this.states.subarray(row * this.stride, (row + 1) * this.stride), row * stride);
    }
    this.values = values;
    this.states = states;
    this.stride = stride;
    this.#id = nextSourceId();
  }

  setHistogram(row: number, column: number, histogram: FloatHistogram): void {
    this.#histograms ??= this.#withHistograms();
    if (this.#histograms.add(row, column, histogram)) this.#id = nextSourceId();
    this.states[row * this.stride + column] = Cell.histogram;
  }

  #withHistograms(): GrowingHistograms {
    this.#id = nextSourceId();
    return new GrowingHistograms();
  }

  /**
   * Empties it for further rows, unless somebody has seen the arrays. Shared memory that is let go stays until the next
   * full collection, which nothing hurries: what intake alone has touched had better be used again.
   */
  tryReset(): boolean {
    if (this.#seen) return false;
    this.states.fill(Cell.absent, 0, this.rows * this.stride);
    this.rows = 0;
    this.#histograms = null;
    this.#id = nextSourceId();
    return true;
  }

  snapshot(): OpenSnapshot {
    this.#seen = true;
    return {
      kind: 'open',
      id: this.#id,
      rows: this.rows,
      stride: this.stride,
      timestamps: this.timestamps,
      values: this.values,
      states: this.states,
      histograms: this.#histograms?.table ?? null,
    };
  }

  /** The first `width` columns as a chunk. */
  encode(width: number): Chunk {
    const writer = scratch;
    writer.length = 0;
    const offsets = new Uint32Array(width + 1);
    this.#encodeColumns(writer, offsets);
    return chunkOf(
      this.timestamps.subarray(0, this.rows),
      offsets,
      writer.bytes.subarray(0, writer.length),
      this.#histograms?.seal() ?? null,
    );
  }

  /** Nothing follows the loop: what is compiled while it runs for the first time would be thrown away there. */
  #encodeColumns(writer: ByteWriter, offsets: Uint32Array): void {
    for (let column = 0; column < offsets.length - 1; column++) {
      encodeColumn(writer, this.rows, this.values, this.states, column, this.stride);
      offsets[column + 1] = writer.length;
    }
  }
}

/** Where columns are written before their size is known; encoding is synchronous. As large as the largest chunk so far. */
const scratch = new ByteWriter();

/** Copies all parts into one piece of shared memory: thousands of small ones cost more than what they hold. */
function chunkOf(
  timestamps: Float64Array,
  offsets: Uint32Array,
  bytes: Uint8Array,
  histograms: Chunk['histograms'],
): Chunk {
  const offsetsAt = 8 * timestamps.length;
  const bytesAt = offsetsAt + 4 * offsets.length;
  const memory = new SharedArrayBuffer(bytesAt + bytes.length);
  const chunk: Chunk = {
    kind: 'chunk',
    id: nextSourceId(),
    rows: timestamps.length,
    timestamps: new Float64Array(memory, 0, timestamps.length),
    bytes: new Uint8Array(memory, bytesAt, bytes.length),
    view: new DataView(memory, bytesAt, bytes.length),
    offsets: new Uint32Array(memory, offsetsAt, offsets.length),
    histograms,
  };
  chunk.timestamps.set(timestamps);
  chunk.offsets.set(offsets);
  chunk.bytes.set(bytes);
  return chunk;
}
