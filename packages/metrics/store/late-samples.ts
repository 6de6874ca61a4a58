/** Samples that came after newer ones of their group or series: few, kept apart by series, merged when read. */
import type { FloatHistogram } from '../model/histogram.ts';

export interface LateSample {
  readonly timestampMs: number;
  readonly value: number;
  readonly stale: boolean;
  readonly histogram: FloatHistogram | undefined;
  /** Start timestamp in milliseconds; absent where unknown. */
  readonly startMs?: number;
}

export class LateSamples {
  readonly #bySeries = new Map<number, LateSample[]>();
  count = 0;

  /** False when the series has a sample of that time already. */
  add(ref: number, sample: LateSample): boolean {
    let samples = this.#bySeries.get(ref);
    if (samples === undefined) this.#bySeries.set(ref, (samples = []));
    let at = samples.length;
    while (at > 0 && samples[at - 1]!.timestampMs > sample.timestampMs) at--;
    if (at > 0 && samples[at - 1]!.timestampMs === sample.timestampMs) return false;
    samples.splice(at, 0, sample);
    this.count++;
    return true;
  }

  /** Takes out the samples of a series in a time range, inclusive. */
  remove(ref: number, startMs: number, endMs: number): void {
    const samples = this.#bySeries.get(ref);
    if (samples === undefined) return;
    const kept = samples.filter(({ timestampMs }) => timestampMs < startMs || timestampMs > endMs);
    this.count -= samples.length - kept.length;
    if (kept.length > 0) this.#bySeries.set(ref, kept);
    else this.#bySeries.delete(ref);
  }

  /** Ascending by time. */
  of(ref: number): readonly LateSample[] | undefined {
    return this.#bySeries.get(ref);
  }

  refs(): Iterable<number> {
    return this.#bySeries.keys();
  }
}
