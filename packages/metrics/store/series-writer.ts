/** Writes the sections `strings` and `series` of a block (docs/format/metrics-block.md): series in the order of labels. */
import { StringDictionaryBuilder } from '@mario/storage';
import type { Labels } from '../model/labels.ts';
import { ByteWriter } from './column/byte-writer.ts';

export class SeriesWriter {
  readonly #strings = new StringDictionaryBuilder();
  readonly #offsets = new ByteWriter(1 << 10);
  readonly #pairs = new ByteWriter(1 << 12);
  #count = 0;
  #pairCount = 0;

  /** Gives the number of the series. */
  add(labels: Labels): number {
    this.#offsets.u32(this.#pairCount);
    for (const text of labels.pairs) this.#pairs.u32(this.#strings.intern(text));
    this.#pairCount += labels.size;
    return this.#count++;
  }

  finish(): { readonly count: number; readonly strings: Uint8Array; readonly table: Uint8Array } {
    const table = new ByteWriter(8 + this.#offsets.length + this.#pairs.length);
    table.u32(this.#count);
    table.raw(this.#offsets.bytes.subarray(0, this.#offsets.length));
    table.u32(this.#pairCount);
    table.raw(this.#pairs.bytes.subarray(0, this.#pairs.length));
    return { count: this.#count, strings: this.#strings.encode(), table: table.take() };
  }
}
