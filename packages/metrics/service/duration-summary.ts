/** A summary of durations: quantiles of the newest ones, their sum and count over all. */
import type { Sample } from '@mario/service';

/** The newest durations that quantiles are taken of: at a rule a second some ten minutes, as the real server's window. */
const KEPT_MAX = 512;

export class DurationSummary {
  readonly #quantiles: readonly number[];
  readonly #newest: number[] = [];
  #next = 0;
  #sum = 0;
  #count = 0;

  constructor(quantiles: readonly number[]) {
    this.#quantiles = quantiles;
  }

  observe(durationS: number): void {
    this.#newest[this.#next] = durationS;
    this.#next = (this.#next + 1) % KEPT_MAX;
    this.#sum += durationS;
    this.#count++;
  }

  *samples(): Iterable<Sample> {
    const sorted = this.#newest.toSorted((a, b) => a - b);
    for (const quantile of this.#quantiles) {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN;
      yield { suffix: '', labels: { quantile: String(quantile) }, value };
    }
    yield { suffix: '_sum', labels: {}, value: this.#sum };
    yield { suffix: '_count', labels: {}, value: this.#count };
  }
}
