/**
 * Worker threads for queries: started when there is work, ended when there was none for a while. A query may be split
 * over several; one that ruins its thread fails alone, the others that ran in it are begun again.
 */
import { MessageChannel } from 'node:worker_threads';
import { newSharedHoldings, QueryError, type QueryResult } from '../promql/index.ts';
import { PieceStream } from './piece-stream.ts';
import type { QueryPart, QueryRequest } from './query-request.ts';
import { QueryThread, type SnapshotStore, type ThreadJob, type ThreadOptions } from './query-thread.ts';
import { type FlatResult, unflatten } from './result-transfer.ts';
import type { AnswerHead } from './worker-messages.ts';

export interface QueryPoolOptions extends ThreadOptions {
  /** Threads at once, as many as the machine has cores. */
  readonly threadsMax: number;
  /** A thread without work for so long ends: it holds some ten megabytes. */
  readonly idleMs?: number | undefined;
}

const IDLE_MS = 60_000;

/** A thread whose event loop stands still for so long gets no further queries; another takes its place. */
const STUCK_MS = 2_000;

/** With some stuck threads, there may be this many for each of `threadsMax`. */
const REPLACEMENTS = 2;

export interface PoolQuery {
  readonly store: SnapshotStore;
  readonly request: QueryRequest;
  readonly signal: AbortSignal;
  /** How to split it; null for one thread. */
  readonly split: { readonly of: number; readonly by: QueryPart['by'] } | null;
}

/** A small result comes whole. */
export interface BytesAnswer {
  readonly head: AnswerHead;
  readonly body: Uint8Array | PieceStream;
}

export class QueryPool {
  readonly #options: QueryPoolOptions;
  readonly #threads: QueryThread[] = [];
  readonly #idle = new Map<QueryThread, NodeJS.Timeout>();
  #watching: NodeJS.Timeout | undefined;
  /** Queries whose thread was lost beside others run one after the other, each in a thread of its own. */
  #suspects: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: QueryPoolOptions) {
    this.#options = options;
  }

  get threadCount(): number {
    return this.#threads.length;
  }

  /** How many threads could take a part of a query at once. */
  get freeCount(): number {
    const busy = this.#threads.filter((thread) => !thread.retired && thread.size > 0).length;
    return Math.max(0, this.#options.threadsMax - busy);
  }

  /** Rejects with the error of the query, or with the signal's reason. */
  async data(query: PoolQuery): Promise<QueryResult> {
    return unflatten(await this.#guarded(query, (run) => this.#data(query, run)));
  }

  /** The same as JSON; resolves when the result stands and its bytes begin to come. */
  bytes(query: PoolQuery): Promise<BytesAnswer> {
    return this.#guarded(query, (run) => this.#bytes(query, run));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watching);
    for (const timer of this.#idle.values()) clearTimeout(timer);
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  /** Runs a query; one that lost its thread together with others is run again alone. */
  async #guarded<T>(query: PoolQuery, attempt: (run: PoolRun) => Promise<T>): Promise<T> {
    try {
      return await attempt({ split: query.split, thread: () => this.#thread() });
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      if (this.#closed) throw shuttingDown();
      if (error.alone) throw error.toQueryError();
    }
    const alone = this.#suspects.then(async () => {
      query.signal.throwIfAborted();
      const thread = this.#start();
      // Nothing else is given to it, and it ends with this query.
      thread.retired = true;
      try {
        return await attempt({ split: null, thread: () => thread });
      } catch (error) {
        throw error instanceof ThreadLost ? error.toQueryError() : error;
      }
    });
    this.#suspects = alone.catch(() => {});
    return alone;
  }

  #data(query: PoolQuery, run: PoolRun): Promise<FlatResult> {
    return new Promise((resolve, reject) => {
      this.#execute(query, run, 'data', {
        head() {},
        piece() {},
        done: (result) => resolve(result!),
        failed: reject,
      });
    });
  }

  #bytes(query: PoolQuery, run: PoolRun): Promise<BytesAnswer> {
    return new Promise((resolve, reject) => {
      const stream = new PieceStream();
      let known: AnswerHead | undefined;
      let first: Uint8Array | undefined;
      let begun = false;
      const execution = this.#execute(query, run, 'json', {
        head: (head) => void (known = head),
        piece: (bytes) => {
          if (first === undefined && !begun) {
            first = bytes;
            return;
          }
          if (!begun) {
            begun = true;
            stream.piece(first!);
            first = undefined;
            resolve({ head: known!, body: stream });
          }
          stream.piece(bytes);
        },
        done: () => (begun ? stream.end() : resolve({ head: known!, body: first! })),
        failed: (error) => (begun ? stream.destroy(error) : reject(error)),
      });
      stream.onTaken = (pieces) => execution.credit(pieces);
      stream.onGone = () => execution.cancel();
    });
  }

  /** Starts the parts of a query; the events are those of the leading one, and the first failure of any. */
  #execute(query: PoolQuery, run: PoolRun, form: 'json' | 'data', events: ExecutionEvents): Execution {
    const { signal, request, store } = query;
    const execution = new Execution(signal, events);
    if (signal.aborted) return execution;
    const { split } = run;
    const of = split?.of ?? 1;
    const holdings = newSharedHoldings();
    const channels = Array.from({ length: of - 1 }, () => new MessageChannel());
    for (let index = 0; index < of; index++) {
      const part: QueryPart | null = split === null ? null : { index, of, by: split.by, holdings };
      const ports = index === 0 ? channels.map(({ port1 }) => port1) : [channels[index - 1]!.port2];
      const thread = run.thread();
      clearTimeout(this.#idle.get(thread));
      const job = execution.job(index === 0, { store, request, signal, form, part, ports });
      execution.add(thread, thread.run(job));
    }
    this.#watch();
    return execution;
  }

  #rest(thread: QueryThread): void {
    clearTimeout(this.#idle.get(thread));
    if (thread.retired) {
      void thread.end();
      return;
    }
    const timer = setTimeout(() => {
      if (thread.size === 0) void thread.end();
    }, this.#options.idleMs ?? IDLE_MS);
    timer.unref();
    this.#idle.set(thread, timer);
  }

  /** The thread with the least to do; a new one when all have something and there may be more. */
  #thread(): QueryThread {
    const usable = this.#threads.filter((thread) => !thread.retired);
    let best: QueryThread | undefined;
    for (const thread of usable) if (best === undefined || thread.size < best.size) best = thread;
    const room =
      usable.length < this.#options.threadsMax && this.#threads.length < REPLACEMENTS * this.#options.threadsMax;
    return best === undefined || (best.size > 0 && room) ? this.#start() : best;
  }

  #start(): QueryThread {
    if (this.#closed) throw shuttingDown();
    const thread = new QueryThread(this.#options, {
      idle: (each) => this.#rest(each),
      exit: (gone) => {
        clearTimeout(this.#idle.get(gone));
        this.#idle.delete(gone);
        const at = this.#threads.indexOf(gone);
        if (at >= 0) this.#threads.splice(at, 1);
      },
    });
    this.#threads.push(thread);
    return thread;
  }

  #watch(): void {
    if (this.#watching !== undefined) return;
    this.#watching = setInterval(() => {
      for (const thread of this.#threads) if (!thread.hasMoved()) thread.retired = true;
      if (this.#threads.every((thread) => thread.size === 0)) {
        clearInterval(this.#watching);
        this.#watching = undefined;
      }
    }, STUCK_MS);
    this.#watching.unref();
  }
}

