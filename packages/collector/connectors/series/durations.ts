// How long something took, as the points of a histogram with explicit or exponential buckets.
import type { ExemplarInput, MetricBatchBuilder, ValueInput } from '@mario/otlp';
import { ExponentialHistogram } from './exponential-histogram.ts';
import type { Series } from './series-table.ts';

/** The bounds of both of the real Collector's connectors. */
export const defaultBoundsMs: readonly number[] = [
  2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000,
];

export interface DurationShape {
  /** Upper bounds, inclusive; undefined for exponential histograms. */
  readonly bounds: readonly number[] | undefined;
  /** Buckets of an exponential histogram. */
  readonly sizeMax: number;
}

export class Durations {
  count = 0;
  sum = 0;
  readonly buckets: number[];
  readonly exponential: ExponentialHistogram | undefined;
  readonly exemplars: ExemplarInput[] = [];
  readonly #bounds: readonly number[];

  constructor({ bounds, sizeMax }: DurationShape) {
    this.#bounds = bounds ?? [];
    this.buckets = bounds === undefined ? [] : new Array<number>(bounds.length + 1).fill(0);
    this.exponential = bounds === undefined ? new ExponentialHistogram(sizeMax) : undefined;
  }

  /** `value` must not be negative. */
  add(value: number): void {
    this.count++;
    this.sum += value;
    if (this.exponential === undefined) this.buckets[bucketOf(this.#bounds, value)]! += 1;
    else this.exponential.add(value);
  }
}

/** The dimensions and times of a series' point. */
export interface PointPlace {
  readonly attributes: ReadonlyMap<string, ValueInput>;
  readonly startNs: bigint;
  readonly timeNs: bigint;
}

export function writeDurations<T>(
  builder: MetricBatchBuilder,
  metric: { readonly name: string; readonly unit: string; readonly temporality: 'delta' | 'cumulative' },
  series: readonly Series<T>[],
  durationsOf: (value: T) => Durations,
  shape: DurationShape,
  place: (series: Series<T>) => PointPlace,
): void {
  const { bounds } = shape;
  const distribution = (each: Series<T>) => {
    const { count, sum, exemplars } = durationsOf(each.value);
    return { ...place(each), count, sum, exemplars };
  };
  if (bounds !== undefined) {
    builder.histogram(
      metric,
      series.map((each) => ({ ...distribution(each), bounds, buckets: durationsOf(each.value).buckets })),
    );
    return;
  }
  builder.exponentialHistogram(
    metric,
    series.map((each) => {
      const { scale, zeroCount, first, counts } = durationsOf(each.value).exponential!;
      return { ...distribution(each), scale, zeroCount, positive: { first, counts } };
    }),
  );
}

/** What a span took; one that ends before it starts (clocks!) took no time. */
export function elapsedMs(batch: { readonly startNs: BigUint64Array; readonly endNs: BigUint64Array }, span: number) {
  return Math.max(0, Number(batch.endNs[span]! - batch.startNs[span]!)) / 1e6;
}

function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
