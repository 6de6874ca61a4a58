/** Native histograms of a chunk or of open rows: bytes in shared memory, found by column and row. */
import type { FloatHistogram } from '../model/histogram.ts';
import { ByteWriter } from './column/byte-writer.ts';
import { readHistogram, writeHistogram } from './histogram-bytes.ts';
import { sharedCopy, sharedUint8, sharedUint32 } from './shared-memory.ts';

/** Plain data that may cross threads. */
export interface HistogramTable {
  /** Column, row and position in `bytes` of each histogram; those of one column are in ascending order of rows. */
  readonly entries: Uint32Array;
  readonly count: number;
  /** As written by histogram-bytes.ts. */
  readonly bytes: Uint8Array;
}

const ENTRY_NUMBERS = 3;

/** Looks histograms up; made once for a table. */
export class HistogramLookup {
  readonly #table: HistogramTable;
  readonly #view: DataView;
  /** Numbers of the entries of a column. */
  readonly #byColumn = new Map<number, number[]>();

  constructor(table: HistogramTable) {
    this.#table = table;
    this.#view = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.length);
    for (let i = 0; i < table.count; i++) {
      const column = table.entries[i * ENTRY_NUMBERS]!;
      const list = this.#byColumn.get(column);
      if (list === undefined) this.#byColumn.set(column, [i]);
      else list.push(i);
    }
  }

  /** Calls `visit` for the histograms of a column at rows fromRow <= row < toRow, in order. */
  forEach(
    column: number,
    fromRow: number,
    toRow: number,
    visit: (row: number, histogram: FloatHistogram) => void,
  ): void {
    const { entries } = this.#table;
    for (const i of this.#byColumn.get(column) ?? []) {
      const row = entries[i * ENTRY_NUMBERS + 1]!;
      if (row >= fromRow && row < toRow) visit(row, readHistogram(this.#view, entries[i * ENTRY_NUMBERS + 2]!));
    }
  }

  /** All histograms of a column by row. */
  column(column: number): Map<number, FloatHistogram> {
    const found = new Map<number, FloatHistogram>();
    this.forEach(column, 0, Number.POSITIVE_INFINITY, (row, histogram) => found.set(row, histogram));
    return found;
  }
}

const lookups = new WeakMap<HistogramTable, HistogramLookup>();

export function lookupOf(table: HistogramTable | null): HistogramLookup | null {
  if (table === null) return null;
  let lookup = lookups.get(table);
  if (lookup === undefined) lookups.set(table, (lookup = new HistogramLookup(table)));
  return lookup;
}

/** A table that grows by histograms of ever newer rows. What is full is replaced, never overwritten. */
export class GrowingHistograms {
  #entries = sharedUint32(64 * ENTRY_NUMBERS);
  #bytes = sharedUint8(4096);
  #count = 0;
  #length = 0;
  readonly #writer = new ByteWriter(256);

  /** True when memory was replaced: who knows the old one does not see the histogram. */
  add(row: number, column: number, histogram: FloatHistogram): boolean {
    const writer = this.#writer;
    writer.length = 0;
    writeHistogram(writer, histogram);
    let replaced = false;
    if (this.#length + writer.length > this.#bytes.length) {
      const larger = sharedUint8(2 * (this.#length + writer.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
      replaced = true;
    }
    if ((this.#count + 1) * ENTRY_NUMBERS > this.#entries.length) {
      const larger = sharedUint32(this.#entries.length * 2);
      larger.set(this.#entries);
      this.#entries = larger;
      replaced = true;
    }
    this.#bytes.set(writer.bytes.subarray(0, writer.length), this.#length);
    this.#entries.set([column, row, this.#length], this.#count * ENTRY_NUMBERS);
    this.#length += writer.length;
    this.#count++;
    return replaced;
  }

  /** As it is now; later additions leave it as it is. */
  get table(): HistogramTable {
    return { entries: this.#entries, count: this.#count, bytes: this.#bytes };
  }

  /** Ordered by row for each column, and no larger than needed. */
  seal(): HistogramTable {
    const numbers = Array.from({ length: this.#count }, (_, i) => i);
    const at = (i: number, part: number) => this.#entries[i * ENTRY_NUMBERS + part]!;
    numbers.sort((a, b) => at(a, 0) - at(b, 0) || at(a, 1) - at(b, 1));
    const entries = sharedUint32(this.#count * ENTRY_NUMBERS);
    numbers.forEach((from, to) => {
      for (let part = 0; part < ENTRY_NUMBERS; part++) entries[to * ENTRY_NUMBERS + part] = at(from, part);
    });
    return { entries, count: this.#count, bytes: sharedCopy(this.#bytes.subarray(0, this.#length)) };
  }
}
