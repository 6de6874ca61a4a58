// Sums and differences of native histograms, with the notes that the query language turns into annotations.
import {
  type BucketCounts,
  type CounterResetHint,
  divideHistogram,
  EMPTY_HISTOGRAM,
  type FloatHistogram,
  mapCounts,
  scaleHistogram,
} from './histogram.ts';
import { alignHistograms } from './histogram-layout.ts';

export interface HistogramResult {
  readonly histogram: FloatHistogram;
  /** One side says "reset", the other "not reset". */
  readonly hintsCollide: boolean;
  /** Custom bounds differed and were merged. */
  readonly boundsReconciled: boolean;
}

/** a + b; null when one has custom and the other exponential buckets. */
export function addHistograms(a: FloatHistogram, b: FloatHistogram): HistogramResult | null {
  return combine(a, b, 1);
}

/** a - b; null when one has custom and the other exponential buckets. */
export function subtractHistograms(a: FloatHistogram, b: FloatHistogram): HistogramResult | null {
  return combine(a, b, -1);
}

function combine(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): HistogramResult | null {
  const pair = alignHistograms(a, b);
  if (pair === null) return null;
  const { left, right } = pair;
  const { hint, collide } = joinHints(a.counterResetHint, b.counterResetHint);
  return {
    histogram: {
      ...left,
      zeroCount: left.zeroCount + sign * right.zeroCount,
      count: left.count + sign * right.count,
      sum: left.sum + sign * right.sum,
      positive: mergeCounts(left.positive, right.positive, sign),
      negative: mergeCounts(left.negative, right.negative, sign),
      counterResetHint: hint,
    },
    hintsCollide: collide,
    boundsReconciled: pair.boundsReconciled,
  };
}

/** The hint of a sum: gauge wins, then unknown; "reset" against "not reset" is unknown and worth a warning. */
export function joinHints(a: CounterResetHint, b: CounterResetHint): { hint: CounterResetHint; collide: boolean } {
  if (a === b) return { hint: a, collide: false };
  if (a === 'gauge' || b === 'gauge') return { hint: 'gauge', collide: false };
  return { hint: 'unknown', collide: a !== 'unknown' && b !== 'unknown' };
}

