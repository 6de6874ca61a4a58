/** The time of the newest sample of every series, over all heads and blocks: what tells late samples from new ones. */
export class SeriesClock {
  #last = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);

  get(ref: number): number {
    return ref < this.#last.length ? this.#last[ref]! : Number.NEGATIVE_INFINITY;
  }

  set(ref: number, timestampMs: number): void {
    if (ref >= this.#last.length) {
      const larger = new Float64Array(Math.max(ref + 1, this.#last.length * 2)).fill(Number.NEGATIVE_INFINITY);
      larger.set(this.#last);
      this.#last = larger;
    }
    this.#last[ref] = timestampMs;
  }
}
