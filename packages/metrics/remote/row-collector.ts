/** Sorts samples that arrive in any order into the rows that the store takes. */
import type { FloatHistogram } from '../model/histogram.ts';
import type { SampleRow } from '../store/append-request.ts';

interface Row {
  readonly group: string;
  readonly timestampMs: number;
  readonly refs: number[];
  readonly values: number[];
  readonly stale: number[];
  readonly histograms: Map<number, FloatHistogram>;
}

export class RowCollector {
  readonly #rows = new Map<string, Map<number, Row>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(group: string, timestampMs: number, ref: number, value: number): void {
    this.#add(this.#row(group, timestampMs), ref, value);
  }

  addStale(group: string, timestampMs: number, ref: number): void {
    const row = this.#row(group, timestampMs);
    row.stale.push(row.refs.length);
    this.#add(row, ref, 0);
  }

  addHistogram(group: string, timestampMs: number, ref: number, histogram: FloatHistogram): void {
    const row = this.#row(group, timestampMs);
    row.histograms.set(row.refs.length, histogram);
    this.#add(row, ref, 0);
  }

  /** Rows in time order, whatever order they came in: within one request no sample is late for another. */
  rows(): SampleRow[] {
    const all = [...this.#rows.values()].flatMap((byTime) => [...byTime.values()]);
    all.sort((a, b) => a.timestampMs - b.timestampMs);
    return all.map(({ group, timestampMs, refs, values, stale, histograms }) => ({
      group,
      timestampMs,
      count: refs.length,
      refs: Int32Array.from(refs),
      values: Float64Array.from(values),
      stale: stale.length > 0 ? Int32Array.from(stale) : null,
      histograms: histograms.size > 0 ? histograms : null,
    }));
  }

  #add(row: Row, ref: number, value: number): void {
    row.refs.push(ref);
    row.values.push(value);
    this.#count++;
  }

  #row(group: string, timestampMs: number): Row {
    let byTime = this.#rows.get(group);
    if (byTime === undefined) this.#rows.set(group, (byTime = new Map()));
    let row = byTime.get(timestampMs);
    if (row === undefined) {
      row = { group, timestampMs, refs: [], values: [], stale: [], histograms: new Map() };
      byTime.set(timestampMs, row);
    }
    return row;
  }
}
