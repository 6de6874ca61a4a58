// Window bounds: for every step the positions of a timestamp column that lie in (t - range, t]. Series of one scrape
// target share their column, so the bounds are computed once for all of them.
import { cutInts } from './slabs.ts';
import { type Steps, stepTime } from './value.ts';

/** Positions lo[i] <= p < hi[i] belong to step i. */
export interface Bounds {
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  /** What lies in any window is at first <= p < end; the last windows may be empty. */
  readonly first: number;
  readonly end: number;
  /** Positions in all windows together. */
  readonly total: number;
  /** What the function over these windows keeps for the next series with the same ones. */
  shared: unknown;
}

/** How many samples of a column that ends at `from` and `to` lie in the windows; each counts once for each window. */
export function samplesWithin({ lo, hi, first, end, total }: Bounds, from: number, to: number): number {
  if (from <= first && to >= end) return total;
  let samples = 0;
  for (let step = 0; step < lo.length; step++) {
    samples += Math.max(0, Math.min(hi[step]!, to) - Math.max(lo[step]!, from));
  }
  return samples;
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
  let { total } = bounds;
  for (let step = 0, at = 0; ; step++) {
    while (at < stale.length && step < lo.length && stale[at]! < lo[step]!) at++;
    if (at === stale.length) break;
    // A marker is in the windows of a few steps: on to the first of them.
    step = firstBeyond(hi, step, stale[at]!);
    if (step === lo.length) break;
    total -= hi[step]! - lo[step]!;
    if (!narrow(lo, hi, stale, at, step)) touched.push(step);
    total += hi[step]! - lo[step]!;
  }
  const { first, end } = bounds;
  return { stale: stale.slice(), lo, hi, first, end, touched, total, shared: null };
}

/** False when a marker from stale[at] on is between samples of the step's window, which is empty then. */
function narrow(lo: Int32Array, hi: Int32Array, stale: Int32Array, at: number, step: number): boolean {
  let begin = at;
  while (begin < stale.length && stale[begin]! < lo[step]!) begin++;
  let end = begin;
  while (end < stale.length && stale[end]! < hi[step]!) end++;
  while (begin < end && stale[begin] === lo[step]) {
    begin++;
    lo[step]!++;
  }
  while (end > begin && stale[end - 1] === hi[step]! - 1) {
    end--;
    hi[step]!--;
  }
  if (begin === end) return true;
  hi[step] = lo[step]!;
  return false;
}

/** The first place from `from` on whose value, of ascending ones, is greater than `position`. */
function firstBeyond(ascending: Int32Array, from: number, position: number): number {
  let low = from;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= position) low = middle + 1;
    else high = middle;
  }
  return low;
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
  #lastTimes: Float64Array | undefined;
  #lastBounds: Bounds | undefined;
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
    if (times === this.#lastTimes) return this.#lastBounds!;
    let bounds = this.#cache.get(times);
    if (bounds === undefined) {
      bounds = computeBounds(times, this.endsMs, this.#rangeMs, this.#leadMs);
      this.#cache.set(times, bounds);
    }
    this.#lastTimes = times;
    this.#lastBounds = bounds;
    return bounds;
  }
}

/**
 * Samples mostly come at a steady pace, so that a window begins and ends as far behind the one before as that did: the
 * positions are guessed, and moved where the guess is wrong.
 */
function computeBounds(times: Float64Array, ends: Float64Array, rangeMs: number, leadMs: number): Bounds {
  const count = ends.length;
  const lo = cutInts(count);
  const hi = cutInts(count);
  const length = times.length;
  let first = count === 0 ? 0 : firstAfter(times, ends[0]! - rangeMs);
  let last = count === 0 ? 0 : firstAfter(times, ends[0]! + leadMs);
  let firstPace = 0;
  let lastPace = 0;
  let total = 0;
  for (let step = 0; step < count; step++) {
    const end = ends[step]!;
    const startExclusive = end - rangeMs;
    const endInclusive = end + leadMs;
    let at = Math.min(first + firstPace, length);
    while (at > first && times[at - 1]! > startExclusive) at--;
    while (at < length && times[at]! <= startExclusive) at++;
    firstPace = at - first;
    first = at;
    at = Math.min(last + lastPace, length);
    while (at > last && times[at - 1]! > endInclusive) at--;
    while (at < length && times[at]! <= endInclusive) at++;
    lastPace = at - last;
    last = at;
    lo[step] = first;
    const behind = Math.max(first, last);
    hi[step] = behind;
    total += behind - first;
  }
  return { lo, hi, first: lo[0] ?? 0, end: hi[count - 1] ?? 0, total, shared: null };
}
