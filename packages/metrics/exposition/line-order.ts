/**
 * The order of lines in the last exposition, as the prediction for the next one. While the lines come as before, nothing
 * is written; from the first line that does not, the new order is.
 */
import { grownInts } from './line-heads.ts';

export class LineOrder {
  /** Lines of the last exposition that was read to its end. */
  count = 0;
  /** Counts up when an exposition was not like the one before. */
  version = 0;
  #order = new Int32Array(256);
  /** Place of each entry in `#order`, true only where that place holds it. */
  #place = new Int32Array(256);
  #next = new Int32Array(256);
  #nextCount = 0;
  #cursor = 0;
  /** Whether all lines so far were those of the last exposition. */
  #same = true;

  begin(): void {
    this.#cursor = 0;
    this.#nextCount = 0;
    this.#same = true;
  }

  /** Whether a line was not where it was predicted. */
  get hasChanged(): boolean {
    return !this.#same;
  }

  /** The entry that the next line most likely is, or -1. */
  get predicted(): number {
    return this.#cursor < this.count ? this.#order[this.#cursor]! : -1;
  }

  /** The entries of the last exposition in their order, `count` of them; valid until the next `commit`. */
  get entries(): Int32Array {
    return this.#order;
  }

  /** Where in `entries` the prediction is. */
  get cursor(): number {
    return this.#cursor;
  }

  /** The next `lines` predictions were right. */
  follow(lines = 1): void {
    const to = this.#cursor + lines;
    if (!this.#same) for (let i = this.#cursor; i < to; i++) this.#append(this.#order[i]!);
    this.#cursor = to;
  }

  /** The line is another entry; prediction goes on behind where that was in the last exposition. */
  leave(entry: number): void {
    if (this.#same) {
      this.#same = false;
      while (this.#next.length < this.#cursor) this.#next = grownInts(this.#next);
      this.#next.set(this.#order.subarray(0, this.#cursor));
      this.#nextCount = this.#cursor;
    }
    this.#append(entry);
    const place = entry < this.#place.length ? this.#place[entry]! : this.count;
    if (place < this.count && this.#order[place] === entry) this.#cursor = place + 1;
  }

  /** The exposition was read to its end. */
  commit(): void {
    if (this.#same && this.#cursor === this.count) return;
    if (this.#same) this.count = this.#cursor;
    else {
      [this.#order, this.#next] = [this.#next, this.#order];
      this.count = this.#nextCount;
    }
    for (let i = 0; i < this.count; i++) {
      const entry = this.#order[i]!;
      while (entry >= this.#place.length) this.#place = grownInts(this.#place);
      this.#place[entry] = i;
    }
    this.version++;
  }

  forget(): void {
    this.count = 0;
    this.version++;
  }

  #append(entry: number): void {
    if (this.#nextCount === this.#next.length) this.#next = grownInts(this.#next);
    this.#next[this.#nextCount++] = entry;
  }
}
