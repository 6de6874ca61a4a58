/** Native histograms of the remote-write protocols (1.0 and 2.0 have the same fields). */
import type { BucketCounts, CounterResetHint, FloatHistogram } from '../model/histogram.ts';
import { WireError, type WireReader } from './wire-reader.ts';

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/** Buckets of one histogram: more than any schema fills in practice, little enough to allocate. */
const BUCKETS_MAX = 20_000;

export interface Side {
  /** Alternating offset and length. */
  readonly spans: number[];
  /** Differences between the counts of neighbouring buckets, for integer histograms. */
  readonly deltas: number[];
  readonly counts: number[];
}

export const newSide = (): Side => ({ spans: [], deltas: [], counts: [] });

export interface WrittenHistogram {
  readonly timestampMs: number;
  readonly histogram: FloatHistogram;
  readonly stale: boolean;
  /** Since when the series counts; 0 where that is not told. */
  readonly startMs: number;
}

export function readWrittenHistogram(reader: WireReader): WrittenHistogram {
  const numbers = { count: 0, sum: 0, schema: 0, zeroThreshold: 0, zeroCount: 0, hint: 0, timestampMs: 0, startMs: 0 };
  const positive = newSide();
  const negative = newSide();
  const customValues: number[] = [];
  let stale = false;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        numbers.count = reader.varint();
        break;
      case 2:
        numbers.count = reader.double();
        break;
      case 3:
        stale = reader.doubleIs(0x7ff00000, 2);
        numbers.sum = reader.double();
        break;
      case 4:
        numbers.schema = reader.sint();
        break;
      case 5:
        numbers.zeroThreshold = reader.double();
        break;
      case 6:
        numbers.zeroCount = reader.varint();
        break;
      case 7:
        numbers.zeroCount = reader.double();
        break;
      case 8:
        readSpan(reader.message(), negative.spans);
        break;
      case 9:
        reader.repeated((inner) => inner.sint(), negative.deltas);
        break;
      case 10:
        reader.repeated((inner) => inner.double(), negative.counts);
        break;
      case 11:
        readSpan(reader.message(), positive.spans);
        break;
      case 12:
        reader.repeated((inner) => inner.sint(), positive.deltas);
        break;
      case 13:
        reader.repeated((inner) => inner.double(), positive.counts);
        break;
      case 14:
        numbers.hint = reader.varint();
        break;
      case 15:
        numbers.timestampMs = reader.int64();
        break;
      case 16:
        reader.repeated((inner) => inner.double(), customValues);
        break;
      case 17:
        numbers.startMs = reader.int64();
        break;
      default:
        reader.skip();
    }
  }
  const { count, sum, schema, zeroThreshold, zeroCount } = numbers;
  const counterResetHint = HINTS[numbers.hint] ?? 'unknown';
  const histogram = { schema, zeroThreshold, zeroCount, count, sum, customValues, counterResetHint };
  return {
    timestampMs: numbers.timestampMs,
    histogram: { ...histogram, positive: toCounts(positive), negative: toCounts(negative) },
    stale,
    startMs: numbers.startMs,
  };
}

export function readSpan(reader: WireReader, spans: number[]): void {
  let offset = 0;
  let length = 0;
  while (reader.next()) {
    if (reader.field === 1) offset = reader.sint();
    else if (reader.field === 2) length = reader.varint();
    else reader.skip();
  }
  spans.push(offset, length);
}

/** Buckets by index, from spans with differences or absolute counts. */
export function toCounts({ spans, deltas, counts }: Side): BucketCounts {
  const indexes: number[] = [];
  let index = 0;
  for (let s = 0; s < spans.length; s += 2) {
    index += spans[s]!;
    if (indexes.length + spans[s + 1]! > BUCKETS_MAX)
      throw new WireError(`a histogram with more than ${BUCKETS_MAX} buckets`);
    for (let n = spans[s + 1]!; n > 0; n--) indexes.push(index++);
  }
  let absolute = counts;
  if (counts.length === 0) {
    let running = 0;
    absolute = deltas.map((delta) => (running += delta));
  }
  if (indexes.length !== absolute.length) {
    throw new WireError(
      `spans need ${indexes.length} buckets, have ${absolute.length} buckets: histogram spans specify different number of buckets than provided`,
    );
  }
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(absolute) };
}
