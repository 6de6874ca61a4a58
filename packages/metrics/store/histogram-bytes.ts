/** Native histograms as bytes (docs/format/metrics-wal.md). */
import type { BucketCounts, CounterResetHint, FloatHistogram } from '../model/histogram.ts';
import type { ByteWriter } from './column/byte-writer.ts';

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];
const FIXED_BYTES = 52;
const BUCKET_BYTES = 12;

export function histogramSizeBytes(h: FloatHistogram): number {
  return FIXED_BYTES + BUCKET_BYTES * (h.positive.counts.length + h.negative.counts.length) + 8 * h.customValues.length;
}

export function writeHistogram(out: ByteWriter, h: FloatHistogram): void {
  out.i32(h.schema);
  out.u32(HINTS.indexOf(h.counterResetHint));
  for (const value of [h.zeroThreshold, h.zeroCount, h.count, h.sum]) out.f64(value);
  out.u32(h.positive.counts.length);
  out.u32(h.negative.counts.length);
  out.u32(h.customValues.length);
  for (const side of [h.positive, h.negative]) {
    for (let i = 0; i < side.counts.length; i++) {
      out.i32(side.indexes[i]!);
      out.f64(side.counts[i]!);
    }
  }
  for (const bound of h.customValues) out.f64(bound);
}

export function readHistogram(view: DataView, at: number): FloatHistogram {
  const counts = { positive: view.getUint32(at + 40, true), negative: view.getUint32(at + 44, true) };
  const bounds = view.getUint32(at + 48, true);
  let p = at + FIXED_BYTES;
  const side = (count: number): BucketCounts => {
    const indexes = new Int32Array(count);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++, p += BUCKET_BYTES) {
      indexes[i] = view.getInt32(p, true);
      values[i] = view.getFloat64(p + 4, true);
    }
    return { indexes, counts: values };
  };
  const positive = side(counts.positive);
  const negative = side(counts.negative);
  const customValues = Array.from({ length: bounds }, (_, i) => view.getFloat64(p + 8 * i, true));
  return {
    schema: view.getInt32(at, true),
    counterResetHint: HINTS[view.getUint32(at + 4, true)] ?? 'unknown',
    zeroThreshold: view.getFloat64(at + 8, true),
    zeroCount: view.getFloat64(at + 16, true),
    count: view.getFloat64(at + 24, true),
    sum: view.getFloat64(at + 32, true),
    positive,
    negative,
    customValues,
  };
}
