/** One worker thread, as the store's thread sees it: what runs in it, and what became of it. */
import { type MessagePort, Worker } from 'node:worker_threads';
import type { LabelMatcher } from '../model/matcher.ts';
import type { EngineOptions } from '../promql/index.ts';
import type { SelectHints } from '../queryable.ts';
import type { SeriesShare } from '../store/known-matches.ts';
import type { SelectedSeries, SnapshotOptions } from '../store/store-reader.ts';
import type { QueryPart, QueryRequest } from './query-request.ts';
import type { FlatResult } from './result-transfer.ts';
import { SelectCourier } from './select-courier.ts';
import {
  type AnswerHead,
  type FromWorker,
  fromWireError,
  type RunMessage,
  type ToWorker,
  toWireError,
  type WorkerSetup,
} from './worker-messages.ts';

/** A store whose samples other threads can read. */
export interface SnapshotStore {
  selectSnapshot(
    matchers: readonly LabelMatcher[],
    hints: SelectHints,
    options?: SnapshotOptions,
  ): Promise<SelectedSeries>;
}

/** What runs in a thread, and who is told what comes of it. Exactly one of done, failed and lost is called, last. */
export interface ThreadJob {
  readonly store: SnapshotStore;
  readonly request: QueryRequest;
  /** Ends the selects of the query. */
  readonly signal: AbortSignal;
  readonly form: 'json' | 'data';
  readonly part: QueryPart | null;
  readonly ports: readonly MessagePort[];
  head(head: AnswerHead): void;
  piece(bytes: Uint8Array): void;
  done(result: FlatResult | undefined): void;
  failed(error: Error): void;
  /** The thread ended; `alone`: nothing else ran in it, so that this query must be the cause. */
  lost(error: Error, alone: boolean): void;
}

/**
 * The heap of a thread; arrays of samples are not part of it, results as text and labels are. A query that needs more
 * fails alone.
 */
const HEAP_MB_MAX = 1024;

/** A thread that does not react to a cancellation for so long is stuck inside one operation, and is ended. */
const REACTION_MS_MAX = 1_000;

export interface ThreadOptions {
  readonly engine: Omit<EngineOptions, 'now'>;
  readonly heapMbMax?: number | undefined;
  readonly reactionMsMax?: number | undefined;
  /** The module that runs in the thread; tests put in one that misbehaves. */
  readonly entry?: URL | undefined;
}

export interface ThreadEvents {
  /** It has nothing more to do. */
  idle(thread: QueryThread): void;
  exit(thread: QueryThread): void;
}

/** Beside this module, in the sources as in the bundle. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? 'query-worker.ts' : 'query-worker.js', import.meta.url);

export class QueryThread {
  /** Set when nothing more should be given to it. */
  retired = false;
  readonly #worker: Worker;
  readonly #courier = new SelectCourier();
  readonly #jobs = new Map<number, ThreadJob>();
  readonly #reactionMsMax: number;
  readonly #events: ThreadEvents;
  readonly #heartbeat = new Int32Array(new SharedArrayBuffer(4));
  #lastBeat = -1;
  #queries = 0;
  #exited = false;
  #failure: Error | undefined;

  constructor(options: ThreadOptions, events: ThreadEvents) {
    this.#events = events;
    const setup: WorkerSetup = { engine: options.engine, heartbeat: this.#heartbeat };
    this.#reactionMsMax = options.reactionMsMax ?? REACTION_MS_MAX;
    this.#worker = new Worker(options.entry ?? ENTRY, {
      name: 'query',
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: options.heapMbMax ?? HEAP_MB_MAX },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => void (this.#failure = error as Error));
    this.#worker.once('exit', () => {
      this.#exited = true;
      this.retired = true;
      events.exit(this);
      this.#loseAll(this.#failure ?? new Error('the thread of the query ended'));
    });
  }

  /** Queries and parts of queries that it works on. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Whether its event loop has turned since the last call; a thread without work counts as turning. */
  hasMoved(): boolean {
    const beat = Atomics.load(this.#heartbeat, 0);
    const moved = beat !== this.#lastBeat || this.#jobs.size === 0;
    this.#lastBeat = beat;
    return moved;
  }

  /** Gives the number by which the job is cancelled. */
  run(job: ThreadJob): number {
    const query = ++this.#queries;
    this.#jobs.set(query, job);
    this.#worker.ref();
    const { request, form, part, ports } = job;
    const message: RunMessage = { type: 'run', query, request, form, part, ports };
    if (this.#exited) queueMicrotask(() => this.#loseAll(new Error('the thread of the query ended')));
    else this.#worker.postMessage(message, [...ports]);
    return query;
  }

  credit(query: number, pieces: number): void {
    this.#post({ type: 'credit', query, pieces });
  }

  /** The job hears nothing more. */
  cancel(query: number): void {
    if (!this.#jobs.has(query)) return;
    this.#post({ type: 'cancel', query });
    const job = this.#jobs.get(query)!;
    const silent: ThreadJob = { ...job, head() {}, piece() {}, done() {}, failed() {}, lost() {} };
    this.#jobs.set(query, silent);
    setTimeout(() => {
      if (this.#jobs.get(query) === silent) void this.end();
    }, this.#reactionMsMax).unref();
  }

  /** Stops it at once; what runs in it is lost. */
  async end(): Promise<void> {
    this.retired = true;
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    const job = this.#jobs.get(message.query);
    if (job === undefined) return;
    switch (message.type) {
      case 'select':
        void this.#answerSelect(job, message);
        return;
      case 'head':
        job.head(message.head);
        return;
      case 'piece':
        if (message.last) this.#forget(message.query);
        job.piece(message.bytes);
        if (message.last) job.done(undefined);
        return;
      case 'data':
        this.#forget(message.query);
        job.done(message.result);
        return;
      case 'handed-over':
        this.#forget(message.query);
        job.done(undefined);
        return;
      case 'failed':
        this.#forget(message.query);
        job.failed(fromWireError(message.error));
    }
  }

  async #answerSelect(job: ThreadJob, message: Extract<FromWorker, { type: 'select' }>): Promise<void> {
    const { query, call, matchers, hints } = message;
    const share: SeriesShare | undefined = job.part?.by === 'series' ? job.part : undefined;
    try {
      const selected = await job.store.selectSnapshot(matchers, { ...hints, signal: job.signal }, { share });
      // What is packed counts as known: it must arrive even when the query is gone.
      const packed = this.#courier.pack(query, call, selected);
      this.#worker.postMessage(packed.message, [...packed.transfer]);
    } catch (error) {
      this.#post({ type: 'select-failed', query, call, error: toWireError(error) });
    }
  }

  /** The process need not live for a thread without work. */
  #forget(query: number): void {
    this.#jobs.delete(query);
    if (this.#jobs.size > 0) return;
    this.#worker.unref();
    this.#events.idle(this);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #loseAll(error: Error): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.lost(error, jobs.length === 1);
  }
}