function mergeCounts(a: BucketCounts, b: BucketCounts, sign: 1 | -1): BucketCounts {
  if (b.indexes.length === 0) return a;
  if (a.indexes.length === 0) return sign === 1 ? b : mapCounts(b, (count) => -count);
  if (sameIndexes(a.indexes, b.indexes)) {
    return { indexes: a.indexes, counts: a.counts.map((count, i) => count + sign * b.counts[i]!) };
  }
  const indexes = new Int32Array(a.indexes.length + b.indexes.length);
  const counts = new Float64Array(indexes.length);
  let n = 0;
  for (let i = 0, j = 0; i < a.indexes.length || j < b.indexes.length; n++) {
    const left = i < a.indexes.length ? a.indexes[i]! : Infinity;
    const right = j < b.indexes.length ? b.indexes[j]! : Infinity;
    indexes[n] = Math.min(left, right);
    counts[n] = (left <= right ? a.counts[i]! : 0) + (right <= left ? sign * b.counts[j]! : 0);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return { indexes: indexes.slice(0, n), counts: counts.slice(0, n) };
}

function sameIndexes(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Running sum of histograms with compensated (Neumaier) addition, as sum() and avg() need it. */
export class HistogramSum {
  #sum: FloatHistogram;
  #compensation: FloatHistogram;
  hintsCollided = false;
  boundsReconciled = false;

  constructor(first: FloatHistogram) {
    this.#sum = first;
    this.#compensation = zeroLike(first);
  }

  /** False when the histogram has another kind of buckets than the sum; the sum is then of no use. */
  add(next: FloatHistogram): boolean {
    const pair = alignHistograms(this.#sum, next);
    if (pair === null) return false;
    const { left, right } = pair;
    const compensation = alignHistograms(left, this.#compensation)!.right;
    const { hint, collide } = joinHints(left.counterResetHint, right.counterResetHint);
    if (collide) this.hintsCollided = true;
    if (pair.boundsReconciled) this.boundsReconciled = true;
    const count = compensated(left.count, right.count, compensation.count);
    const sum = compensated(left.sum, right.sum, compensation.sum);
    const zero = compensated(left.zeroCount, right.zeroCount, compensation.zeroCount);
    const positive = compensatedCounts(left.positive, right.positive, compensation.positive);
    const negative = compensatedCounts(left.negative, right.negative, compensation.negative);
    this.#sum = {
      ...left,
      count: count[0],
      sum: sum[0],
      zeroCount: zero[0],
      positive: positive[0],
      negative: negative[0],
      counterResetHint: hint,
    };
    this.#compensation = {
      ...zeroLike(left),
      count: count[1],
      sum: sum[1],
      zeroCount: zero[1],
      positive: positive[1],
      negative: negative[1],
    };
    return true;
  }

  /** Scales the running sum (for an incremental mean). */
  scale(factor: number): void {
    this.#sum = scaleHistogram(this.#sum, factor);
    this.#compensation = scaleHistogram(this.#compensation, factor);
  }

  /** Adds unless some number of the sum would become infinite; false then, with the sum as it was. */
  addFinite(next: FloatHistogram): boolean {
    const before = [this.#sum, this.#compensation] as const;
    this.add(next);
    if (!isInfinite(this.#sum)) return true;
    [this.#sum, this.#compensation] = before;
    return false;
  }

  value(): FloatHistogram {
    const c = this.#compensation;
    const s = this.#sum;
    return {
      ...s,
      count: s.count + c.count,
      sum: s.sum + c.sum,
      zeroCount: s.zeroCount + c.zeroCount,
      positive: mergeCounts(s.positive, c.positive, 1),
      negative: mergeCounts(s.negative, c.negative, 1),
    };
  }
}

function isInfinite({ count, sum, zeroCount, positive, negative }: FloatHistogram): boolean {
  const infinite = (value: number): boolean => value === Infinity || value === -Infinity;
  return [count, sum, zeroCount].some(infinite) || positive.counts.some(infinite) || negative.counts.some(infinite);
}

/**
 * The mean of histograms of one kind of buckets: from their sum while that is finite, incrementally from where it
 * would overflow.
 */
export function averageHistograms(histograms: readonly FloatHistogram[]): {
  readonly mean: FloatHistogram;
  readonly boundsReconciled: boolean;
} {
  const sum = new HistogramSum(histograms[0]!);
  let incremental = false;
  for (let i = 1; i < histograms.length; i++) {
    if (!incremental && sum.addFinite(histograms[i]!)) continue;
    if (!incremental) sum.scale(1 / i);
    incremental = true;
    sum.scale(i / (i + 1));
    sum.add(divideHistogram(histograms[i]!, i + 1));
  }
  const { boundsReconciled } = sum;
  const total = sum.value();
  return { mean: incremental ? total : divideHistogram(total, histograms.length), boundsReconciled };
}

function zeroLike(h: FloatHistogram): FloatHistogram {
  const { schema, zeroThreshold, customValues } = h;
  return { ...EMPTY_HISTOGRAM, schema, zeroThreshold, customValues, counterResetHint: h.counterResetHint };
}

/** One step of Neumaier's summation: [sum, compensation]. */
function compensated(sum: number, increment: number, compensation: number): [number, number] {
  const next = sum + increment;
  if (!Number.isFinite(next)) return [next, 0];
  const lost = Math.abs(sum) >= Math.abs(increment) ? sum - next + increment : increment - next + sum;
  return [next, compensation + lost];
}

function compensatedCounts(a: BucketCounts, b: BucketCounts, c: BucketCounts): [BucketCounts, BucketCounts] {
  const indexes = mergeCounts(mergeCounts(a, b, 1), c, 1).indexes;
  const sums = new Float64Array(indexes.length);
  const rests = new Float64Array(indexes.length);
  const at = [0, 0, 0];
  const take = (buckets: BucketCounts, which: number, index: number): number =>
    at[which]! < buckets.indexes.length && buckets.indexes[at[which]!] === index ? buckets.counts[at[which]!++]! : 0;
  indexes.forEach((index, i) => {
    [sums[i], rests[i]] = compensated(take(a, 0, index), take(b, 1, index), take(c, 2, index));
  });
  return [
    { indexes, counts: sums },
    { indexes, counts: rests },
  ];
}
