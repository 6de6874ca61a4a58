/**
 * All queries of a server: small ones are evaluated at once on the store's thread, which is the fastest way for them
 * and holds intake up for a few milliseconds at most; the others go to worker threads.
 */

import type { LabelMatcher } from '../model/matcher.ts';
import { createEngine, type Engine, type EngineOptions, type QueryOptions, type QueryResult } from '../promql/index.ts';
import type { Queryable, SelectHints } from '../queryable.ts';
import { StoreSeriesSet } from '../store/series-set.ts';
import { limitResult } from './limit-result.ts';
import { type BytesAnswer, type PoolQuery, QueryPool } from './query-pool.ts';
import { type QueryPart, type QueryRequest, stepCountOf } from './query-request.ts';
import type { SnapshotStore, ThreadOptions } from './query-thread.ts';
import {
  LOCAL_WEIGHT_MAX,
  SPLIT_BY_SERIES_WEIGHT_MIN,
  SPLIT_WEIGHT_MIN,
  WeightMemory,
  weightOf,
} from './query-weight.ts';
import { waysToSplit } from './split-query.ts';

export interface QueriesOptions extends Pick<ThreadOptions, 'heapMbMax' | 'reactionMsMax' | 'entry'> {
  readonly engine?: EngineOptions | undefined;
  /** 0 evaluates everything on the store's thread, in slices. */
  readonly threadsMax: number;
  readonly idleMs?: number | undefined;
  /** Heavier queries go to a thread, still heavier ones to several; tests set both to 0. */
  readonly localWeightMax?: number | undefined;
  readonly splitWeightMin?: number | undefined;
}

/** JSON on its way, or a result that is still to be written. */
export type Answer =
  | { readonly type: 'result'; readonly result: QueryResult }
  | ({ readonly type: 'bytes' } & BytesAnswer);

/** An evaluation here, in slices, that takes longer than its weight tells is given up for a thread. */
const LOCAL_MS_MAX = 40;

const TOO_HEAVY = new Error('the query is too heavy for the thread of the store');

export class Queries {
  readonly local: Engine;
  readonly #store: SnapshotStore & Queryable;
  readonly #pool: QueryPool;
  readonly #threadsMax: number;
  readonly #localWeightMax: number;
  readonly #splitWeightMin: Readonly<Record<QueryPart['by'], number>>;
  readonly #heavy: WeightMemory;
  #running = 0;

