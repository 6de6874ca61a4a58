/** The queries that run in one worker thread, in turns of a few milliseconds. */
import type { Transferable } from 'node:worker_threads';
import { JsonBytes } from '../api/json-bytes.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { createEngine, type Engine, type QueryResult } from '../promql/index.ts';
import type { Queryable, SelectHints, SeriesSet } from '../queryable.ts';
import { type IncomingPart, joinTexts, receivePart, seriesInTurn, truncated, wholes } from './incoming-part.ts';
import { limitResult } from './limit-result.ts';
import { mergeHeads, mergeResults, type ResultHead } from './merge-results.ts';
import { type EvaluatedMessage, ownMatrix, packPart, unpackData, unpackMatrix } from './part-transfer.ts';
import { stepsOfPart } from './query-request.ts';
import { resultPieces } from './result-pieces.ts';
import { flatten } from './result-transfer.ts';
import { SelectReceiver } from './select-receiver.ts';
import {
  type AnswerHead,
  type FromWorker,
  fromWireError,
  PIECES_ON_THE_WAY_MAX,
  type RunMessage,
  type ToWorker,
  toWireError,
  type WorkerSetup,
} from './worker-messages.ts';

/** Bytes are collected to this length before they are sent: each message wakes the other thread up. */
const PIECE_BYTES = 256 * 1024;

/** Memory for text up to this is kept for the next query: V8 would look for garbage the more often, the more is made. */
const TEXT_MEMORY_MAX = 16 * 1024 * 1024;

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
  /** For the points that this thread writes as the leading one, when no query is using it. */
  #textMemory: JsonBytes | undefined;
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
      for (const { evaluated, whole } of parts) {
        evaluated.catch(() => {});
        whole.catch(() => {});
      }
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
      ...(part === null ? {} : { holdings: part.holdings }),
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

  #handOver({ query, form, part, ports }: RunMessage, own: QueryResult): void {
    const { data, ...head } = own;
    if (data.type === 'matrix' && part?.by === 'series') {
      const evaluated: EvaluatedMessage = { type: 'evaluated', head, seriesCount: data.series.length };
      ports[0]!.postMessage(evaluated);
    }
    const { message, transfer } = packPart(own, form);
    ports[0]!.postMessage(message, transfer);
    this.#post({ type: 'handed-over', query });
  }

  async #answer(
    message: RunMessage,
    running: RunningQuery,
    own: QueryResult,
    others: readonly IncomingPart[],
  ): Promise<void> {
    const { query, request, form, part } = message;
    const { samplesMax } = this.#engine.options;
    if (form === 'json' && part?.by === 'series' && own.data.type === 'matrix') {
      const { data, ...head } = own;
      const evaluated = await Promise.all(others.map((other) => other.evaluated));
      const merged = mergeHeads([head, ...evaluated.map((other) => other.head)], samplesMax);
      const counts = [data.series.length, ...evaluated.map(({ seriesCount }) => seriesCount)];
      const wanted = request.limit > 0 ? request.limit : Infinity;
      const tooMany = counts.reduce((sum, count) => sum + count, 0) > wanted;
      const pieces = seriesInTurn(data.series, others, wanted, { pieceBytes: PIECE_BYTES });
      await this.#sendJson(query, running, 'matrix', tooMany ? truncated(merged) : merged, pieces);
      return;
    }
    if (form === 'json' && part !== null && own.data.type === 'matrix') {
      const { data, ...head } = own;
      const memory = this.#textMemory ?? new JsonBytes();
      this.#textMemory = undefined;
      const matrix = ownMatrix(data.series, memory);
      const parts = [{ head, matrix }, ...(await wholes(others)).map(unpackMatrix)];
      const whole = joinTexts(parts, samplesMax, request.limit, { pieceBytes: PIECE_BYTES });
      await this.#sendJson(query, running, 'matrix', whole.head, whole.pieces);
      memory.length = 0;
      if (memory.bytes.length <= TEXT_MEMORY_MAX) this.#textMemory = memory;
      return;
    }
    const parts = [own, ...(await wholes(others)).map(unpackData)];
    const whole = part === null ? own : mergeResults(parts, part.by, samplesMax);
    const result = limitResult(whole, request.limit);
    if (form === 'data') {
      const { flat, transfer } = flatten(result);
      this.#post({ type: 'data', query, result: flat }, transfer);
      return;
    }
    const { data } = result;
    await this.#sendJson(query, running, data.type, result, resultPieces(data, { pieceBytes: PIECE_BYTES }));
  }

  async #sendJson(
    query: number,
    running: RunningQuery,
    resultType: AnswerHead['resultType'],
    { warnings, infos, samplesPeak, samplesTotal }: ResultHead,
    pieces: Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    this.#post({ type: 'head', query, head: { resultType, warnings, infos, samplesPeak, samplesTotal } });
    let before: Uint8Array<ArrayBuffer> | undefined;
    for await (const piece of pieces) {
      if (before !== undefined) await this.#send(query, running, before);
      before = piece;
    }
    this.#postPiece(query, before!, true);
  }

  /** Waits until the client has taken enough of what was sent before. */
  async #send(query: number, running: RunningQuery, piece: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#postPiece(query, piece, false);
    running.credit--;
    // Other queries, and the word that this one is cancelled, have their turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (running.credit <= 0 && !running.abort.signal.aborted) {
      await new Promise<void>((resolve) => (running.creditWaiting = resolve));
    }
    running.abort.signal.throwIfAborted();
  }

  #postPiece(query: number, bytes: Uint8Array<ArrayBuffer>, last: boolean): void {
    this.#post({ type: 'piece', query, bytes, last }, [bytes.buffer]);
  }

  #beat(): void {
    Atomics.add(this.#heartbeat, 0, 1);
    this.#beating ??= setInterval(() => void Atomics.add(this.#heartbeat, 0, 1), HEARTBEAT_MS);
  }
}
