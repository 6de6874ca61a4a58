// What a browser does before it sends something to another origin: it asks whether it may (CORS preflight, Fetch
// Standard, section 4.8), and sends nothing when it may not.

/** A collector that takes longer is as good as away. */
const TIMEOUT_MS = 5_000;
const ALLOWED_FOR_MS = 5 * 60_000;

export class CollectorDoor {
  readonly #origin: string;
  readonly #otlpUrl: string | undefined;
  /** What was asked of each address, and until when the answer is remembered. */
  readonly #leaves = new Map<string, { readonly given: Promise<void>; readonly untilMs: number }>();
  readonly #sending = new Set<Promise<unknown>>();

  /** `origin` is that of the pages; `otlpUrl` is asked instead of the address that they name. */
  constructor(origin: string, otlpUrl?: string) {
    this.#origin = origin;
    this.#otlpUrl = otlpUrl;
  }

  /** Rejects as `fetch` does when the collector is away or wants nothing from this origin. */
  send(named: string, init: RequestInit = {}): Promise<Response> {
    const url = this.#otlpUrl === undefined ? named : new URL(new URL(named).pathname, this.#otlpUrl).href;
    const sent = this.#send(url, init);
    const settled = sent.catch(() => {}).finally(() => this.#sending.delete(settled));
    this.#sending.add(settled);
    return sent;
  }

  /** Resolves when nothing is on its way any more. */
  async drained(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async #send(url: string, { method = 'POST', headers, body }: RequestInit): Promise<Response> {
    await this.#leave(url, method);
    const sent = new Headers(headers);
    sent.set('origin', this.#origin);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method, headers: sent, signal, ...(body != null && { body }) });
    await response.arrayBuffer();
    return response;
  }

  #leave(url: string, method: string): Promise<void> {
    const known = this.#leaves.get(url);
    if (known !== undefined && known.untilMs > Date.now()) return known.given;
    const given = this.#askLeave(url, method);
    this.#leaves.set(url, { given, untilMs: Date.now() + ALLOWED_FOR_MS });
    // A refusal is not remembered.
    given.catch(() => this.#leaves.delete(url));
    return given;
  }

  async #askLeave(url: string, method: string): Promise<void> {
    const headers = {
      origin: this.#origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type',
    };
    const answer = await fetch(url, { method: 'OPTIONS', headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.arrayBuffer();
    const origin = answer.headers.get('access-control-allow-origin');
    if (!answer.ok || (origin !== '*' && origin !== this.#origin)) throw new TypeError('Failed to fetch');
  }
}
