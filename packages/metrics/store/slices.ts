/** Long work on the main thread in slices, so that intake and queries go on beside it. */

/** How long one slice may hold the event loop. */
const SLICE_MS = 4;

export class Slices {
  #startMs = performance.now();

  /** Lets others run when the slice is over. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#startMs < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#startMs = performance.now();
  }
}
