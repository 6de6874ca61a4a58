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

/**
 * For so long a query counts as heavy before it is tried on the store's thread again: machines are busy for a while, and
 * series go. What is too heavy by its weight is refused there before a sample is read, what takes too long after 40 ms.
 */
const HEAVY_MS = 60_000;

interface Verdict {
  readonly weight: number;
  readonly sinceMs: number;
  /** Light by its weight, and late all the same. */
  readonly late: boolean;
}

/** The weight of queries asked before, by their text and number of steps; the ones unused longest are forgotten. */
export class WeightMemory {
  readonly #now: () => number;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #late = new Map<string, number>();

  /** `now` gives monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The evaluation of a light query took too long. */
  noteLate(key: string, weight: number): void {
    const times = (this.#late.get(key) ?? 0) + 1;
    if (times >= LATE_MAX) {
      this.#late.delete(key);
      put(this.#verdicts, key, { weight, sinceMs: this.#now(), late: true });
    } else put(this.#late, key, times);
  }

  noteInTime(key: string): void {
    this.#late.delete(key);
  }

  note(key: string, weight: number): void {
    put(this.#verdicts, key, { weight, sinceMs: this.#now(), late: false });
  }

  /** Undefined: to be tried on the store's thread. */
  of(key: string): number | undefined {
    const verdict = this.#verdicts.get(key);
    if (verdict === undefined) return undefined;
    if (this.#now() - verdict.sinceMs >= HEAVY_MS) {
      this.#verdicts.delete(key);
      // Tried once, not three times, before the verdict stands again.
      if (verdict.late) put(this.#late, key, LATE_MAX - 1);
      return undefined;
    }
    put(this.#verdicts, key, verdict);
    return verdict.weight;
  }
}

/** As the one used last. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > REMEMBERED_MAX) map.delete(map.keys().next().value!);
}
