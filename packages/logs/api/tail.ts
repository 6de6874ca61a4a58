/** Live tail: a WebSocket on which lines appear as they are accepted. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '@mario/service';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LogSelector } from '../logql/ast.ts';
import { evaluateLogs, type LogStream } from '../logql/evaluation/log-query.ts';
import { QueryContext } from '../logql/evaluation/query-context.ts';
import { type Labels, labelsKey, labelsObject } from '../logql/labels.ts';
import { parseLogSelector } from '../logql/parser.ts';
import { type BaseLabels, baseLabels } from '../logql/pipeline/labels-builder.ts';
import { compileStages, Pipeline } from '../logql/pipeline/pipeline.ts';
import { QueryError } from '../logql/query-error.ts';
import { compileMatcher } from '../logql/regex.ts';
import type { PushEntry } from '../store/push.ts';
import type { ApiContext } from './api-context.ts';
import { DEFAULT_LIMIT, RequestParameters } from './request-parameters.ts';
import { CATEGORIZE_LABELS, streamJson } from './result-json.ts';

/** Each tail runs its pipeline over every accepted line; Loki's default limit. */
const TAIL_COUNT_MAX = 10;

/** Lines are sent together, which a reader does not notice. */
const SEND_PERIOD_MS = 200;

/** A reader that falls behind this far loses lines and is told which. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

/** Lines that wait for the next sending. */
const PENDING_COUNT_MAX = 10_000;

const DELAY_SECONDS_MAX = 5;

/** For the closing handshake of WebSockets. */
const FAREWELL_MS = 500;

/** `dropped_entries` names at most so many. */
const DROPPED_COUNT_MAX = 1000;

export class TailServer {
  readonly #context: ApiContext;
  readonly #log: Log;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
  readonly #tails = new Set<Tail>();

  constructor(context: ApiContext, log: Log) {
    this.#context = context;
    this.#log = log;
    context.metrics.observed('loki_querier_tail_active', 'Number of active tailers.', 'gauge', () => [
      [{}, this.#tails.size],
    ]);
  }

  /** Takes over upgrade requests to the tail paths. */
  attach(server: Server): void {
    // Clients that offer HTTP/2 (Java's send `Upgrade: h2c` with every request) are answered as if they had not.
    const upgrading = server as Server & { shouldUpgradeCallback: (request: IncomingMessage) => boolean };
    upgrading.shouldUpgradeCallback = ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket';
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/loki/api/v1/tail' && pathname !== '/api/prom/tail')
        return refuse(socket, 404, 'Not Found', 'page not found');
      try {
        const parameters = new RequestParameters(searchParams, this.#context.clock.nowNs());
        const selector = parseLogSelector(parameters.query());
        const options = readOptions(parameters, request, this.#context.clock.nowNs());
        if (this.#tails.size >= TAIL_COUNT_MAX) {
          return refuse(
            socket,
            429,
            'Too Many Requests',
            `max concurrent tail requests limit exceeded, count > limit (${this.#tails.size + 1} > ${TAIL_COUNT_MAX})`,
          );
        }
        return this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
          this.#start(webSocket, selector, options),
        );
      } catch (error) {
        if (!(error instanceof QueryError)) this.#log.error('a tail could not be opened', { error });
        return refuse(socket, 400, 'Bad Request', error instanceof Error ? error.message : String(error));
      }
    });
  }

  #start(webSocket: WebSocket, selector: LogSelector, options: TailOptions): void {
    const tail = new Tail(this.#context, webSocket, selector, options);
    this.#tails.add(tail);
    webSocket.on('close', () => {
      tail.stop();
      this.#tails.delete(tail);
    });
    webSocket.on('error', (error) => this.#log.debug('a tail broke', { error }));
    tail
      .start()
      .catch((error: unknown) =>
        webSocket.close(1011, error instanceof Error ? error.message.slice(0, 100) : 'failed'),
      );
  }

  /** Ends all tails; who does not answer the farewell in time is cut off, so that nobody holds up the end. */
  close(): void {
    const tails = [...this.#tails];
    for (const tail of tails) tail.end();
    this.#sockets.close();
    this.#context.clock.after(FAREWELL_MS, () => {
      for (const tail of tails) tail.cut();
    });
  }
}

function refuse(socket: Duplex, status: number, reason: string, message: string): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

interface TailOptions {
  readonly startNs: bigint;
  readonly limit: number;
  readonly delayMs: number;
  readonly categorize: boolean;
}

function readOptions(parameters: RequestParameters, request: IncomingMessage, nowNs: bigint): TailOptions {
  const delay = Number(parameters.text('delay_for') ?? '0');
  if (!(delay >= 0 && delay <= DELAY_SECONDS_MAX))
    throw new QueryError(`delay_for can't be greater than ${DELAY_SECONDS_MAX}`);
  return {
    startNs: parameters.timeNs('start') ?? nowNs - 3_600_000_000_000n,
    limit: parameters.count('limit', DEFAULT_LIMIT),
    delayMs: delay * 1000,
    categorize: String(request.headers['x-loki-response-encoding-flags'] ?? '').includes(CATEGORIZE_LABELS),
  };
}

