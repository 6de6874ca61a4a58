/**
 * How a scrape that is laid out as the one before becomes a row: no line is looked up, no series is asked for. As long as
 * nothing is dropped, the reader's column of values is the row's.
 */
import type { ScrapedSamples } from '../exposition/scraped-samples.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import type { SampleRow } from '../store/append-request.ts';

/** One of the series about the target itself; an undefined value is a staleness marker. */
export interface Report {
  readonly ref: number;
  readonly value: number | undefined;
}

export class RowPlan {
  readonly layout: number;
  readonly live: readonly number[];
  readonly afterRelabelling: number;
  readonly duplicates: number;
  /** Sample of each position; null where they are the same. */
  readonly #sources: Int32Array | null;
  readonly #count: number;
  readonly #refs: Int32Array;
  #values = new Float64Array(0);
  #starts = new Float64Array(0);

  constructor(
    layout: number,
    sources: readonly number[],
    refs: Int32Array,
    live: readonly number[],
    counts: { readonly afterRelabelling: number; readonly duplicates: number },
    reports: readonly Report[],
  ) {
    this.layout = layout;
    this.live = live;
    this.afterRelabelling = counts.afterRelabelling;
    this.duplicates = counts.duplicates;
    this.#count = sources.length;
    this.#sources = sources.every((source, i) => source === i) ? null : Int32Array.from(sources);
    this.#refs = new Int32Array(this.#count + reports.length);
    this.#refs.set(refs);
  }

  /** The row's arrays are the plan's or the reader's, until the next scrape. */
  row(samples: ScrapedSamples, group: string, timestampMs: number, reports: readonly Report[]): SampleRow {
    const size = this.#count + reports.length;
    const values = this.#isAligned(samples.values, size)
      ? samples.values
      : this.#gather(samples.values, (this.#values = grownTo(this.#values, size)));
    const starts =
      samples.startsMs === null || this.#isAligned(samples.startsMs, size)
        ? samples.startsMs
        : this.#gather(samples.startsMs, (this.#starts = grownTo(this.#starts, size)));
    const stale: number[] = [];
    if (this.#refs.length < size) throw new Error('BUG: a row plan has room for the reports that it was made with');
    const refs = this.#refs;
    reports.forEach(({ ref, value }, i) => {
      const at = this.#count + i;
      refs[at] = ref;
      values[at] = value ?? 0;
      if (starts !== null) starts[at] = 0;
      if (value === undefined) stale.push(at);
    });
    return {
      group,
      timestampMs,
      count: size,
      refs,
      values,
      stale: stale.length > 0 ? Int32Array.from(stale) : null,
      histograms: this.#histograms(samples.histograms),
      ...(starts === null ? {} : { starts }),
    };
  }

  /** Whether the reader's column can be the row's: nothing is left out, and there is room for the reports. */
  #isAligned(column: Float64Array, size: number): boolean {
    return this.#sources === null && column.length >= size;
  }

  #gather(column: Float64Array, into: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
    const sources = this.#sources;
    if (sources === null) into.set(column.subarray(0, this.#count));
    else for (let i = 0; i < this.#count; i++) into[i] = column[sources[i]!]!;
    return into;
  }

  #histograms(bySample: ReadonlyMap<number, FloatHistogram> | null): ReadonlyMap<number, FloatHistogram> | null {
    if (bySample === null || this.#sources === null) return bySample;
    const found = new Map<number, FloatHistogram>();
    this.#sources.forEach((sample, i) => {
      const histogram = bySample.get(sample);
      if (histogram !== undefined) found.set(i, histogram);
    });
    return found;
  }
}

function grownTo(own: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  return own.length >= size ? own : new Float64Array(size);
}
