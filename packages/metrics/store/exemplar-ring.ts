/** The newest exemplars of all series, in a ring of fixed size, as in the real server. */
import type { Exemplar } from '../queryable.ts';

const NOBODY = -1;

export class ExemplarRing {
  readonly #capacity: number;
  #refs: Int32Array;
  readonly #exemplars: Exemplar[] = [];
  #next = 0;
  /** Newest exemplar of each series: a target shows the same one in every scrape until there is another. */
  readonly #last = new Map<number, Exemplar>();
  appendedCount = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#refs = new Int32Array(Math.max(1, capacity));
  }

  get size(): number {
    return this.#exemplars.length;
  }

  /** False when the series has it already, or a newer one. */
  add(ref: number, exemplar: Exemplar): boolean {
    if (this.#capacity <= 0 || !this.isNew(ref, exemplar)) return false;
    if (this.#exemplars.length === this.#capacity) {
      const oldest = this.#refs[this.#next]!;
      if (this.#last.get(oldest) === this.#exemplars[this.#next]) this.#last.delete(oldest);
    }
    this.#refs[this.#next] = ref;
    this.#exemplars[this.#next] = exemplar;
    this.#next = (this.#next + 1) % this.#capacity;
    this.#last.set(ref, exemplar);
    this.appendedCount++;
    return true;
  }

  isNew(ref: number, exemplar: Exemplar): boolean {
    const last = this.#last.get(ref);
    if (last === undefined || exemplar.timestampMs > last.timestampMs) return true;
    if (exemplar.timestampMs < last.timestampMs) return false;
    return exemplar.value !== last.value && !exemplar.labels.equals(last.labels);
  }

  /** The refs stand for other series from now on, which have none. */
  forget(refs: readonly number[]): void {
    const gone = new Set(refs.filter((ref) => this.#last.delete(ref)));
    if (gone.size === 0) return;
    for (let i = 0; i < this.#exemplars.length; i++) if (gone.has(this.#refs[i]!)) this.#refs[i] = NOBODY;
  }

  /** By series, ascending by time. */
  select(wanted: (ref: number) => boolean, startMs: number, endMs: number): Map<number, Exemplar[]> {
    const found = new Map<number, Exemplar[]>();
    for (let i = 0; i < this.#exemplars.length; i++) {
      const at = (this.#next + i) % this.#exemplars.length;
      const exemplar = this.#exemplars[at]!;
      const ref = this.#refs[at]!;
      if (exemplar.timestampMs < startMs || exemplar.timestampMs > endMs || ref === NOBODY || !wanted(ref)) continue;
      const list = found.get(ref);
      if (list === undefined) found.set(ref, [exemplar]);
      else list.push(exemplar);
    }
    for (const list of found.values()) list.sort((a, b) => a.timestampMs - b.timestampMs);
    return found;
  }
}
