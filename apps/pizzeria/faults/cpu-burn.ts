// Burns a share of a processor inside of requests, and never more than the share.

/** One slice: long enough to be seen in a trace, short enough that health checks get through. */
const SLICE_MS = 100;
/** What was not burnt in a quiet moment is not made up for later. */
const SAVED_MS_MAX = 2 * SLICE_MS;

export class CpuBurn {
  readonly #nowMs: () => number;
  #creditMs = 0;
  #seenMs: number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#seenMs = nowMs();
  }

  /** Milliseconds to burn now, so that the burnt time stays at `percent` of all time. */
  sliceMs(percent: number): number {
    const nowMs = this.#nowMs();
    this.#creditMs = Math.min(SAVED_MS_MAX, this.#creditMs + ((nowMs - this.#seenMs) * percent) / 100);
    this.#seenMs = nowMs;
    if (this.#creditMs < SLICE_MS) return 0;
    this.#creditMs -= SLICE_MS;
    return SLICE_MS;
  }

  burn(ms: number): void {
    const endMs = this.#nowMs() + ms;
    while (this.#nowMs() < endMs);
  }
}
