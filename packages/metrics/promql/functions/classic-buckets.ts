// Classic histograms: cumulative counts by the label `le`.

export interface ClassicBucket {
  readonly upper: number;
  /** Cumulative. */
  count: number;
}

export interface ClassicQuantile {
  readonly value: number;
  /** Counts fell from one bucket to the next by more than rounding explains. */
  readonly forcedMonotonic: boolean;
}

/** Relative difference that is taken for rounding. */
const ROUNDING_TOLERANCE = 1e-12;
const NORMAL_MIN = 2.2250738585072014e-308;

/** Quantile of buckets sorted by bound with unique bounds; the counts may be changed. */
export function classicQuantile(q: number, buckets: readonly ClassicBucket[]): ClassicQuantile {
  const plain = (value: number): ClassicQuantile => ({ value, forcedMonotonic: false });
  if (Number.isNaN(q)) return plain(Number.NaN);
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  const last = buckets.length - 1;
  if (last < 0 || buckets[last]!.upper !== Infinity) return plain(Number.NaN);
  const forcedMonotonic = makeMonotonic(buckets);
  const observations = buckets[last]!.count;
  if (last < 1 || observations === 0 || Number.isNaN(observations)) return { value: Number.NaN, forcedMonotonic };
  let rank = q * observations;
  let at = 0;
  while (at < last && !(buckets[at]!.count >= rank)) at++;
  if (at === last) return { value: buckets[last - 1]!.upper, forcedMonotonic };
  const upper = buckets[at]!.upper;
  if (at === 0 && upper <= 0) return { value: upper, forcedMonotonic };
  const below = at === 0 ? { upper: 0, count: 0 } : buckets[at - 1]!;
  const count = buckets[at]!.count - below.count;
  rank -= below.count;
  return { value: below.upper + (upper - below.upper) * (rank / count), forcedMonotonic };
}

/** Raises counts that are below their predecessor's; true when a fall was more than rounding. */
function makeMonotonic(buckets: readonly ClassicBucket[]): boolean {
  let forced = false;
  let previous = buckets[0]!.count;
  for (const bucket of buckets) {
    if (bucket.count === previous) continue;
    if (almostEqual(previous, bucket.count)) bucket.count = previous;
    else if (bucket.count < previous) {
      bucket.count = previous;
      forced = true;
    } else previous = bucket.count;
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
export function classicFraction(lower: number, upper: number, buckets: readonly ClassicBucket[]): number {
  const last = buckets.length - 1;
  if (last < 0 || buckets[last]!.upper !== Infinity) return Number.NaN;
  makeMonotonic(buckets);
  const total = buckets[last]!.count;
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets, total) - rankOf(lower, buckets, total)) / total;
}

/** How many observations lie at or below `value`. */
function rankOf(value: number, buckets: readonly ClassicBucket[], total: number): number {
  let rank = 0;
  for (let i = 0; i < buckets.length; i++) {
    const { upper, count } = buckets[i]!;
    // The first bucket begins at zero unless its bound is not above it.
    const lower = i > 0 ? buckets[i - 1]!.upper : upper > 0 ? 0 : -Infinity;
    if (lower >= value) return rank;
    if (upper > value) {
      if (upper === Infinity) return rank;
      return lower === -Infinity ? count : rank + ((count - rank) * (value - lower)) / (upper - lower);
    }
    rank = count;
  }
  return total;
}
