// Window bounds: for every step the positions of a timestamp column that lie in (t - range, t]. Series of one scrape
// target share their column, so the bounds are computed once for all of them.
import { type Steps, stepTime } from './value.ts';

/** Positions lo[i] <= p < hi[i] belong to step i. */
export interface Bounds {
  readonly lo: Int32Array;
  readonly hi: Int32Array;
}

export class WindowBounds {
  readonly #steps: Steps;
  readonly #shiftMs: number;
  readonly #fixedMs: number | null;
  readonly #rangeMs: number;
  readonly #leadMs: number;
  readonly #cache = new Map<Float64Array, Bounds>();

  /**
   * Windows end at step time minus `offsetMs` (or, with `fixedMs`, at that instant for every step) and reach back
   * `rangeMs`; `leadMs` extends them into the future (for smoothed selectors).
   */
  constructor(steps: Steps, rangeMs: number, offsetMs: number, fixedMs: number | null, leadMs = 0) {
    this.#steps = steps;
    this.#rangeMs = rangeMs;
    this.#shiftMs = offsetMs;
    this.#fixedMs = fixedMs;
    this.#leadMs = leadMs;
  }

  /** The instant at which the window of a step ends, without the lead. */
  endMs(step: number): number {
    return (this.#fixedMs ?? stepTime(this.#steps, step)) - this.#shiftMs;
  }

  of(times: Float64Array): Bounds {
    let bounds = this.#cache.get(times);
    if (bounds === undefined) {
      bounds = this.#compute(times);
      this.#cache.set(times, bounds);
    }
    return bounds;
  }

  #compute(times: Float64Array): Bounds {
    const { count } = this.#steps;
    const lo = new Int32Array(count);
    const hi = new Int32Array(count);
    const length = times.length;
    let first = 0;
    let last = 0;
    for (let step = 0; step < count; step++) {
      const end = this.endMs(step);
      const startExclusive = end - this.#rangeMs;
      const endInclusive = end + this.#leadMs;
      while (first < length && times[first]! <= startExclusive) first++;
      if (last < first) last = first;
      while (last < length && times[last]! <= endInclusive) last++;
      lo[step] = first;
      hi[step] = last;
    }
    return { lo, hi };
  }
}
