// What one query carries through its evaluation: limits, clock, cancellation, annotations, options.
import type { Queryable } from '../../queryable.ts';
import { Annotations } from './annotations.ts';
import { QueryError } from './query-error.ts';

export interface EvaluationOptions {
  /** How far back an instant selector looks. */
  readonly lookbackMs: number;
  /** Step of a subquery that names none. */
  readonly defaultSubqueryStepMs: number;
  /** Samples held at once, over all intermediate results. */
  readonly samplesMax: number;
  readonly timeoutMs: number;
  readonly delayedNameRemoval: boolean;
  /** Whether __type__ and __unit__ are metadata that leaves with the metric name. */
  readonly typeAndUnitLabels: boolean;
  /** Whether rate, increase and resets use start timestamps. */
  readonly startTimestamps: boolean;
}

// Between two looks at the clock the event loop is blocked; ten milliseconds keep health checks and intake alive.
const SLICE_MS = 10;

// Looking at the clock costs what ten cells cost; at ten nanoseconds a cell this many are a fifth of a millisecond.
const CELLS_PER_LOOK = 20_000;
const CALLS_PER_LOOK_MAX = 64;

// A cell takes nine bytes whether it holds a sample or not. With fifty million samples allowed, this allows 900 MB of
// cells; sparse series over very many steps end there.
const CELLS_PER_SAMPLE_MAX = 2;
/** Small limits of samples (tests, tenants) still leave room for 90 MB of columns. */
const CELLS_MAX_LEAST = 10_000_000;

/** What a part tells the others of in one piece, so that threads seldom meet at the same memory: half a megabyte. */
const HELD_GRAIN = 65_536;

/**
 * What the parts of one query hold together, each in its own thread: grains of samples, grains of cells. Every part
 * tells whole grains only, so that the last ones of each are left to whoever adds up the peaks of the parts.
 */
export type SharedHoldings = Int32Array<SharedArrayBuffer>;

export function newSharedHoldings(): SharedHoldings {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

export class QueryContext {
  readonly annotations = new Annotations();
  readonly queryable: Queryable;
  readonly options: EvaluationOptions;
  /** The query's own range, for step(), range(), start(), end() and @ start()/end(). */
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #now: () => number;
  readonly #deadlineMs: number;
  #sliceEndMs: number;
  #samples = 0;
  #cells = 0;
  readonly #shared: SharedHoldings | undefined;
  /** Grains that the other parts know of. */
  readonly #told = [0, 0];
  samplesPeak = 0;
  /** Samples looked at: one for each step of an instant selector, all of each window of a range. */
  samplesTotal = 0;

  constructor(
    queryable: Queryable,
    options: EvaluationOptions,
    range: { startMs: number; endMs: number; stepMs: number },
    query: { readonly signal?: AbortSignal; readonly holdings?: SharedHoldings } | undefined,
    now: () => number,
  ) {
    this.queryable = queryable;
    this.options = options;
    this.startMs = range.startMs;
    this.endMs = range.endMs;
    this.stepMs = range.stepMs;
    this.#signal = query?.signal;
    this.#shared = query?.holdings;
    this.#now = now;
    const startedMs = now();
    this.#deadlineMs = startedMs + options.timeoutMs;
    this.#sliceEndMs = startedMs + SLICE_MS;
  }

  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /** True when it is time to `await pause()`. */
  get due(): boolean {
    return this.#now() >= this.#sliceEndMs;
  }

  /** Lets the event loop run, then fails the query when it was cancelled or took too long. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.check();
    this.#sliceEndMs = this.#now() + SLICE_MS;
  }

  /**
   * Calls `visit` for 0 … count - 1, and lets the event loop run between calls when it is time. `cells` is about how
   * many cells or samples one call looks at: the clock is asked only every so many of them.
   */
  async inSlices(count: number, cells: number, visit: (index: number) => void): Promise<void> {
    const every = Math.max(1, Math.min(CALLS_PER_LOOK_MAX, Math.floor(CELLS_PER_LOOK / Math.max(1, cells))));
    for (let begin = 0; begin < count; ) {
      const end = Math.min(count, begin + every);
      for (let i = begin; i < end; i++) visit(i);
      begin = end;
      if (begin < count && this.due) await this.pause();
    }
  }

  check(): void {
    if (this.#signal?.aborted) throw new QueryError('canceled', 'query was canceled in expression evaluation');
    if (this.#now() > this.#deadlineMs) {
      throw new QueryError('timeout', 'query timed out in expression evaluation');
    }
  }

  /**
   * Counts samples that are held from now on, and the cells of the columns that hold them: a series has a cell for
   * every step, whether or not it has a sample there.
   */
  hold(samples: number, cells: number): void {
    this.#samples += samples;
    this.#cells += cells;
    if (this.#samples > this.samplesPeak) this.samplesPeak = this.#samples;
    const { samplesMax } = this.options;
    const cellsMax = Math.max(CELLS_PER_SAMPLE_MAX * samplesMax, CELLS_MAX_LEAST);
    if (this.#together(0, this.#samples) > samplesMax || this.#together(1, this.#cells) > cellsMax) {
      const message = 'query processing would load too many samples into memory in query execution';
      throw new QueryError('too_many_samples', message);
    }
  }

  release(samples: number, cells: number): void {
    this.#samples -= samples;
    this.#cells -= cells;
    this.#tell(0, this.#samples);
    this.#tell(1, this.#cells);
  }

  /** What all parts hold, as far as they told; of this one all. */
  #together(place: number, own: number): number {
    this.#tell(place, own);
    return this.#shared === undefined
      ? own
      : (Atomics.load(this.#shared, place) - this.#told[place]!) * HELD_GRAIN + own;
  }

  #tell(place: number, own: number): void {
    if (this.#shared === undefined) return;
    const grains = Math.floor(own / HELD_GRAIN);
    const more = grains - this.#told[place]!;
    if (more === 0) return;
    this.#told[place] = grains;
    Atomics.add(this.#shared, place, more);
  }
}
