/** Writes series as remote read and remote write 1.0 send them (prometheus.TimeSeries). */
import { WireWriter } from '@mario/otlp';
import type { BucketCounts, FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { SeriesSamples } from '../queryable.ts';

/** Patterns of NaN that readers tell apart (model/value). */
const STALE_NAN = 0x7ff0000000000002n;
const NORMAL_NAN = 0x7ff8000000000001n;

const HINTS = { unknown: 0, reset: 1, not_reset: 2, gauge: 3 } as const;

/** Where the samples of a time range (both ends inclusive) stand. */
export function positionsBetween(
  { timestamps, from, to }: SeriesSamples,
  startMs: number,
  endMs: number,
): { readonly from: number; readonly to: number } {
  const first = firstAtOrAfter(timestamps, from, to, startMs);
  return { from: first, to: firstAtOrAfter(timestamps, first, to, endMs + 1) };
}

function firstAtOrAfter(timestamps: Float64Array, from: number, to: number, timeMs: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class SeriesEncoder {
  readonly #writer = new WireWriter();

  /** One series as field `field` of the message around it, with the samples from `from` to before `to`. */
  encode(field: number, labels: Labels, samples: SeriesSamples, from: number, to: number): Buffer {
    const writer = this.#writer;
    const series = writer.begin(field);
    for (const [name, value] of labels) {
      const label = writer.begin(1);
      writer.string(1, name);
      writer.string(2, value);
      writer.end(label);
    }
    this.#samples(samples, from, to);
    writer.end(series);
    return writer.take();
  }

  #samples({ timestamps, values, stale, histograms }: SeriesSamples, from: number, to: number): void {
    const writer = this.#writer;
    // A marker stands among histograms as a histogram and among floats as a float: what came before it tells.
    let amongHistograms = histograms?.some((each) => each !== undefined) ?? false;
    let s = 0;
    for (let at = from; at < to; at++) {
      while (stale !== null && s < stale.length && stale[s]! < at) s++;
      const isStale = stale !== null && stale[s] === at;
      const histogram = isStale ? undefined : histograms?.[at];
      if (!isStale) amongHistograms = histogram !== undefined;
      if (histogram !== undefined) this.#histogram(histogram, timestamps[at]!);
      else if (isStale && amongHistograms) this.#staleHistogram(timestamps[at]!);
      else {
        const sample = writer.begin(2);
        const value = values[at]!;
        if (isStale) writer.word64Always(1, STALE_NAN);
        else if (Number.isNaN(value)) writer.word64Always(1, NORMAL_NAN);
        else if (!Object.is(value, 0)) writer.double(1, value);
        if (timestamps[at] !== 0) writer.int64(2, timestamps[at]!);
        writer.end(sample);
      }
    }
  }

  #staleHistogram(timestampMs: number): void {
    const writer = this.#writer;
    const message = writer.begin(4);
    writer.word64Always(3, STALE_NAN);
    writer.int64(15, timestampMs);
    writer.end(message);
  }

  /** Whole counts go as an integer histogram, which is what the real server keeps of almost all sources. */
  #histogram(histogram: FloatHistogram, timestampMs: number): void {
    const writer = this.#writer;
    const whole = isWhole(histogram);
    const message = writer.begin(4);
    if (whole) writer.int64(1, histogram.count);
    else writer.double(2, histogram.count);
    if (Number.isNaN(histogram.sum)) writer.word64Always(3, NORMAL_NAN);
    else writer.double(3, histogram.sum);
    writer.sint32(4, histogram.schema);
    writer.double(5, histogram.zeroThreshold);
    if (whole) writer.int64(6, histogram.zeroCount);
    else writer.double(7, histogram.zeroCount);
    this.#buckets(8, histogram.negative, whole);
    this.#buckets(11, histogram.positive, whole);
    writer.u32(14, HINTS[histogram.counterResetHint]);
    writer.int64(15, timestampMs);
    this.#packed(16, histogram.customValues, (value) => writer.rawDouble(value));
    writer.end(message);
  }

  /** Spans at `field`; after them differences between neighbours (whole counts) or the counts themselves. */
  #buckets(field: number, { indexes, counts }: BucketCounts, whole: boolean): void {
    const writer = this.#writer;
    let end = 0;
    for (let i = 0; i < indexes.length; ) {
      let length = 1;
      while (i + length < indexes.length && indexes[i + length] === indexes[i]! + length) length++;
      const span = writer.begin(field);
      writer.sint32(1, indexes[i]! - end);
      writer.u32(2, length);
      writer.end(span);
      end = indexes[i]! + length;
      i += length;
    }
    let before = 0;
    if (whole) {
      this.#packed(field + 1, counts, (count) => {
        const difference = count - before;
        before = count;
        writer.varint(difference < 0 ? -2 * difference - 1 : 2 * difference);
      });
    } else this.#packed(field + 2, counts, (count) => writer.rawDouble(count));
  }

  #packed(field: number, values: ArrayLike<number>, write: (value: number) => void): void {
    if (values.length === 0) return;
    const list = this.#writer.begin(field);
    for (let i = 0; i < values.length; i++) write(values[i]!);
    this.#writer.end(list);
  }
}

/** Whether every count is a whole number small enough for its differences to be exact. */
export function isWhole({ count, zeroCount, positive, negative }: FloatHistogram): boolean {
  const fits = (value: number) => value >= 0 && value < 2 ** 51 && Number.isInteger(value);
  return fits(count) && fits(zeroCount) && positive.counts.every(fits) && negative.counts.every(fits);
}
