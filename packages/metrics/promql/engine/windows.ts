// Window bounds: for every step the positions of a timestamp column that lie in (t - range, t]. Series of one scrape
// target share their column, so the bounds are computed once for all of them.
import { cutInts } from './slabs.ts';
import { type Steps, stepTime } from './value.ts';

/** Positions lo[i] <= p < hi[i] belong to step i. */
export interface Bounds {
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  /** Positions in all windows together. */
  readonly total: number;
}

/** How many samples of a column that ends at `from` and `to` lie in the windows; each counts once for each window. */
export function samplesWithin({ lo, hi, total }: Bounds, from: number, to: number): number {
  if (lo.length === 0 || (from <= lo[0]! && to >= hi[hi.length - 1]!)) return total;
  let samples = 0;
  for (let step = 0; step < lo.length; step++) {
    samples += Math.max(0, Math.min(hi[step]!, to) - Math.max(lo[step]!, from));
  }
  return samples;
}

function totalOf(lo: Int32Array, hi: Int32Array): number {
  let total = 0;
  for (let step = 0; step < lo.length; step++) total += hi[step]! - lo[step]!;
  return total;
}

/** Bounds of the windows without a staleness marker, and the steps of the others. */
export interface CleanBounds extends Bounds {
  readonly stale: Int32Array;
  readonly touched: readonly number[];
}

function samePositions(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A marker at an edge of a window (the usual place, beside a gap) only narrows the window; one between samples leaves
 * it empty and its step among the touched.
 */
function excludeStale(bounds: Bounds, stale: Int32Array): CleanBounds {
  const lo = cutInts(bounds.lo.length);
  const hi = cutInts(bounds.hi.length);
  lo.set(bounds.lo);
  hi.set(bounds.hi);
  const touched: number[] = [];
  for (let step = 0, at = 0; step < lo.length; step++) {
    while (at < stale.length && stale[at]! < lo[step]!) at++;
    let end = at;
    while (end < stale.length && stale[end]! < hi[step]!) end++;
    let begin = at;
    while (begin < end && stale[begin] === lo[step]) {
      begin++;
      lo[step]!++;
    }
    while (end > begin && stale[end - 1] === hi[step]! - 1) {
      end--;
      hi[step]!--;
    }
    if (begin === end) continue;
    touched.push(step);
    hi[step] = lo[step]!;
  }
  return { stale: stale.slice(), lo, hi, touched, total: totalOf(lo, hi) };
}

/** The first position later than `timeMs`. */
function firstAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class WindowBounds {
  /** The instant at which the window of each step ends, without the lead. */
  readonly endsMs: Float64Array;
  readonly #rangeMs: number;
  readonly #leadMs: number;
  readonly #cache = new Map<Float64Array, Bounds>();
  readonly #clean = new Map<Float64Array, CleanBounds[]>();

  /**
   * Windows end at step time minus `offsetMs` (or, with `fixedMs`, at that instant for every step) and reach back
   * `rangeMs`; `leadMs` extends them into the future (for smoothed selectors).
   */
  constructor(steps: Steps, rangeMs: number, offsetMs: number, fixedMs: number | null, leadMs = 0) {
    this.endsMs = new Float64Array(steps.count);
    for (let step = 0; step < steps.count; step++) this.endsMs[step] = (fixedMs ?? stepTime(steps, step)) - offsetMs;
    this.#rangeMs = rangeMs;
    this.#leadMs = leadMs;
  }

  /**
   * Bounds for columns with staleness markers at the given positions: windows with a marker between samples are made
   * empty and their steps listed, to be evaluated one by one.
   */
  clean(times: Float64Array, stale: Int32Array): CleanBounds {
    let known = this.#clean.get(times);
    if (known === undefined) {
      known = [];
      this.#clean.set(times, known);
    }
    const same = known.find((one) => samePositions(one.stale, stale));
    if (same !== undefined) return same;
    const clean = excludeStale(this.of(times), stale);
    known.push(clean);
    return clean;
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
    const ends = this.endsMs;
    const rangeMs = this.#rangeMs;
    const leadMs = this.#leadMs;
    const lo = cutInts(ends.length);
    const hi = cutInts(ends.length);
    const length = times.length;
    let first = ends.length === 0 ? 0 : firstAfter(times, ends[0]! - rangeMs);
    let last = first;
    for (let step = 0; step < ends.length; step++) {
      const end = ends[step]!;
      const startExclusive = end - rangeMs;
      const endInclusive = end + leadMs;
      while (first < length && times[first]! <= startExclusive) first++;
      if (last < first) last = first;
      while (last < length && times[last]! <= endInclusive) last++;
      lo[step] = first;
      hi[step] = last;
    }
    return { lo, hi, total: totalOf(lo, hi) };
  }
}
