/** Collects one row of samples; its arrays are reused from row to row. */
import type { FloatHistogram } from '../model/histogram.ts';
import type { SampleRow } from '../store/append-request.ts';

export class RowBuilder {
  refs = new Int32Array(64);
  count = 0;
  #values = new Float64Array(64);
  #starts = new Float64Array(64);
  #hasStarts = false;
  #stale: number[] = [];
  #histograms: Map<number, FloatHistogram> | null = null;

  /** Empties the builder. The row before must have been stored. */
  begin(): this {
    this.count = 0;
    this.#stale = [];
    this.#histograms = null;
    this.#hasStarts = false;
    return this;
  }

  /** `startMs`: when the series began to count, 0 where that is not known. */
  add(ref: number, value: number, startMs = 0, histogram?: FloatHistogram): void {
    if (this.count === this.refs.length) this.#grow();
    if (histogram !== undefined) (this.#histograms ??= new Map()).set(this.count, histogram);
    if (startMs !== 0) this.#hasStarts = true;
    this.refs[this.count] = ref;
    this.#starts[this.count] = startMs;
    this.#values[this.count++] = value;
  }

  addStale(ref: number): void {
    this.#stale.push(this.count);
    this.add(ref, 0);
  }

  addReport(ref: number, value: number | undefined): void {
    if (value === undefined) this.addStale(ref);
    else this.add(ref, value);
  }

  finish(group: string, timestampMs: number): SampleRow {
    return {
      group,
      timestampMs,
      count: this.count,
      refs: this.refs,
      values: this.#values,
      stale: this.#stale.length > 0 ? Int32Array.from(this.#stale) : null,
      histograms: this.#histograms,
      ...(this.#hasStarts ? { starts: this.#starts } : {}),
    };
  }

  #grow(): void {
    const refs = new Int32Array(this.count * 2);
    refs.set(this.refs);
    this.refs = refs;
    const values = new Float64Array(this.count * 2);
    values.set(this.#values);
    this.#values = values;
    const starts = new Float64Array(this.count * 2);
    starts.set(this.#starts);
    this.#starts = starts;
  }
}
