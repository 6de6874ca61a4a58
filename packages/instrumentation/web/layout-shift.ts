// Cumulative layout shift: the worst window of shifts that follow one another (https://web.dev/articles/cls).

/** A window ends when nothing moved for a second, or after five. */
const GAP_MS_MAX = 1_000;
const WINDOW_MS_MAX = 5_000;

export class LayoutShift {
  #worst = 0;
  #window = 0;
  #firstMs = 0;
  #lastMs = -Infinity;

  get value(): number {
    return this.#worst;
  }

  add(timeMs: number, score: number): void {
    const follows = timeMs - this.#lastMs < GAP_MS_MAX && timeMs - this.#firstMs < WINDOW_MS_MAX;
    if (!follows) {
      this.#window = 0;
      this.#firstMs = timeMs;
    }
    this.#lastMs = timeMs;
    this.#window += score;
    this.#worst = Math.max(this.#worst, this.#window);
  }
}
