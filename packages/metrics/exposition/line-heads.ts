/**
 * The line heads of one target's expositions: every distinct head (series with its labels up to the value, or a whole
 * comment line) is an entry with a number.
 *
 * Heads are compared eight bytes at a time, as doubles. Bytes that make a NaN are never equal, which costs a look-up; those
 * of +0 and -0, which are equal, are no text.
 */

/** Heads no longer seen are forgotten when they are this many more than those in use: churn must not grow for ever. */
const STALE_HEADS_MAX = 1_000;

export class LineHeads {
  count = 0;
  #arena = new Uint8Array(16 * 1024);
  #arenaView = new DataView(this.#arena.buffer);
  #used = 0;
  #start = new Int32Array(256);
  #length = new Int32Array(256);
  readonly #byKey = new Map<string, number>();
  #bytes: Uint8Array = this.#arena;
  #view: DataView = this.#arenaView;
  #limit = 0;

  /** The exposition that the next calls are about. */
  begin(bytes: Uint8Array, limit: number): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limit = limit;
  }

  lengthOf(entry: number): number {
    return this.#length[entry]!;
  }

  /** Whether the line at `at` begins with the head `entry`. */
  matches(entry: number, at: number): boolean {
    const length = this.#length[entry]!;
    if (at + length > this.#limit) return false;
    let a = this.#start[entry]!;
    if (length < 8) {
      for (let i = 0; i < length; i++) if (this.#arena[a + i] !== this.#bytes[at + i]) return false;
      return true;
    }
    const arena = this.#arenaView;
    const view = this.#view;
    const last = a + length - 8;
    // The end differs most often between neighbours (label values), the beginning least.
    if (arena.getFloat64(last, true) !== view.getFloat64(at + length - 8, true)) return false;
    for (let b = at; a < last; a += 8, b += 8) if (arena.getFloat64(a, true) !== view.getFloat64(b, true)) return false;
    return true;
  }

  /** The entry of the head in `bytes[start, end)`, or -1. */
  find(start: number, end: number): number {
    return this.#byKey.get(this.#key(start, end)) ?? -1;
  }

  /** Adds a head that is not there; its entry is the number of those before. */
  add(start: number, end: number): number {
    const length = end - start;
    if (this.#used + length > this.#arena.length) {
      const arena = new Uint8Array(2 * (this.#used + length));
      arena.set(this.#arena.subarray(0, this.#used));
      this.#arena = arena;
      this.#arenaView = new DataView(arena.buffer);
    }
    this.#arena.set(this.#bytes.subarray(start, end), this.#used);
    const entry = this.count++;
    if (entry === this.#start.length) {
      this.#start = grownInts(this.#start);
      this.#length = grownInts(this.#length);
    }
    this.#start[entry] = this.#used;
    this.#length[entry] = length;
    this.#used += length;
    this.#byKey.set(this.#key(start, end), entry);
    return entry;
  }

  /** Whether so many heads are out of use that it is time to forget all. */
  isStale(usedCount: number): boolean {
    return this.count > 2 * usedCount + STALE_HEADS_MAX;
  }

  forget(): void {
    this.count = 0;
    this.#used = 0;
    this.#byKey.clear();
  }

  #key(start: number, end: number): string {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start).toString('latin1');
  }
}

export function grownInts(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
