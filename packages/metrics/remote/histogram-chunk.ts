/**
 * Chunks of native histograms as the real server's clients read them (tsdb/docs/format/chunks.md, "Histogram chunk data"
 * and "Float histogram chunk data"). All histograms of a chunk have one layout: the buckets that any of them has.
 */
import { type BucketCounts, type FloatHistogram, usesCustomBuckets } from '../model/histogram.ts';
import type { BitWriter } from './bit-writer.ts';
import { XorValue } from './xor-value.ts';

/** `undefined` is a staleness marker; behind one, nothing but further ones may stand in a chunk. */
export interface HistogramRun {
  readonly timestamps: readonly number[];
  readonly histograms: readonly (FloatHistogram | undefined)[];
  /** Whether all counts are whole numbers below 2^51, so that changes of differences are exact. */
  readonly whole: boolean;
  readonly reset: 'unknown' | 'reset' | 'gauge';
}

const RESET_BITS = { unknown: 0b00, reset: 0b10, gauge: 0b11 } as const;

/** Bounds in thousandths take a variable number up to this; it is what four bytes hold. */
const BOUND_THOUSANDTHS_MAX = 33_554_430;

interface Layout {
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

export function encodeHistogramChunk(writer: BitWriter, run: HistogramRun): Uint8Array {
  const { timestamps, histograms } = run;
  writer.bits(timestamps.length, 16);
  writer.bits(RESET_BITS[run.reset] << 6, 8);
  const layout = { positive: allIndexes(histograms, 'positive'), negative: allIndexes(histograms, 'negative') };
  writeLayout(writer, histograms[0], layout);
  if (run.whole) writeWhole(writer, run, layout);
  else writeFloats(writer, run, layout);
  return writer.take();
}

function allIndexes(
  histograms: readonly (FloatHistogram | undefined)[],
  side: 'positive' | 'negative',
): readonly number[] {
  const indexes = new Set<number>();
  for (const histogram of histograms) for (const index of histogram?.[side].indexes ?? []) indexes.add(index);
  return [...indexes].sort((a, b) => a - b);
}

function writeLayout(writer: BitWriter, histogram: FloatHistogram | undefined, layout: Layout): void {
  writeZeroThreshold(writer, histogram?.zeroThreshold ?? 0);
  writer.varbitInt(histogram?.schema ?? 0);
  writeSpans(writer, layout.positive);
  writeSpans(writer, layout.negative);
  if (histogram === undefined || !usesCustomBuckets(histogram)) return;
  writer.varbitUint(histogram.customValues.length);
  for (const bound of histogram.customValues) writeBound(writer, bound);
}

/** A power of two as its exponent in a byte, anything else behind 255. */
function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  if (threshold === 0) {
    writer.bits(0, 8);
    return;
  }
  const exponent = Math.log2(threshold);
  // 2^exponent is 0.5 · 2^(exponent + 1), of which the format counts.
  if (Number.isInteger(exponent) && 2 ** exponent === threshold && exponent >= -243 && exponent <= 10) {
    writer.bits(exponent + 1 + 243, 8);
    return;
  }
  writer.bits(255, 8);
  new XorValue().first(writer, threshold, false);
}

function writeSpans(writer: BitWriter, indexes: readonly number[]): void {
  const spans: { readonly offset: number; readonly length: number }[] = [];
  let end = 0;
  for (let i = 0; i < indexes.length; ) {
    let length = 1;
    while (i + length < indexes.length && indexes[i + length] === indexes[i]! + length) length++;
    spans.push({ offset: indexes[i]! - end, length });
    end = indexes[i]! + length;
    i += length;
  }
  writer.varbitUint(spans.length);
  for (const { offset, length } of spans) {
    writer.varbitUint(length);
    writer.varbitInt(offset);
  }
}

function writeBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  if (bound >= 0 && bound * 1000 <= BOUND_THOUSANDTHS_MAX && thousandths / 1000 === bound) {
    writer.varbitUint(thousandths + 1);
    return;
  }
  writer.bits(0, 1);
  new XorValue().first(writer, bound, false);
}

/** The counts of all buckets of the layout. */
function denseCounts({ indexes, counts }: BucketCounts, layout: readonly number[]): number[] {
  let at = 0;
  return layout.map((index) => (indexes[at] === index ? counts[at++]! : 0));
}

/** Differences between neighbours. */
function denseDifferences(buckets: BucketCounts, layout: readonly number[]): number[] {
  let before = 0;
  return denseCounts(buckets, layout).map((count) => {
    const difference = count - before;
    before = count;
    return difference;
  });
}

/** A whole number over time: in full, then changes of its change. */
class WholeValue {
  #value = 0;
  #change = 0;

  first(value: number): number {
    this.#value = value;
    return value;
  }

  next(value: number): number {
    const change = value - this.#value;
    const changeOfChange = change - this.#change;
    this.#value = value;
    this.#change = change;
    return changeOfChange;
  }
}

function writeWhole(writer: BitWriter, { timestamps, histograms }: HistogramRun, layout: Layout): void {
  const [time, count, zeroCount, sum] = [new WholeValue(), new WholeValue(), new WholeValue(), new XorValue()];
  const buckets = Array.from({ length: layout.positive.length + layout.negative.length }, () => new WholeValue());
  histograms.forEach((histogram, i) => {
    const isFirst = i === 0;
    writer.varbitInt(isFirst ? time.first(timestamps[i]!) : time.next(timestamps[i]!));
    if (histogram === undefined) {
      writer.bits(0, 2);
      if (isFirst) sum.first(writer, 0, true);
      else sum.next(writer, 0, true);
      return;
    }
    const differences = [
      ...denseDifferences(histogram.positive, layout.positive),
      ...denseDifferences(histogram.negative, layout.negative),
    ];
    if (isFirst) {
      writer.varbitUint(count.first(histogram.count));
      writer.varbitUint(zeroCount.first(histogram.zeroCount));
      sum.first(writer, histogram.sum, false);
      for (const [b, value] of differences.entries()) writer.varbitInt(buckets[b]!.first(value));
    } else {
      writer.varbitInt(count.next(histogram.count));
      writer.varbitInt(zeroCount.next(histogram.zeroCount));
      sum.next(writer, histogram.sum, false);
      for (const [b, value] of differences.entries()) writer.varbitInt(buckets[b]!.next(value));
    }
  });
}

function writeFloats(writer: BitWriter, { timestamps, histograms }: HistogramRun, layout: Layout): void {
  const time = new WholeValue();
  const [count, zeroCount, sum] = [new XorValue(), new XorValue(), new XorValue()];
  const buckets = Array.from({ length: layout.positive.length + layout.negative.length }, () => new XorValue());
  histograms.forEach((histogram, i) => {
    const step = i === 0 ? 'first' : 'next';
    writer.varbitInt(time[step](timestamps[i]!));
    count[step](writer, histogram?.count ?? 0, false);
    zeroCount[step](writer, histogram?.zeroCount ?? 0, false);
    sum[step](writer, histogram?.sum ?? 0, histogram === undefined);
    if (histogram === undefined) return;
    const counts = [
      ...denseCounts(histogram.positive, layout.positive),
      ...denseCounts(histogram.negative, layout.negative),
    ];
    for (const [b, value] of counts.entries()) buckets[b]![step](writer, value, false);
  });
}
