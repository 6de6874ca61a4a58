// Classic histograms: cumulative counts by the label `le`.
import type { ForcedMonotonicity } from '../engine/annotations.ts';

/** The buckets of one histogram at one instant, by ascending bounds; one object serves for all instants. */
export class ClassicBuckets {
  readonly uppers: Float64Array;
  /** Cumulative. */
  readonly counts: Float64Array;
  length = 0;

  constructor(capacity: number) {
    this.uppers = new Float64Array(capacity);
    this.counts = new Float64Array(capacity);
  }

  /** Bounds must not descend; equal ones (`le="1"` and `le="1.0"`) are one bucket. */
  add(upper: number, count: number): void {
    const last = this.length - 1;
    if (last >= 0 && this.uppers[last] === upper) {
      this.counts[last]! += count;
      return;
    }
    this.uppers[this.length] = upper;
    this.counts[this.length] = count;
    this.length++;
  }
}

export interface ClassicQuantile {
  readonly value: number;
  /** Set where counts fell from one bucket to the next by more than rounding explains. */
  readonly forced: ForcedMonotonicity | null;
}

/** Relative difference that is taken for rounding. */
const ROUNDING_TOLERANCE = 1e-12;
/** More than the tolerance, which is relative to the sum of both. */
const CLEARLY_MORE = 1 + 1e-9;
const NORMAL_MIN = 2.2250738585072014e-308;

/** Quantile of the buckets, whose counts may be changed. */
export function classicQuantile(q: number, buckets: ClassicBuckets): ClassicQuantile {
  const { uppers, counts } = buckets;
  if (Number.isNaN(q)) return plain(Number.NaN);
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  const last = buckets.length - 1;
  if (last < 0 || uppers[last] !== Infinity) return plain(Number.NaN);
  const forced = makeMonotonic(buckets);
  const observations = counts[last]!;
  if (last < 1 || observations === 0) return { value: Number.NaN, forced };
  const rank = q * observations;
  let at = 0;
  while (at < last && !(counts[at]! >= rank)) at++;
  if (at === last) return { value: uppers[last - 1]!, forced };
  const upper = uppers[at]!;
  if (at === 0 && upper <= 0) return { value: upper, forced };
  const lower = at === 0 ? 0 : uppers[at - 1]!;
  const below = at === 0 ? 0 : counts[at - 1]!;
  const value = lower + (upper - lower) * ((rank - below) / (counts[at]! - below));
  return { value, forced };
}

function plain(value: number): ClassicQuantile {
  return { value, forced: null };
}

/** Raises counts that are below their predecessor's; tells where when a fall was more than rounding. */
function makeMonotonic({ uppers, counts, length }: ClassicBuckets): ForcedMonotonicity | null {
  let forced = null as ForcedMonotonicity | null;
  let previous = counts[0]!;
  for (let i = 1; i < length; i++) {
    const count = counts[i]!;
    if (count === previous) continue;
    // Far enough apart to be a step and no rounding: the usual case, without a division.
    if (count > previous * CLEARLY_MORE && previous > 0) {
      previous = count;
      continue;
    }
    if (almostEqual(previous, count)) counts[i] = previous;
    else if (count < previous) {
      counts[i] = previous;
      const maxFall = Math.max(previous - count, forced?.maxFall ?? 0);
      forced = { minBound: forced?.minBound ?? uppers[i]!, maxBound: uppers[i]!, maxFall };
    } else previous = count;
  }
  return forced;
}

function almostEqual(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < NORMAL_MIN) return difference < ROUNDING_TOLERANCE * NORMAL_MIN;
  return difference / Math.min(sum, Number.MAX_VALUE) < ROUNDING_TOLERANCE;
}

/** Share of the observations between two values, with linear interpolation inside buckets. */
export function classicFraction(lower: number, upper: number, buckets: ClassicBuckets): number {
  const last = buckets.length - 1;
  if (last < 0 || buckets.uppers[last] !== Infinity) return Number.NaN;
  const total = buckets.counts[last]!;
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  // Counts that fall from bucket to bucket may reach beyond the total.
  const below = (value: number): number => Math.min(total, rankOf(value, buckets, total));
  return (below(upper) - below(lower)) / total;
}

/** How many observations lie at or below `value`. */
function rankOf(value: number, { uppers, counts, length }: ClassicBuckets, total: number): number {
  let rank = 0;
  for (let i = 0; i < length; i++) {
    const upper = uppers[i]!;
    const count = counts[i]!;
    // The first bucket begins at zero unless its bound is not above it.
    const lower = i > 0 ? uppers[i - 1]! : upper > 0 ? 0 : -Infinity;
    if (lower >= value) return rank;
    if (upper > value) {
      if (upper === Infinity) return rank;
      return lower === -Infinity ? count : rank + ((count - rank) * (value - lower)) / (upper - lower);
    }
    rank = count;
  }
  return total;
}
