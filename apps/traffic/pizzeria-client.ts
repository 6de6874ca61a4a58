// The pizzeria as anybody outside sees it: its pages and its API, over HTTP, and nothing else.
//
// Guests need no account; who works there shows a token when a login is given (client credentials, OAuth 2.1).

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
  /** The last part of the problem's type when the request was refused: `kitchen-at-capacity`. */
  readonly problem?: string | undefined;
  /** Absent when nobody answered. */
  readonly headers?: Headers;
  /** As it was sent: of a page, its HTML. */
  readonly text?: string;
}

export type RequestHeaders = Readonly<Record<string, string>>;

/** A pizzeria that takes longer has lost the customer. */
const TIMEOUT_MS = 10_000;
/** After a refused connection everybody waits a little, together longer and longer. */
const AWAY_MS = 500;
const AWAY_MS_MAX = 5_000;

/** What the simulated people need; a test answers them without a network. A body that is text is sent as it is, as JSON. */
export interface PizzeriaApi {
  get<T = unknown>(path: string, headers?: RequestHeaders): Promise<Answer<T>>;
  put<T = Order>(path: string, body?: object, headers?: RequestHeaders): Promise<Answer<T>>;
  post<T = Order>(path: string, body: object | string, headers?: RequestHeaders): Promise<Answer<T>>;
  /** Reads the events of a stream for so long, as an open page does. */
  watch(path: string, realMs: number, headers?: RequestHeaders): Promise<void>;
}

/** The same house for somebody who shows a cookie or a token with every request. */
export function showing(api: PizzeriaApi, credentials: RequestHeaders): PizzeriaApi {
  return {
    get: (path, headers) => api.get(path, { ...credentials, ...headers }),
    put: (path, body, headers) => api.put(path, body, { ...credentials, ...headers }),
    post: (path, body, headers) => api.post(path, body, { ...credentials, ...headers }),
    watch: (path, realMs, headers) => api.watch(path, realMs, { ...credentials, ...headers }),
  };
}

export interface ClientLogin {
  readonly id: string;
  readonly secret: string;
}

export class PizzeriaClient implements PizzeriaApi {
  readonly #baseUrl: string;
  readonly #pace: Pace;
  readonly #log: TrafficLog;
  readonly #token: AccessToken | undefined;
  #awayMs = 0;
  #wasTurnedAway = false;
  /** Answers by status, for the summary in the log. */
  readonly statuses = new Map<number, number>();

  /** With a login every request carries its token: for the staff, not for guests. */
  constructor(baseUrl: string, pace: Pace, log: TrafficLog, login?: ClientLogin) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#token = login && new AccessToken(this.#baseUrl, login);
    this.#pace = pace;
    this.#log = log;
  }

  /** Looks at a page or reads from the API. */
  get<T = unknown>(path: string, headers?: RequestHeaders): Promise<Answer<T>> {
    return this.send<T>('GET', path, undefined, headers);
  }

  put<T = Order>(path: string, body?: object, headers?: RequestHeaders): Promise<Answer<T>> {
    return this.send<T>('PUT', path, body && JSON.stringify(body), headers);
  }

  post<T = Order>(path: string, body: object | string, headers?: RequestHeaders): Promise<Answer<T>> {
    return this.send<T>('POST', path, typeof body === 'string' ? body : JSON.stringify(body), headers);
  }

  /** Status 0 means that nobody answered; the caller goes on with its day. */
  async send<T>(method: string, path: string, body?: string, headers: RequestHeaders = {}): Promise<Answer<T>> {
    const { signal } = this.#pace;
    if (signal.aborted) return { status: 0, body: undefined };
    try {
      const response = await fetch(this.#baseUrl + path, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(this.#token && { authorization: `Bearer ${await this.#token.current()}` }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        // Where a program is led with its code, it goes by itself.
        redirect: path === '/api/auth/authorize' ? 'manual' : 'follow',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await response.text();
      this.#cameBack();
      this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
      const { status, headers: answered } = response;
      const type = answered.get('content-type') ?? '';
      if (response.ok) {
        const parsed = type.startsWith('application/json') ? (JSON.parse(text) as T) : undefined;
        return { status, body: parsed, headers: answered, text };
      }
      // Whose login has ended logs in again; who never showed one may have forgotten the flag.
      const showsNothing = this.#token === undefined && !('cookie' in headers) && !('authorization' in headers);
      if (status === 401 && showsNothing && !path.startsWith('/api/auth/')) this.#turnedAway();
      return { status, body: undefined, headers: answered, problem: problemOf(type, text), text };
    } catch (error) {
      await this.#wentAway(error);
      return { status: 0, body: undefined };
    }
  }

  /** Reads the events of a stream for so long, as an open page does. */
  async watch(path: string, realMs: number, headers: RequestHeaders = {}): Promise<void> {
    try {
      const signal = AbortSignal.any([this.#pace.signal, AbortSignal.timeout(realMs)]);
      const token = this.#token && { authorization: `Bearer ${await this.#token.current()}` };
      const response = await fetch(this.#baseUrl + path, { signal, headers: { ...token, ...headers } });
      for await (const _event of response.body ?? []) if (signal.aborted) break;
    } catch {
      // The end of the time, or of the pizzeria: either way the page is closed.
    }
  }

  /** Told once: without a login the staff of such a house stands before its door all day. */
  #turnedAway(): void {
    if (this.#wasTurnedAway) return;
    this.#wasTurnedAway = true;
    this.#log.warn('the pizzeria asks who works there; give the staff a login with --login ID:SECRET or MARIO_LOGIN');
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

/** The last part of a problem's type: `/api/docs#problem-order-not-found` is `order-not-found`. */
function problemOf(contentType: string, text: string): string | undefined {
  if (!contentType.startsWith('application/problem+json')) return undefined;
  const { type } = JSON.parse(text) as { type?: unknown };
  return typeof type === 'string' ? type.replace(/^.*#problem-/, '') : undefined;
}

/** A new token is fetched so long before the old one ends. */
const RENEW_MS = 60_000;

/** The token of a service client, renewed before it ends. */
class AccessToken {
  readonly #url: string;
  readonly #authorization: string;
  #token: Promise<string> | undefined;
  #renewAtMs = 0;

  constructor(baseUrl: string, { id, secret }: ClientLogin) {
    this.#url = `${baseUrl}/api/auth/token`;
    this.#authorization = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
  }

  current(): Promise<string> {
    if (this.#token === undefined || Date.now() >= this.#renewAtMs) {
      this.#renewAtMs = Date.now() + RENEW_MS;
      this.#token = this.#fetch();
      this.#token.catch(() => {
        this.#token = undefined;
      });
    }
    return this.#token;
  }

  async #fetch(): Promise<string> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { authorization: this.#authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`the login was refused with ${response.status}; check --login ID:SECRET`);
    const { access_token: token, expires_in: seconds } = (await response.json()) as {
      access_token: string;
      expires_in: number;
    };
    this.#renewAtMs = Date.now() + Math.max(seconds * 1000 - RENEW_MS, RENEW_MS);
    return token;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}
