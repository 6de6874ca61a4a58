/** Samples that came after newer ones of their group or series: few, kept apart by series, merged when read. */
import type { FloatHistogram } from '../model/histogram.ts';

export interface LateSample {
  readonly timestampMs: number;
  readonly value: number;
  readonly stale: boolean;
  readonly histogram: FloatHistogram | undefined;
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

  /** Ascending by time. */
  of(ref: number): readonly LateSample[] | undefined {
    return this.#bySeries.get(ref);
  }

  refs(): Iterable<number> {
    return this.#bySeries.keys();
  }
}