function shuttingDown(): QueryError {
  return new QueryError('canceled', 'query was canceled: the server is shutting down');
}

interface PoolRun {
  readonly split: PoolQuery['split'];
  readonly thread: () => QueryThread;
}

type ExecutionEvents = Pick<ThreadJob, 'head' | 'piece' | 'done' | 'failed'>;

/** A query in its threads. After the first failure, and after the end, nothing more is told. */
class Execution {
  readonly #parts: { readonly thread: QueryThread; readonly query: number }[] = [];
  readonly #signal: AbortSignal;
  readonly #events: ExecutionEvents;
  readonly #aborted: () => void;
  #over = false;

  constructor(signal: AbortSignal, events: ExecutionEvents) {
    this.#signal = signal;
    this.#events = events;
    this.#aborted = () => this.#fail(signal.reason as Error);
    if (signal.aborted) this.#aborted();
    else signal.addEventListener('abort', this.#aborted, { once: true });
  }

  add(thread: QueryThread, query: number): void {
    this.#parts.push({ thread, query });
    if (this.#over) thread.cancel(query);
  }

  credit(pieces: number): void {
    const lead = this.#parts[0];
    if (!this.#over && lead !== undefined) lead.thread.credit(lead.query, pieces);
  }

  /** Nobody wants the rest. */
  cancel(): void {
    if (this.#over) return;
    this.#end();
    for (const { thread, query } of this.#parts) thread.cancel(query);
  }

  job(leads: boolean, what: Pick<ThreadJob, 'store' | 'request' | 'signal' | 'form' | 'part' | 'ports'>): ThreadJob {
    const events = this.#events;
    return {
      ...what,
      head: (head) => {
        if (!this.#over) events.head(head);
      },
      piece: (bytes) => {
        if (!this.#over) events.piece(bytes);
      },
      done: (result) => {
        if (!leads || this.#over) return;
        this.#end();
        events.done(result);
      },
      failed: (error) => this.#fail(error),
      lost: (error, alone) => this.#fail(new ThreadLost(error, alone)),
    };
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#end();
    for (const { thread, query } of this.#parts) thread.cancel(query);
    this.#events.failed(error);
  }

  #end(): void {
    this.#over = true;
    this.#signal.removeEventListener('abort', this.#aborted);
  }
}

/** The thread of a query ended while it ran. */
class ThreadLost extends Error {
  /** Nothing else ran in it: this query is the cause. */
  readonly alone: boolean;

  constructor(cause: Error, alone: boolean) {
    super(cause.message, { cause });
    this.alone = alone;
  }

  toQueryError(): QueryError {
    const { code } = this.cause as { code?: string };
    const why =
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'it needed more memory than one query may have; ask for fewer series or steps'
        : `the thread that evaluated it ended: ${this.message}`;
    return new QueryError('execution', `query was given up: ${why}`);
  }
}
