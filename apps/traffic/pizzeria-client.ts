// The pizzeria as anybody outside sees it: its pages and its API, over HTTP, and nothing else.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from './pace.ts';
import type { TrafficLog } from './traffic-log.ts';

export interface Order {
  readonly id: string;
  readonly status: string;
}

export interface Answer<T> {
  readonly status: number;
  /** Undefined when the answer was no JSON or not a success. */
  readonly body: T | undefined;
}

/** A pizzeria that takes longer has lost the customer. */
const TIMEOUT_MS = 10_000;
/** After a refused connection everybody waits a little, together longer and longer. */
const AWAY_MS = 500;
const AWAY_MS_MAX = 5_000;

export class PizzeriaClient {
  readonly #baseUrl: string;
  readonly #pace: Pace;
  readonly #log: TrafficLog;
  #awayMs = 0;
  /** Answers by status, for the summary in the log. */
  readonly statuses = new Map<number, number>();

  constructor(baseUrl: string, pace: Pace, log: TrafficLog) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#pace = pace;
    this.#log = log;
  }

  /** Looks at a page or reads from the API. */
  get<T = unknown>(path: string): Promise<Answer<T>> {
    return this.send<T>('GET', path);
  }

  put<T = Order>(path: string, body?: object): Promise<Answer<T>> {
    return this.send<T>('PUT', path, body && JSON.stringify(body));
  }

  post<T = Order>(path: string, body: object | string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('POST', path, typeof body === 'string' ? body : JSON.stringify(body), headers);
  }

  /** Status 0 means that nobody answered; the caller goes on with its day. */
  async send<T>(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const { signal } = this.#pace;
    if (signal.aborted) return { status: 0, body: undefined };
    try {
      const response = await fetch(this.#baseUrl + path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await response.text();
      this.#cameBack();
      this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
      const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
      return { status: response.status, body: response.ok && isJson ? (JSON.parse(text) as T) : undefined };
    } catch (error) {
      await this.#wentAway(error);
      return { status: 0, body: undefined };
    }
  }

  /** Reads the events of a stream for so long, as an open page does. */
  async watch(path: string, realMs: number): Promise<void> {
    try {
      const signal = AbortSignal.any([this.#pace.signal, AbortSignal.timeout(realMs)]);
      const response = await fetch(this.#baseUrl + path, { signal });
      for await (const _event of response.body ?? []) if (signal.aborted) break;
    } catch {
      // The end of the time, or of the pizzeria: either way the page is closed.
    }
  }

  #cameBack(): void {
    if (this.#awayMs > 0) this.#log.info('the pizzeria answers again');
    this.#awayMs = 0;
  }

  async #wentAway(error: unknown): Promise<void> {
    if (this.#pace.signal.aborted) return;
    if (this.#awayMs === 0) this.#log.warn('the pizzeria does not answer; trying on', { error: reasonOf(error) });
    this.#awayMs = Math.min(AWAY_MS_MAX, this.#awayMs * 2 || AWAY_MS);
    await sleep(this.#awayMs, undefined, { signal: this.#pace.signal }).catch(() => {});
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}
