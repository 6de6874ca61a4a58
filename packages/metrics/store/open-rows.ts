/**
 * The newest rows of a group, not yet encoded: row by row, so that a scrape is one run of writes. Readers may keep a
 * snapshot: what is full or too narrow is replaced by new arrays, never overwritten.
 */
import type { FloatHistogram } from '../model/histogram.ts';
import { type Chunk, nextChunkId } from './chunk.ts';
import { ByteWriter } from './column/byte-writer.ts';
import { Cell } from './column/column-format.ts';
import { encodeColumn } from './column/encode-column.ts';

/**
 * Cells of one group that are held uncompressed (9 bytes each): wide targets are encoded after few rows, narrow ones
 * after many, where columns pack better.
 */
const OPEN_CELLS_MAX = 1 << 18;
const OPEN_ROWS_MIN = 16;
const OPEN_ROWS_MAX = 128;

export class OpenRows {
  rows = 0;
  readonly capacity: number;
  readonly timestamps: Float64Array;
  /** Columns for which there is room; cell (row, column) is at row * stride + column. */
  stride: number;
  values: Float64Array;
  states: Uint8Array;
  histograms: Map<number, Map<number, FloatHistogram>> | null = null;
  /** Stands for these rows where readers key caches by chunk; changes with every row. */
  id = nextChunkId();

  constructor(width: number) {
    this.stride = Math.max(4, width);
    this.capacity = Math.min(OPEN_ROWS_MAX, Math.max(OPEN_ROWS_MIN, Math.floor(OPEN_CELLS_MAX / this.stride)));
    this.timestamps = new Float64Array(this.capacity);
    this.values = new Float64Array(this.capacity * this.stride);
    this.states = new Uint8Array(this.capacity * this.stride);
  }

  get full(): boolean {
    return this.rows === this.capacity;
  }

  /** Adds a row and gives its number. */
  add(timestampMs: number): number {
    this.timestamps[this.rows] = timestampMs;
    this.id = nextChunkId();
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
    const values = new Float64Array(this.capacity * stride);
    const states = new Uint8Array(this.capacity * stride);
    for (let row = 0; row < this.rows; row++) {
      values.set(this.values.subarray(row * this.stride, (row + 1) * this.stride), row * stride);
      states.set(this.states.subarray(row * this.stride, (row + 1) * this.stride), row * stride);
    }
    this.values = values;
    this.states = states;
    this.stride = stride;
  }

  setHistogram(row: number, column: number, histogram: FloatHistogram): void {
    this.histograms ??= new Map();
    let byRow = this.histograms.get(column);
    if (byRow === undefined) this.histograms.set(column, (byRow = new Map()));
    byRow.set(row, histogram);
    this.states[row * this.stride + column] = Cell.histogram;
  }

  /** The first `width` columns as a chunk. */
  encode(width: number): Chunk {
    const writer = new ByteWriter(width * 16);
    const offsets = new Uint32Array(width + 1);
    for (let column = 0; column < width; column++) {
      offsets[column] = writer.length;
      encodeColumn(writer, this.rows, this.values, this.states, column, this.stride);
    }
    offsets[width] = writer.length;
    const bytes = writer.take();
    return {
      id: nextChunkId(),
      rows: this.rows,
      timestamps: this.timestamps.slice(0, this.rows),
      bytes,
      view: new DataView(bytes.buffer),
      offsets,
      histograms: this.histograms,
    };
  }
}
