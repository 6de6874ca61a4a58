/** Collects one row of samples; its arrays are reused from row to row. */
import type { SampleRow } from '../store/append-request.ts';

export class RowBuilder {
  #refs = new Int32Array(64);
  #values = new Float64Array(64);
  #count = 0;
  #stale: number[] = [];

  /** Empties the builder. The row before must have been stored. */
  begin(): this {
    this.#count = 0;
    this.#stale = [];
    return this;
  }

  get count(): number {
    return this.#count;
  }

  add(ref: number, value: number): void {
    if (this.#count === this.#refs.length) this.#grow();
    this.#refs[this.#count] = ref;
    this.#values[this.#count++] = value;
  }

  addStale(ref: number): void {
    this.#stale.push(this.#count);
    this.add(ref, 0);
  }

  finish(group: string, timestampMs: number): SampleRow {
    return {
      group,
      timestampMs,
      count: this.#count,
      refs: this.#refs,
      values: this.#values,
      stale: this.#stale.length > 0 ? Int32Array.from(this.#stale) : null,
      histograms: null,
    };
  }

  #grow(): void {
    const refs = new Int32Array(this.#count * 2);
    refs.set(this.#refs);
    this.#refs = refs;
    const values = new Float64Array(this.#count * 2);
    values.set(this.#values);
    this.#values = values;
  }
}