interface Dropped {
  readonly timestamp: string;
  readonly labels: Record<string, string>;
}

class Tail {
  readonly #context: ApiContext;
  readonly #socket: WebSocket;
  readonly #selector: LogSelector;
  readonly #options: TailOptions;
  readonly #pipeline: Pipeline;
  readonly #matches: (labels: Labels) => boolean;
  readonly #bases = new Map<string, BaseLabels | undefined>();
  #pending: LogStream[] = [];
  #dropped: Dropped[] = [];
  #unsubscribe: (() => void) | undefined;
  #timer: { cancel(): void } | undefined;

  constructor(context: ApiContext, socket: WebSocket, selector: LogSelector, options: TailOptions) {
    this.#context = context;
    this.#socket = socket;
    this.#selector = selector;
    this.#options = options;
    this.#pipeline = new Pipeline(compileStages(selector.stages));
    const tests = selector.matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }));
    this.#matches = (labels) => {
      const map = new Map(labels);
      return tests.every(({ name, test }) => test(map.get(name) ?? ''));
    };
  }

  /** Sends what is there already, then what comes. */
  async start(): Promise<void> {
    const { clock, store, engine } = this.#context;
    this.#unsubscribe = store.onAppend((labels, entries) => this.#take(labels, entries));
    const nowNs = clock.nowNs();
    const query = new QueryContext(store, { limits: engine.limits });
    const past = await evaluateLogs(query, {
      selector: this.#selector,
      startNs: this.#options.startNs,
      endNs: nowNs,
      direction: 'backward',
      limit: this.#options.limit,
      intervalNs: 0n,
    });
    // Oldest first, as a terminal shows them.
    const history = past.map((stream) => ({ ...stream, entries: stream.entries.toReversed() }));
    if (history.length > 0) this.#send(history);
    this.#timer = clock.every(SEND_PERIOD_MS, () =>
      this.#flush(clock.nowNs() - BigInt(Math.round(this.#options.delayMs * 1e6))),
    );
  }

  #take(labels: Labels, entries: readonly PushEntry[]): void {
    const base = this.#base(labels);
    if (base === undefined) return;
    for (const { timeNs, line, metadata } of entries) {
      if (!this.#pipeline.accepts(line)) continue;
      const result = this.#pipeline.run(base, timeNs, line, metadata);
      if (result === undefined) continue;
      const { stream, metadata: own, parsed } = this.#pipeline.labels.result();
      const all = this.#pipeline.labels.labels();
      if (this.#pending.length >= PENDING_COUNT_MAX) this.#drop(timeNs, all);
      else this.#pending.push({ labels: all, stream, entries: [{ timeNs, line: result, metadata: own, parsed }] });
    }
  }

  #base(labels: Labels): BaseLabels | undefined {
    const key = labelsKey(labels);
    if (!this.#bases.has(key)) this.#bases.set(key, this.#matches(labels) ? baseLabels(labels) : undefined);
    return this.#bases.get(key);
  }

  #drop(timeNs: bigint, labels: Labels): void {
    if (this.#dropped.length < DROPPED_COUNT_MAX)
      this.#dropped.push({ timestamp: String(timeNs), labels: labelsObject(labels) });
  }

  #flush(untilNs: bigint): void {
    if (this.#socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      for (const { labels, entries } of this.#pending.splice(0)) this.#drop(entries[0]!.timeNs, labels);
      return;
    }
    const due =
      this.#options.delayMs === 0
        ? this.#pending.splice(0)
        : this.#pending.filter(({ entries }) => entries[0]!.timeNs <= untilNs);
    if (this.#options.delayMs > 0) this.#pending = this.#pending.filter((stream) => !due.includes(stream));
    if (due.length > 0 || this.#dropped.length > 0) this.#send(mergeStreams(due));
  }

  #send(streams: readonly LogStream[]): void {
    const dropped = this.#dropped.length === 0 ? null : this.#dropped.splice(0);
    const list = streams.map((stream) => streamJson(stream, this.#options.categorize)).join(',');
    const flags = this.#options.categorize ? `,"encodingFlags":["${CATEGORIZE_LABELS}"]` : '';
    this.#socket.send(`{"streams":[${list}],"dropped_entries":${JSON.stringify(dropped)}${flags}}`);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#timer?.cancel();
  }

  end(): void {
    this.stop();
    this.#socket.close(1001, 'shutting down');
  }

  cut(): void {
    this.#socket.terminate();
  }
}

/** Lines of the same labels together, in the order in which they came. */
function mergeStreams(streams: readonly LogStream[]): readonly LogStream[] {
  const merged = new Map<string, { labels: Labels; stream: Labels; entries: LogStream['entries'][number][] }>();
  for (const { labels, stream, entries } of streams) {
    const key = labelsKey(labels);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { labels, stream, entries: [...entries] });
    else known.entries.push(...entries);
  }
  return [...merged.values()];
}
