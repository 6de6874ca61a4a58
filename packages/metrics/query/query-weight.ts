/** How much work a query is, from what it selects: in units of about ten nanoseconds of a warm server. */
import type { SelectHints } from '../queryable.ts';

/** The usual distance of samples; only the order of magnitude matters. */
const SAMPLE_DISTANCE_MS = 15_000;

/** Of a series however few samples it has, of each step and of each sample. */
const SERIES_COST = 40;
const STEP_COST = 1;
const SAMPLE_COST = 0.6;

export function weightOf(seriesCount: number, hints: SelectHints): number {
  const spanMs = Math.max(0, hints.endMs - hints.startMs);
  const steps = hints.stepMs !== undefined && hints.stepMs > 0 ? spanMs / hints.stepMs : 1;
  return seriesCount * (SERIES_COST + steps * STEP_COST + (spanMs / SAMPLE_DISTANCE_MS) * SAMPLE_COST);
}

/** Evaluated on the store's thread up to this weight: some six milliseconds, an instant over 10,000 series. */
export const LOCAL_WEIGHT_MAX = 600_000;

/** Below this, some 40 milliseconds, putting parts together costs more than a second thread gains. */
export const SPLIT_WEIGHT_MIN = 4_000_000;

/** Split by series, nothing is put together, and a result of every series is twice the work, since it is all written. */
export const SPLIT_BY_SERIES_WEIGHT_MIN = 1_000_000;

/** So often in a row an evaluation must take too long before that is held to be its own fault, not the machine's. */
const LATE_MAX = 3;

/** Expressions whose weight is remembered: a dashboard asks the same ones again and again. */
const REMEMBERED_MAX = 1_000;

/** The weight of queries asked before, by their text and number of steps; the ones unused longest are forgotten. */
export class WeightMemory {
  readonly #weights = new Map<string, number>();

  readonly #late = new Map<string, number>();

  /** The evaluation of a light query took too long. */
  noteLate(key: string, weight: number): void {
    const times = (this.#late.get(key) ?? 0) + 1;
    this.#late.delete(key);
    if (times >= LATE_MAX) {
      this.note(key, weight);
      return;
    }
    this.#late.set(key, times);
    if (this.#late.size > REMEMBERED_MAX) this.#late.delete(this.#late.keys().next().value!);
  }

  noteInTime(key: string): void {
    this.#late.delete(key);
  }

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
