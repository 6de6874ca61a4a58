/** At most so many queries at once; further ones wait in the order of arrival, and not for ever. */
import { ApiError } from './api-error.ts';

/** As the real server's `--query.max-concurrency`. */
export const QUERIES_MAX = 20;

/** Waiting requests hold sockets and parsed expressions; beyond this the server says that it is busy. */
const WAITING_MAX = 1_000;

export class QueryGate {
  readonly #max: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(max = QUERIES_MAX) {
    this.#max = max;
  }

  get running(): number {
    return this.#running;
  }

  /** Runs `query` once there is room; rejects without running it when the signal aborts first. */
  async run<T>(signal: AbortSignal, query: () => Promise<T>): Promise<T> {
    await this.#enter(signal);
    try {
      return await query();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#running >= this.#max) {
      if (this.#waiting.length >= WAITING_MAX) throw new ApiError('unavailable', 'too many queries are waiting');
      await new Promise<void>((resolve, reject) => {
        const left = () => {
          this.#waiting.splice(this.#waiting.indexOf(go), 1);
          reject(new ApiError('timeout', 'query timed out in query queue'));
        };
        const go = () => {
          signal.removeEventListener('abort', left);
          resolve();
        };
        this.#waiting.push(go);
        signal.addEventListener('abort', left, { once: true });
      });
    }
    this.#running++;
  }
}
