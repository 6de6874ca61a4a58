/**
 * The lines of one target's expositions: every distinct head (a series with its labels up to the value, or a whole comment
 * line) is an entry with a number, and stands here with the text of its last value behind it.
 *
 * Lines are compared eight bytes at a time, as doubles. Bytes that make a NaN are never equal, which costs a look-up; those
 * of +0 and -0, which are equal, are no text.
 */

/** Heads no longer seen are forgotten when they are this many more than those in use: churn must not grow for ever. */
const STALE_HEADS_MAX = 1_000;

/** Room for a value and its line end: seventeen digits with sign, point and exponent take 24. */
const VALUE_BYTES_MAX = 24;

const EMPTY = -1;
const SLOTS_MIN = 512;

export class LineHeads {
  count = 0;
  /** Head after head, each with room for a value. */
  #arena = new Uint8Array(16 * 1024);
  #arenaView = new DataView(this.#arena.buffer);
  #used = 0;
  #start = new Int32Array(256);
  #length = new Int32Array(256);
  /** Bytes of the whole line that was remembered; those of the head while there is none. */
  #lineLength = new Int32Array(256);
  #values = new Float64Array(256);
  /** A hash table of entries with open addressing: a string for every line would be most of what the heap holds. */
  #slots = new Int32Array(SLOTS_MIN).fill(EMPTY);
  #hashes = new Int32Array(256);
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

  /** The bytes of a head; a view, valid until the next head is added. */
  textOf(entry: number): Uint8Array {
    const start = this.#start[entry]!;
    return this.#arena.subarray(start, start + this.#length[entry]!);
  }

  /** The value that was remembered. */
  valueOf(entry: number): number {
    return this.#values[entry]!;
  }

  /**
   * How much of the line at `at` is that of `entry`: all of the remembered line, which is longer than the head; the head;
   * or -1 when it is another head.
   */
  compare(entry: number, at: number): number {
    const length = this.#lineLength[entry]!;
    const start = this.#start[entry]!;
    if (length < 8 || at + length > this.#limit) return this.#compareSlowly(entry, at);
    const arena = this.#arenaView;
    const view = this.#view;
    const last = start + length - 8;
    let a = start;
    let b = at;
    while (a < last && arena.getFloat64(a, true) === view.getFloat64(b, true)) {
      a += 8;
      b += 8;
    }
    if (a >= last) {
      a = last;
      b = at + length - 8;
      if (arena.getFloat64(a, true) === view.getFloat64(b, true)) return length;
    }
    // All before these eight bytes is equal; of them only those of the head count.
    const head = this.#length[entry]!;
    const rest = start + head - a;
    if (rest >= 8) return -1;
    for (let i = 0; i < rest; i++) if (this.#arena[a + i] !== this.#bytes[b + i]) return -1;
    return head;
  }

  /** Keeps the value of an entry and its text `[from, to)` with the line end, to know the line when it comes again. */
  remember(entry: number, value: number, from: number, to: number): void {
    this.#values[entry] = value;
    const head = this.#length[entry]!;
    const size = to - from;
    if (size > VALUE_BYTES_MAX) {
      this.#lineLength[entry] = head;
      return;
    }
    this.#lineLength[entry] = head + size;
    const at = this.#start[entry]! + head;
    if (from + VALUE_BYTES_MAX > this.#limit) {
      for (let i = 0; i < size; i++) this.#arena[at + i] = this.#bytes[from + i]!;
      return;
    }
    // What stands behind the line end is copied too, and looked at by nobody.
    for (let i = 0; i < size; i += 4) this.#arenaView.setInt32(at + i, this.#view.getInt32(from + i, true), true);
  }

  /** The entry of the head in `bytes[start, end)`, or -1. */
  find(start: number, end: number): number {
    const hash = hashOf(this.#bytes, start, end);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!;
      if (entry === EMPTY) return -1;
      if (this.#hashes[entry] === hash && this.#length[entry] === end - start && this.#isAt(entry, start)) return entry;
    }
  }

  /** Adds a head that is not there; its entry is the number of those before. */
  add(start: number, end: number): number {
    const length = end - start;
    const room = length + VALUE_BYTES_MAX;
    if (this.#used + room > this.#arena.length) {
      const arena = new Uint8Array(2 * (this.#used + room));
      arena.set(this.#arena.subarray(0, this.#used));
      this.#arena = arena;
      this.#arenaView = new DataView(arena.buffer);
    }
    this.#arena.set(this.#bytes.subarray(start, end), this.#used);
    const entry = this.count++;
    if (entry === this.#start.length) this.#grow();
    this.#start[entry] = this.#used;
    this.#length[entry] = length;
    this.#lineLength[entry] = length;
    this.#hashes[entry] = hashOf(this.#bytes, start, end);
    this.#used += room;
    if (2 * this.count > this.#slots.length) this.#fill(2 * this.#slots.length);
    else this.#place(entry);
    return entry;
  }

  /** Whether so many heads are out of use that it is time to forget all. */
  isStale(usedCount: number): boolean {
    return this.count > 2 * usedCount + STALE_HEADS_MAX;
  }

  forget(): void {
    this.count = 0;
    this.#used = 0;
    this.#slots = new Int32Array(SLOTS_MIN).fill(EMPTY);
  }

  /** The same near the end of the exposition, and for the shortest lines. */
  #compareSlowly(entry: number, at: number): number {
    const head = this.#length[entry]!;
    if (at + head > this.#limit || !this.#isAt(entry, at)) return -1;
    const length = this.#lineLength[entry]!;
    if (at + length > this.#limit) return head;
    const start = this.#start[entry]!;
    for (let i = head; i < length; i++) if (this.#arena[start + i] !== this.#bytes[at + i]) return head;
    return length;
  }

  #isAt(entry: number, at: number): boolean {
    const start = this.#start[entry]!;
    const length = this.#length[entry]!;
    for (let i = 0; i < length; i++) if (this.#arena[start + i] !== this.#bytes[at + i]) return false;
    return true;
  }

  #grow(): void {
    this.#start = grownInts(this.#start);
    this.#length = grownInts(this.#length);
    this.#lineLength = grownInts(this.#lineLength);
    this.#hashes = grownInts(this.#hashes);
    const values = new Float64Array(2 * this.#values.length);
    values.set(this.#values);
    this.#values = values;
  }

  #fill(slots: number): void {
    this.#slots = new Int32Array(slots).fill(EMPTY);
    for (let entry = 0; entry < this.count; entry++) this.#place(entry);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[entry]! & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }
}

/** FNV-1a over the bytes, and a last stir for the low bits, which choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12);
}

export function grownInts(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
