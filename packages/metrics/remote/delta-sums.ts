/**
 * Delta temporality as running totals, so that `rate()` works. Totals live in memory; a series that is not followed (after
 * a restart, or because it was idle) goes on from its newest sample in the store.
 */
import type { FloatHistogram } from '../model/histogram.ts';
import { addHistograms } from '../model/histogram-arithmetic.ts';

/** Series with delta temporality that are followed; a further one replaces the longest idle. */
const SERIES_MAX = 200_000;

interface Total {
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;
  readonly timestampMs: number;
}

/** A series that was silent for longer begins at zero, which every function takes for the reset of a counter. */
export const DELTA_SILENCE_MS_MAX = 24 * 60 * 60_000;

export class DeltaSums {
  /** In order of use: the first is the longest idle. */
  readonly #totals = new Map<number, Total>();
  #generation = 0;

  /** Begins a request. Refs are numbers of a store generation; another generation starts new totals. */
  begin(generation: number): DeltaRequest {
    if (generation !== this.#generation) this.#totals.clear();
    this.#generation = generation;
    return new DeltaRequest(this.#totals);
  }

  /** Takes what the store has of series that are not followed; those without begin at zero. */
  seed(refs: Iterable<number>, found: ReadonlyMap<number, Total>): void {
    for (const ref of refs) {
      if (this.#totals.has(ref)) continue;
      if (this.#totals.size >= SERIES_MAX) this.#totals.delete(this.#totals.keys().next().value!);
      const last = found.get(ref) ?? NOTHING;
      // A series that was of another type before has nothing to go on from.
      this.#totals.set(ref, last.histogram === undefined ? last : { ...last, value: 0 });
    }
  }
}

const NOTHING: Total = { value: 0, histogram: undefined, timestampMs: Number.NEGATIVE_INFINITY };

/** The deltas of one request, which can be taken back when it is not stored. */
export class DeltaRequest {
  readonly #totals: Map<number, Total>;
  readonly #before = new Map<number, Total | undefined>();
  /** Series that are not followed so far. When there are any, the request is to be rolled back and begun again. */
  readonly unknown = new Set<number>();

  constructor(totals: Map<number, Total>) {
    this.#totals = totals;
  }

  /** The total after `delta`; undefined for one that is not newer than the last (sent twice, most likely). */
  add(ref: number, timestampMs: number, delta: number): number | undefined {
    const known = this.#newer(ref, timestampMs);
    if (known === null) return undefined;
    const value = (known?.value ?? 0) + delta;
    this.#set(ref, { value, histogram: undefined, timestampMs });
    return value;
  }

  addHistogram(ref: number, timestampMs: number, delta: FloatHistogram): FloatHistogram | undefined {
    const known = this.#newer(ref, timestampMs);
    if (known === null) return undefined;
    const sum = known?.histogram === undefined ? undefined : addHistograms(known.histogram, delta)?.histogram;
    const histogram = sum ?? delta;
    this.#set(ref, { value: 0, histogram, timestampMs });
    return histogram;
  }

  /** Takes everything of this request back, so that it can be sent again. */
  rollBack(): void {
    for (const [ref, total] of this.#before) {
      if (total === undefined) this.#totals.delete(ref);
      else this.#totals.set(ref, total);
    }
  }

  #newer(ref: number, timestampMs: number): Total | undefined | null {
    const known = this.#totals.get(ref);
    if (known === undefined) this.unknown.add(ref);
    return known !== undefined && timestampMs <= known.timestampMs ? null : known;
  }

  #set(ref: number, total: Total): void {
    if (!this.#before.has(ref)) this.#before.set(ref, this.#totals.get(ref));
    this.#totals.delete(ref);
    if (this.#totals.size >= SERIES_MAX) this.#totals.delete(this.#totals.keys().next().value!);
    this.#totals.set(ref, total);
  }
}
