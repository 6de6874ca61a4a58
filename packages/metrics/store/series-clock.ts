/** The time of the newest sample of every series, over all heads and blocks: what tells late samples from new ones. */
export class SeriesClock {
  #last = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);

  get(ref: number): number {
    return ref < this.#last.length ? this.#last[ref]! : Number.NEGATIVE_INFINITY;
  }

  /** The newest time of all. */
  get newestMs(): number {
    return this.#newestMs;
  }
  #newestMs = Number.NEGATIVE_INFINITY;

  /** For refs that have a time already. */
  setAll(refs: Int32Array, timestampMs: number): void {
    if (timestampMs > this.#newestMs) this.#newestMs = timestampMs;
    const last = this.#last;
    for (let i = 0; i < refs.length; i++) last[refs[i]!] = timestampMs;
  }

  /** The refs stand for other series from now on. */
  forget(refs: readonly number[]): void {
    for (const ref of refs) if (ref < this.#last.length) this.#last[ref] = Number.NEGATIVE_INFINITY;
  }

  /** Forgets times beyond `timestampMs`, so that a clock which was ahead does not make all later samples old. */
  turnBack(timestampMs: number): void {
    this.#newestMs = Math.min(this.#newestMs, timestampMs);
    const last = this.#last;
    for (let ref = 0; ref < last.length; ref++) if (last[ref]! > timestampMs) last[ref] = Number.NEGATIVE_INFINITY;
  }

  set(ref: number, timestampMs: number): void {
    if (timestampMs > this.#newestMs) this.#newestMs = timestampMs;
    if (ref >= this.#last.length) {
      const larger = new Float64Array(Math.max(ref + 1, this.#last.length * 2)).fill(Number.NEGATIVE_INFINITY);
      larger.set(this.#last);
      this.#last = larger;
    }
    this.#last[ref] = timestampMs;
  }
}
