/** How much work a query is, from what it selects: in samples and cells looked at. */
import type { SelectHints } from '../queryable.ts';

/** The usual distance of samples; only the order of magnitude matters. */
const SAMPLE_DISTANCE_MS = 15_000;

/** Work that belongs to a series, however few samples it has. */
const SERIES_COST = 20;

export function weightOf(seriesCount: number, hints: SelectHints): number {
  const spanMs = Math.max(0, hints.endMs - hints.startMs);
  const steps = hints.stepMs !== undefined && hints.stepMs > 0 ? spanMs / hints.stepMs : 1;
  return seriesCount * (SERIES_COST + steps + spanMs / SAMPLE_DISTANCE_MS);
}

/** Evaluated on the store's thread up to this weight: two or three milliseconds. */
export const LOCAL_WEIGHT_MAX = 40_000;

/** Below this, putting parts together costs more than a second thread gains. */
export const SPLIT_WEIGHT_MIN = 400_000;

/** Expressions whose weight is remembered: a dashboard asks the same ones again and again. */
const REMEMBERED_MAX = 1_000;

/** The weight of queries asked before, by their text and number of steps; the ones unused longest are forgotten. */
export class WeightMemory {
  readonly #weights = new Map<string, number>();

  of(key: string): number | undefined {
    const weight = this.#weights.get(key);
    if (weight === undefined) return undefined;
    this.#weights.delete(key);
    this.#weights.set(key, weight);
    return weight;
  }

  note(key: string, weight: number): void {
    this.#weights.delete(key);
    this.#weights.set(key, weight);
    if (this.#weights.size > REMEMBERED_MAX) this.#weights.delete(this.#weights.keys().next().value!);
  }
}
