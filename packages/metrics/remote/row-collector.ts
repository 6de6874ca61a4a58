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
  readonly starts: number[];
}

export class RowCollector {
  readonly #rows = new Map<string, Map<number, Row>>();
  #lastGroup = '';
  #lastByTime: Map<number, Row> | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `startMs`: the start timestamp ("created"), 0 where unknown. */
  add(group: string, timestampMs: number, ref: number, value: number, startMs = 0): void {
    this.#add(this.#row(group, timestampMs), ref, value, startMs);
  }

  addStale(group: string, timestampMs: number, ref: number): void {
    const row = this.#row(group, timestampMs);
    row.stale.push(row.refs.length);
    this.#add(row, ref, 0, 0);
  }

  addHistogram(group: string, timestampMs: number, ref: number, histogram: FloatHistogram, startMs = 0): void {
    const row = this.#row(group, timestampMs);
    row.histograms.set(row.refs.length, histogram);
    this.#add(row, ref, 0, startMs);
  }

  /** Rows in time order, whatever order they came in: within one request no sample is late for another. */
  rows(): SampleRow[] {
    const all = [...this.#rows.values()].flatMap((byTime) => [...byTime.values()]);
    all.sort((a, b) => a.timestampMs - b.timestampMs);
    return all.map(({ group, timestampMs, refs, values, stale, histograms, starts }) => ({
      group,
      timestampMs,
      count: refs.length,
      refs: Int32Array.from(refs),
      values: Float64Array.from(values),
      stale: stale.length > 0 ? Int32Array.from(stale) : null,
      histograms: histograms.size > 0 ? histograms : null,
      starts: starts.some((startMs) => startMs !== 0) ? Float64Array.from(starts) : null,
    }));
  }

  #add(row: Row, ref: number, value: number, startMs: number): void {
    row.refs.push(ref);
    row.values.push(value);
    row.starts.push(startMs);
    this.#count++;
  }

  #row(group: string, timestampMs: number): Row {
    // Samples come series by series, and one series is of one group.
    let byTime = group === this.#lastGroup ? this.#lastByTime : this.#rows.get(group);
    if (byTime === undefined) this.#rows.set(group, (byTime = new Map()));
    this.#lastGroup = group;
    this.#lastByTime = byTime;
    let row = byTime.get(timestampMs);
    if (row === undefined) {
      row = { group, timestampMs, refs: [], values: [], stale: [], histograms: new Map(), starts: [] };
      byTime.set(timestampMs, row);
    }
    return row;
  }
}
