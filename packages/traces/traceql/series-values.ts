/** The values of one series while spans arrive, one kind for each metrics function. */

import type { MetricsStage } from './ast.ts';
import type { Value } from './value.ts';

type Aggregation = Extract<MetricsStage, { kind: 'aggregation' }>;

export interface SeriesValues {
  add(bucket: number, value: number): void;
  /** The finished columns, each with the label that tells it from its sisters (`p`, `__bucket`), if there are several. */
  finish(stepSeconds: number): Iterable<readonly [readonly [string, Value] | undefined, Float64Array]>;
}

export function createSeriesValues(stage: Aggregation, buckets: number): SeriesValues {
  switch (stage.function) {
    case 'rate':
      return new Counts(buckets, true);
    case 'count_over_time':
      return new Counts(buckets, false);
    case 'min_over_time':
      return new Folded(buckets, Math.min);
    case 'max_over_time':
      return new Folded(buckets, Math.max);
    case 'sum_over_time':
      return new Folded(buckets, (a, b) => a + b);
    case 'avg_over_time':
      return new Averages(buckets);
    case 'quantile_over_time':
      return new Quantiles(buckets, stage.quantiles);
    case 'histogram_over_time':
      return new Histograms(buckets);
  }
}

class Counts implements SeriesValues {
  readonly #counts: Float64Array;
  readonly #perSecond: boolean;

  constructor(buckets: number, perSecond: boolean) {
    this.#counts = new Float64Array(buckets);
    this.#perSecond = perSecond;
  }

  add(bucket: number): void {
    this.#counts[bucket]! += 1;
  }

  finish(stepSeconds: number) {
    const values = this.#perSecond ? this.#counts.map((count) => count / stepSeconds) : this.#counts;
    return [[undefined, values] as const];
  }
}

class Folded implements SeriesValues {
  readonly #values: Float64Array;
  readonly #fold: (a: number, b: number) => number;

  constructor(buckets: number, fold: (a: number, b: number) => number) {
    this.#values = new Float64Array(buckets).fill(Number.NaN);
    this.#fold = fold;
  }

  add(bucket: number, value: number): void {
    const known = this.#values[bucket]!;
    this.#values[bucket] = Number.isNaN(known) ? value : this.#fold(known, value);
  }

  finish() {
    return [[undefined, this.#values] as const];
  }
}

class Averages implements SeriesValues {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;

  constructor(buckets: number) {
    this.#sums = new Float64Array(buckets);
    this.#counts = new Float64Array(buckets);
  }

  add(bucket: number, value: number): void {
    this.#sums[bucket]! += value;
    this.#counts[bucket]! += 1;
  }

  finish() {
    return [[undefined, this.#sums.map((sum, bucket) => sum / this.#counts[bucket]!)] as const];
  }
}

/**
 * Counts by power of two, as Tempo keeps them: the exponent of the smallest power that is not below the value. Values
 * of 0 and below share the lowest class.
 */
class PowerCounts {
  readonly #buckets: number;
  readonly byExponent = new Map<number, Float64Array>();

  constructor(buckets: number) {
    this.#buckets = buckets;
  }

  add(bucket: number, value: number): void {
    const exponent = value > 0 ? Math.ceil(Math.log2(value)) : LOWEST_EXPONENT;
    let counts = this.byExponent.get(exponent);
    if (counts === undefined) this.byExponent.set(exponent, (counts = new Float64Array(this.#buckets)));
    counts[bucket]! += 1;
  }

  get exponents(): number[] {
    return [...this.byExponent.keys()].sort((a, b) => a - b);
  }
}

/** 2^-64 seconds: below everything that a clock of nanoseconds can tell from 0. */
const LOWEST_EXPONENT = -64;

class Quantiles extends PowerCounts implements SeriesValues {
  readonly #quantiles: readonly number[];
  readonly #bucketCount: number;

  constructor(buckets: number, quantiles: readonly number[]) {
    super(buckets);
    this.#bucketCount = buckets;
    this.#quantiles = quantiles;
  }

  finish() {
    const { exponents } = this;
    return this.#quantiles.map((quantile) => {
      const values = new Float64Array(this.#bucketCount);
      for (let bucket = 0; bucket < values.length; bucket++)
        values[bucket] = this.#quantile(exponents, bucket, quantile);
      return [['p', quantile] as const, values] as const;
    });
  }

  /** Interpolates exponentially inside the class in which the quantile falls. */
  #quantile(exponents: readonly number[], bucket: number, quantile: number): number {
    let total = 0;
    for (const exponent of exponents) total += this.byExponent.get(exponent)![bucket]!;
    if (total === 0) return Number.NaN;
    const wanted = quantile * total;
    let below = 0;
    for (const exponent of exponents) {
      const count = this.byExponent.get(exponent)![bucket]!;
      if (count === 0) continue;
      if (below + count >= wanted) {
        return exponent === LOWEST_EXPONENT ? 0 : 2 ** (exponent - 1 + (wanted - below) / count);
      }
      below += count;
    }
    return 2 ** exponents.at(-1)!;
  }
}

class Histograms extends PowerCounts implements SeriesValues {
  finish() {
    return this.exponents.map(
      (exponent) =>
        [
          ['__bucket', exponent === LOWEST_EXPONENT ? 0 : 2 ** exponent] as const,
          this.byExponent.get(exponent)!,
        ] as const,
    );
  }
}
