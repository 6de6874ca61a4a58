/** The queries that run in one worker thread, in turns of a few milliseconds. */
import type { MessagePort, Transferable } from 'node:worker_threads';
import type { LabelMatcher } from '../model/matcher.ts';
import { createEngine, type Engine, type QueryResult } from '../promql/index.ts';
import type { Queryable, SelectHints, SeriesSet } from '../queryable.ts';
import { limitResult } from './limit-result.ts';
import { mergeResults } from './merge-results.ts';
import { stepsOfPart } from './query-request.ts';
import { resultPieces } from './result-pieces.ts';
import { type FlatResult, flatten, unflatten } from './result-transfer.ts';
import { SelectReceiver } from './select-receiver.ts';
import {
  type FromWorker,
  fromWireError,
  PIECES_ON_THE_WAY_MAX,
  type RunMessage,
  type ToWorker,
  toWireError,
  type WorkerSetup,
} from './worker-messages.ts';

/** Texts are collected to this length before they are sent: each message wakes the other thread up. */
const PIECE_CHARS = 256 * 1024;

const HEARTBEAT_MS = 100;

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

interface RunningQuery {
  readonly abort: AbortController;
  readonly selects: Map<number, Waiting<SeriesSet>>;
  /** Pieces that may still be sent. */
  credit: number;
  creditWaiting: (() => void) | undefined;
}

type Post = (message: FromWorker, transfer?: readonly Transferable[]) => void;

export class WorkerQueries {
  readonly #engine: Engine;
  readonly #heartbeat: Int32Array;
  readonly #post: Post;
  readonly #receiver = new SelectReceiver();
  readonly #running = new Map<number, RunningQuery>();
  #beating: NodeJS.Timeout | undefined;
  #calls = 0;

  constructor(setup: WorkerSetup, post: Post) {
    this.#engine = createEngine(setup.engine);
    this.#heartbeat = setup.heartbeat;
    this.#post = post;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'run':
        void this.#run(message);
        return;
      case 'selected': {
        // Taken in even for a query that is gone: later messages count on what this one brings.
        const set = this.#receiver.unpack(message);
        this.#select(message)?.resolve(set);
        return;
      }
      case 'select-failed':
        this.#select(message)?.reject(fromWireError(message.error));
        return;
      case 'credit': {
        const query = this.#running.get(message.query);
        if (query === undefined) return;
        query.credit += message.pieces;
        query.creditWaiting?.();
        return;
      }
      case 'cancel':
        this.#running.get(message.query)?.abort.abort(new DOMException('the query was cancelled', 'AbortError'));
    }
  }

  #select({ query, call }: { readonly query: number; readonly call: number }): Waiting<SeriesSet> | undefined {
    const selects = this.#running.get(query)?.selects;
    const waiting = selects?.get(call);
    selects?.delete(call);
    return waiting;
  }

  async #run(message: RunMessage): Promise<void> {
    const { query, ports } = message;
    const abort = new AbortController();
    const running: RunningQuery = {
      abort,
      selects: new Map(),
      credit: PIECES_ON_THE_WAY_MAX,
      creditWaiting: undefined,
    };
    this.#running.set(query, running);
    this.#beat();
    abort.signal.addEventListener('abort', () => {
      for (const { reject } of running.selects.values()) reject(abort.signal.reason);
      running.creditWaiting?.();
    });
    try {
      const parts = message.part?.index === 0 ? ports.map((port) => receivePart(port, abort.signal)) : [];
      // A part that fails while this one evaluates is met below; until then its failure is nobody's.
      for (const part of parts) part.catch(() => {});
      const own = await this.#evaluate(message, running);
      if (message.part !== null && message.part.index > 0) this.#handOver(message, own);
      else await this.#answer(message, running, own, parts);
    } catch (error) {
      this.#post({ type: 'failed', query, error: toWireError(error) });
    } finally {
      for (const port of ports) port.close();
      this.#running.delete(query);
      if (this.#running.size === 0) {
        clearInterval(this.#beating);
        this.#beating = undefined;
      }
    }
  }

  #evaluate({ query, request, part }: RunMessage, running: RunningQuery): Promise<QueryResult> {
    const options = {
      signal: running.abort.signal,
      ...(request.lookbackMs === undefined ? {} : { lookbackMs: request.lookbackMs }),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    };
    const queryable = this.#queryable(query, running);
    const { expression, startMs, endMs, stepMs } = request;
    if (request.kind === 'instant') return this.#engine.instant(queryable, expression, startMs, options);
    const steps = part?.by === 'steps' ? stepsOfPart(request, part) : { startMs, endMs };
    return this.#engine.range(queryable, expression, steps.startMs, steps.endMs, stepMs, {
      ...options,
      window: { startMs, endMs },
    });
  }

  /** Asks the store's thread. Evaluation only selects. */
  #queryable(query: number, running: RunningQuery): Queryable {
    const absent = () => {
      throw new Error('BUG: a query asks for more than samples');
    };
    return {
      select: (matchers: readonly LabelMatcher[], given: SelectHints) =>
        new Promise<SeriesSet>((resolve, reject) => {
          const { signal: _, ...hints } = given;
          const call = ++this.#calls;
          running.selects.set(call, { resolve, reject });
          this.#post({ type: 'select', query, call, matchers, hints });
        }),
      labelNames: absent,
      labelValues: absent,
      exemplars: absent,
      metadata: absent,
    };
  }

  #handOver({ query, ports }: RunMessage, own: QueryResult): void {
    const { flat, transfer } = flatten(own);
    ports[0]!.postMessage(flat, transfer);
    this.#post({ type: 'handed-over', query });
  }

  async #answer(
    { query, request, form, part }: RunMessage,
    running: RunningQuery,
    own: QueryResult,
    others: readonly Promise<QueryResult>[],
  ): Promise<void> {
    const parts = [own, ...(await Promise.all(others))];
    const whole = part === null ? own : mergeResults(parts, part.by, this.#engine.options.samplesMax);
    const result = limitResult(whole, request.limit);
    if (form === 'data') {
      const { flat, transfer } = flatten(result);
      this.#post({ type: 'data', query, result: flat }, transfer);
      return;
    }
    const { data, warnings, infos, samplesPeak, samplesTotal } = result;
    this.#post({
      type: 'head',
      query,
      head: { resultType: data.type, warnings, infos, samplesPeak, samplesTotal },
    });
    let text = '';
    for (const piece of resultPieces(data)) {
      if (text.length + piece.length > PIECE_CHARS && text !== '') {
        await this.#send(query, running, text);
        text = '';
      }
      text += piece;
    }
    this.#postPiece(query, text, true);
  }

  /** Waits until the client has taken enough of what was sent before. */
  async #send(query: number, running: RunningQuery, text: string): Promise<void> {
    this.#postPiece(query, text, false);
    running.credit--;
    // Other queries, and the word that this one is cancelled, have their turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (running.credit <= 0 && !running.abort.signal.aborted) {
      await new Promise<void>((resolve) => (running.creditWaiting = resolve));
    }
    running.abort.signal.throwIfAborted();
  }

  #postPiece(query: number, text: string, last: boolean): void {
    const bytes = new TextEncoder().encode(text);
    this.#post({ type: 'piece', query, bytes, last }, [bytes.buffer]);
  }

  #beat(): void {
    Atomics.add(this.#heartbeat, 0, 1);
    this.#beating ??= setInterval(() => void Atomics.add(this.#heartbeat, 0, 1), HEARTBEAT_MS);
  }
}

function receivePart(port: MessagePort, signal: AbortSignal): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    port.once('message', (flat: FlatResult) => resolve(unflatten(flat)));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
