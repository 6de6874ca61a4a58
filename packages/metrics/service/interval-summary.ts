/** The lengths of the intervals between scrapes, as the real server's summary by configured interval. */
import type { Sample } from '@mario/service';
import { formatDuration } from '../scrape/target.ts';

/** The newest intervals of each configured length: a few minutes of scraping. */
const KEPT_MAX = 512;
const QUANTILES = [0.01, 0.05, 0.5, 0.9, 0.99];

interface Intervals {
  readonly newest: number[];
  next: number;
  sum: number;
  count: number;
}

export class IntervalSummary {
  readonly #nowMs: () => number;
  readonly #last = new Map<string, number>();
  readonly #byInterval = new Map<number, Intervals>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  observe(target: string, intervalMs: number): void {
    const nowMs = this.#nowMs();
    const lastMs = this.#last.get(target);
    this.#last.set(target, nowMs);
    if (lastMs === undefined) return;
    let intervals = this.#byInterval.get(intervalMs);
    if (intervals === undefined)
      this.#byInterval.set(intervalMs, (intervals = { newest: [], next: 0, sum: 0, count: 0 }));
    const lengthS = (nowMs - lastMs) / 1000;
    intervals.newest[intervals.next] = lengthS;
    intervals.next = (intervals.next + 1) % KEPT_MAX;
    intervals.sum += lengthS;
    intervals.count++;
  }

  *samples(): Iterable<Sample> {
    for (const [intervalMs, { newest, sum, count }] of this.#byInterval) {
      const interval = formatDuration(intervalMs);
      const sorted = newest.toSorted((a, b) => a - b);
      for (const quantile of QUANTILES) {
        const value = sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))]!;
        yield { suffix: '', labels: { interval, quantile: String(quantile) }, value };
      }
      yield { suffix: '_sum', labels: { interval }, value: sum };
      yield { suffix: '_count', labels: { interval }, value: count };
    }
  }
}
