/**
 * Finds the ref of a label set: a hash table of refs with open addressing. A map by key would hold a long string for
 * every series, which costs more than all the rest of it.
 */
import type { Labels } from '../model/labels.ts';

const EMPTY = -1;
const SLOTS_MIN = 1024;

export class LabelTable {
  /** Labels by ref, of the index; undefined for refs that are gone. */
  readonly #labels: readonly (Labels | undefined)[];
  #slots = new Int32Array(SLOTS_MIN).fill(EMPTY);
  /** By ref, so that most strangers are told by one comparison. */
  #hashes = new Int32Array(SLOTS_MIN);
  #size = 0;
  /** The labels that were looked for last, and their hash: those that were not found are added next, most often. */
  #asked: Labels | undefined;
  #askedHash = 0;

  constructor(labels: readonly (Labels | undefined)[]) {
    this.#labels = labels;
  }

  get size(): number {
    return this.#size;
  }

  find(labels: Labels): number | undefined {
    const hash = this.#hashOf(labels);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const ref = this.#slots[slot]!;
      if (ref === EMPTY) return undefined;
      if (this.#hashes[ref] === hash && this.#labels[ref]!.equals(labels)) return ref;
    }
  }

  /** Adds the labels of a ref, which are not there yet; `equal` ones may stand for them. */
  add(ref: number, equal: Labels = this.#labels[ref]!): void {
    if (ref >= this.#hashes.length) {
      const larger = new Int32Array(Math.max(ref + 1, this.#hashes.length * 2));
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[ref] = this.#hashOf(equal);
    this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#fill(this.#slots.length * 2);
    else this.#place(ref);
  }

  /** After refs have gone. */
  rebuild(): void {
    let size = 0;
    for (const labels of this.#labels) if (labels !== undefined) size++;
    this.#size = size;
    let slots = SLOTS_MIN;
    while (slots < size * 2) slots *= 2;
    this.#fill(slots);
  }

  #hashOf(labels: Labels): number {
    if (labels === this.#asked) return this.#askedHash;
    this.#asked = labels;
    this.#askedHash = hashOf(labels.pairs);
    return this.#askedHash;
  }

  #fill(slots: number): void {
    this.#slots = new Int32Array(slots).fill(EMPTY);
    for (let ref = 0; ref < this.#labels.length; ref++) if (this.#labels[ref] !== undefined) this.#place(ref);
  }

  #place(ref: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[ref]! & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = ref;
  }
}

/** FNV-1a over the code units, a separator after each text, and a last stir for the low bits, which choose the slot. */
function hashOf(pairs: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const text of pairs) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12);
}
