/**
 * When an exchange must have ended: its time is over, or whoever asked has given up. One timer and one object; an
 * AbortController for each scrape, with a listener on every way, costs more than sending the request.
 */
export class Deadline {
  #ended: 'no' | 'timeout' | 'canceled' = 'no';
  readonly #timer: NodeJS.Timeout;
  readonly #waiting: Set<Deadline>;
  /** Called once, when the deadline has come; for whoever is at work at that time. */
  onEnd: (() => void) | undefined;

  /** To be closed when all is done. */
  constructor(timeoutMs: number, signal: AbortSignal) {
    this.#timer = setTimeout(() => this.#end('timeout'), timeoutMs);
    this.#waiting = waitingFor(signal);
    this.#waiting.add(this);
    if (signal.aborted) this.#end('canceled');
  }

  get ended(): boolean {
    return this.#ended !== 'no';
  }

  /** In the words of the real server's language; undefined while there is time. */
  get reason(): string | undefined {
    if (this.#ended === 'no') return undefined;
    return this.#ended === 'timeout' ? 'context deadline exceeded' : 'context canceled';
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.delete(this);
    this.onEnd = undefined;
  }

  cancel(): void {
    this.#end('canceled');
  }

  #end(how: 'timeout' | 'canceled'): void {
    if (this.#ended !== 'no') return;
    this.#ended = how;
    this.onEnd?.();
  }
}

/** A scrape loop has one signal for all of its scrapes: one listener on it is enough. */
const waitingBySignal = new WeakMap<AbortSignal, Set<Deadline>>();

function waitingFor(signal: AbortSignal): Set<Deadline> {
  let waiting = waitingBySignal.get(signal);
  if (waiting === undefined) {
    const all = new Set<Deadline>();
    waitingBySignal.set(signal, all);
    signal.addEventListener('abort', () => {
      for (const deadline of all) deadline.cancel();
    });
    waiting = all;
  }
  return waiting;
}