  constructor(store: SnapshotStore & Queryable, options: QueriesOptions) {
    const { now = () => performance.now(), ...engine } = options.engine ?? {};
    this.#heavy = new WeightMemory(now);
    this.local = createEngine(options.engine ?? {});
    this.#store = store;
    this.#threadsMax = options.threadsMax;
    this.#localWeightMax = options.threadsMax > 0 ? (options.localWeightMax ?? LOCAL_WEIGHT_MAX) : Infinity;
    this.#splitWeightMin = {
      steps: options.splitWeightMin ?? SPLIT_WEIGHT_MIN,
      series: options.splitWeightMin ?? SPLIT_BY_SERIES_WEIGHT_MIN,
    };
    this.#pool = new QueryPool({ ...options, engine });
  }

  /** Queries being evaluated. */
  get running(): number {
    return this.#running;
  }

  get threadCount(): number {
    return this.#pool.threadCount;
  }

  /** An engine over this server's store that evaluates heavy queries in threads. */
  get engine(): Engine {
    const { options, features } = this.local;
    const run = (request: QueryRequest, query: QueryOptions | undefined) =>
      this.#counted(() => this.#evaluate(request, query?.signal ?? new AbortController().signal));
    return {
      options,
      features,
      parse: (expression) => this.local.parse(expression),
      instant: (queryable, expression, timeMs, query) =>
        queryable === this.#store
          ? run(requestOf('instant', expression, timeMs, timeMs, 0, query), query)
          : this.local.instant(queryable, expression, timeMs, query),
      range: (queryable, expression, startMs, endMs, stepMs, query) =>
        queryable === this.#store
          ? run(requestOf('range', expression, startMs, endMs, stepMs, query), query)
          : this.local.range(queryable, expression, startMs, endMs, stepMs, query),
    };
  }

  /** For the HTTP API. Rejects with the error of the query, or with the signal's reason. */
  answer(request: QueryRequest, signal: AbortSignal): Promise<Answer> {
    return this.#counted(async () => {
      const key = keyOf(request);
      const result = await this.#here(request, signal, key);
      if (result !== undefined) return { type: 'result', result: limitResult(result, request.limit) };
      return { type: 'bytes', ...(await this.#pool.bytes(this.#plan(request, signal, key))) };
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
    }
  }

  async #evaluate(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    const key = keyOf(request);
    return (await this.#here(request, signal, key)) ?? this.#pool.data(this.#plan(request, signal, key));
  }

  /** Evaluates on this thread; undefined when that turns out to be, or is known to be, too much. */
  async #here(request: QueryRequest, signal: AbortSignal, key: string): Promise<QueryResult | undefined> {
    if (this.#heavy.of(key) !== undefined) return undefined;
    const limits = this.#localWeightMax < Infinity;
    const abort = new AbortController();
    const stop = () => abort.abort(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    // Fires at the first pause of an evaluation that filled its slice.
    const timer = limits ? setTimeout(() => abort.abort(TOO_HEAVY), LOCAL_MS_MAX) : undefined;
    let weight = 0;
    const admit = (seriesCount: number, hints: SelectHints) => {
      weight += weightOf(seriesCount, hints);
      if (weight > this.#localWeightMax) throw TOO_HEAVY;
    };
    try {
      const result = await this.#evaluateHere(request, this.#weighing(admit), abort.signal);
      this.#heavy.noteInTime(key);
      return result;
    } catch (error) {
      if (error !== TOO_HEAVY && abort.signal.reason !== TOO_HEAVY) throw error;
      if (weight > this.#localWeightMax) this.#heavy.note(key, weight);
      else this.#heavy.noteLate(key, weight);
      return undefined;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  #evaluateHere(request: QueryRequest, queryable: Queryable, signal: AbortSignal): Promise<QueryResult> {
    const { kind, expression, startMs, endMs, stepMs, lookbackMs, timeoutMs } = request;
    const options: QueryOptions = {
      signal,
      ...(lookbackMs === undefined ? {} : { lookbackMs }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    return kind === 'instant'
      ? this.local.instant(queryable, expression, startMs, options)
      : this.local.range(queryable, expression, startMs, endMs, stepMs, options);
  }

  /** The store, telling how many series a select found before they are read. */
  #weighing(admit: (seriesCount: number, hints: SelectHints) => void): Queryable {
    const store = this.#store;
    return {
      select: async (matchers: readonly LabelMatcher[], hints: SelectHints) => {
        const options = { admit: (seriesCount: number) => admit(seriesCount, hints) };
        const { labels, snapshot, warnings } = await store.selectSnapshot(matchers, hints, options);
        return new StoreSeriesSet(labels, snapshot, warnings);
      },
      labelNames: (query) => store.labelNames(query),
      labelValues: (name, query) => store.labelValues(name, query),
      exemplars: (query) => store.exemplars(query),
      metadata: (metric) => store.metadata(metric),
    };
  }

  #plan(request: QueryRequest, signal: AbortSignal, key: string): PoolQuery {
    const weight = this.#heavy.of(key) ?? 0;
    const of = Math.min(this.#pool.freeCount, this.#threadsMax);
    let split: PoolQuery['split'] = null;
    if (weight >= this.#splitWeightMin.series && of > 1) {
      const steps = stepCountOf(request);
      const by = waysToSplit(this.local.parse(request.expression), steps);
      if (by !== null && weight >= this.#splitWeightMin[by]) {
        split = { of: by === 'steps' ? Math.min(of, steps) : of, by };
      }
    }
    return { store: this.#store, request, signal, split };
  }
}

function requestOf(
  kind: QueryRequest['kind'],
  expression: string,
  startMs: number,
  endMs: number,
  stepMs: number,
  query: QueryOptions | undefined,
): QueryRequest {
  const { lookbackMs, timeoutMs } = query ?? {};
  return { kind, expression, startMs, endMs, stepMs, lookbackMs, timeoutMs, limit: 0 };
}

/** The same text over as many steps of the same length: about the same work, whatever the time. */
function keyOf(request: QueryRequest): string {
  return `${request.kind} ${stepCountOf(request)} ${request.stepMs} ${request.expression}`;
}
