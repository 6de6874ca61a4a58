/** What an evaluation is given, and the pace at which it lets others run. */
import { LimitError, QueryError } from '../query-error.ts';
import type { LogSource } from './log-source.ts';

/** Named limits of one query; the defaults are Loki's. */
export interface QueryLimits {
  /** Series in a metric query's result, and while it is computed. */
  readonly seriesCountMax: number;
  /** Entries that a log query may ask for. */
  readonly entryCountMax: number;
  readonly durationMsMax: number;
  /** Series held while a metric query is computed: each costs about half a kilobyte. */
  readonly seriesHeldMax: number;
  /** Samples held at once: 16 bytes each. */
  readonly sampleCountMax: number;
}

export const defaultQueryLimits: QueryLimits = {
  seriesCountMax: 500,
  entryCountMax: 5000,
  durationMsMax: 60_000,
  seriesHeldMax: 100_000,
  sampleCountMax: 20_000_000,
};

export interface QueryStatistics {
  blocksRead: number;
  blocksSkipped: number;
  linesProcessed: number;
  bytesProcessed: number;
  entriesReturned: number;
}

/** A scan works this long before it lets intake and other queries run. */
const SLICE_MS = 5;

/** Looking at the clock costs as much as a cheap line. */
const LINES_PER_LOOK = 64;

export class QueryContext {
  readonly source: LogSource;
  readonly limits: QueryLimits;
  readonly statistics: QueryStatistics = {
    blocksRead: 0,
    blocksSkipped: 0,
    linesProcessed: 0,
    bytesProcessed: 0,
    entriesReturned: 0,
  };
  sampleCount = 0;
  readonly #signal: AbortSignal | undefined;
  readonly #deadlineMs: number;
  #sliceStartMs: number;
  #lines = 0;

  constructor(source: LogSource, options: { readonly limits?: QueryLimits; readonly signal?: AbortSignal } = {}) {
    this.source = source;
    this.limits = options.limits ?? defaultQueryLimits;
    this.#signal = options.signal;
    this.#sliceStartMs = performance.now();
    this.#deadlineMs = this.#sliceStartMs + this.limits.durationMsMax;
  }

  /** Counts a line; true when it is time to `breathe`. */
  tick(): boolean {
    this.statistics.linesProcessed++;
    return ++this.#lines % LINES_PER_LOOK === 0 && performance.now() - this.#sliceStartMs > SLICE_MS;
  }

  /** Lets everything else run that waits. Throws when nobody waits for this query any more or its time is over. */
  async breathe(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#sliceStartMs = performance.now();
    if (this.#signal?.aborted === true) throw new QueryError('context canceled');
    if (this.#sliceStartMs > this.#deadlineMs) {
      throw new LimitError(`query timed out: request exceeded ${this.limits.durationMsMax / 1000}s`);
    }
  }

  holdSample(): void {
    if (++this.sampleCount > this.limits.sampleCountMax) {
      throw new LimitError(
        `the query would hold more than ${this.limits.sampleCountMax} samples: narrow the selector or the time range`,
      );
    }
  }

  checkHeldSeries(count: number): void {
    if (count <= this.limits.seriesHeldMax) return;
    throw new LimitError(
      `the query would hold more than ${this.limits.seriesHeldMax} series: aggregate by fewer labels, or drop those that differ in every line (as trace_id in structured metadata)`,
    );
  }

  checkSeries(count: number): void {
    if (count <= this.limits.seriesCountMax) return;
    throw new LimitError(
      `maximum number of series (${this.limits.seriesCountMax}) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum, count or topk`,
    );
  }
}
