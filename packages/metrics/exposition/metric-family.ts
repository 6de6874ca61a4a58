/** Messages of io.prometheus.client (metrics.proto of client_model), as far as samples are made of them. */
import { type BucketCounts, EXPONENTIAL_SCHEMA_MIN, type FloatHistogram } from '../model/histogram.ts';
import type { MetricMetadata } from '../queryable.ts';
import { WireError, type WireReader } from '../remote/wire-reader.ts';
import { newSide, readSpan, type Side, toCounts } from '../remote/write-histogram.ts';

/** By the number of `MetricType`. */
export const FAMILY_TYPES: readonly MetricMetadata['type'][] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];

/** Finer ones are reserved; those above 8 are made coarser by the limits of the scrape. */
const SCHEMA_MAX = 52;

export interface ProtoExemplar {
  readonly pairs: readonly (readonly [string, string])[];
  readonly value: number;
  readonly timestampMs: number | undefined;
}

export interface ProtoBucket {
  readonly upper: number;
  readonly count: number;
  readonly exemplar: ProtoExemplar | undefined;
}

export interface ProtoHistogram {
  readonly count: number;
  readonly sum: number;
  readonly startMs: number;
  readonly buckets: readonly ProtoBucket[];
  /** Of the native part; undefined when there is none. */
  readonly native: FloatHistogram | undefined;
  readonly exemplars: readonly ProtoExemplar[];
}

export interface ProtoSummary {
  readonly count: number;
  readonly sum: number;
  readonly startMs: number;
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
}

export interface ProtoNumber {
  readonly value: number;
  readonly exemplar: ProtoExemplar | undefined;
  readonly startMs: number;
}

export function readLabelPair(reader: WireReader): [string, string] {
  let name = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  return [name, value];
}

/** A Gauge, Counter or Untyped. */
export function readNumber(reader: WireReader): ProtoNumber {
  let value = 0;
  let exemplar: ProtoExemplar | undefined;
  let startMs = 0;
  while (reader.next()) {
    if (reader.field === 1) value = reader.double();
    else if (reader.field === 2) exemplar = readExemplar(reader.message());
    else if (reader.field === 3) startMs = readTimestampMs(reader.message());
    else reader.skip();
  }
  return { value, exemplar, startMs };
}

export function readSummary(reader: WireReader): ProtoSummary {
  let count = 0;
  let sum = 0;
  let startMs = 0;
  const quantiles: [number, number][] = [];
  while (reader.next()) {
    if (reader.field === 1) count = reader.varint();
    else if (reader.field === 2) sum = reader.double();
    else if (reader.field === 3) quantiles.push(readQuantile(reader.message()));
    else if (reader.field === 4) startMs = readTimestampMs(reader.message());
    else reader.skip();
  }
  return { count, sum, startMs, quantiles };
}

export interface HistogramReading {
  readonly isGauge: boolean;
  /** Else the native part is passed over, valid or not. */
  readonly nativeHistograms: boolean;
}

export function readHistogram(reader: WireReader, { isGauge, nativeHistograms }: HistogramReading): ProtoHistogram {
  const whole = { count: 0, floatCount: 0, sum: 0, schema: 0, zeroThreshold: 0, zeroCount: 0, floatZeroCount: 0 };
  const positive = newSide();
  const negative = newSide();
  const buckets: ProtoBucket[] = [];
  const exemplars: ProtoExemplar[] = [];
  let startMs = 0;
  while (reader.next()) {
    if (reader.field === 1) whole.count = reader.varint();
    else if (reader.field === 4) whole.floatCount = reader.double();
    else if (reader.field === 2) whole.sum = reader.double();
    else if (reader.field === 3) buckets.push(readBucket(reader.message()));
    else if (reader.field === 5) whole.schema = reader.sint();
    else if (reader.field === 6) whole.zeroThreshold = reader.double();
    else if (reader.field === 7) whole.zeroCount = reader.varint();
    else if (reader.field === 8) whole.floatZeroCount = reader.double();
    else if (reader.field === 15) startMs = readTimestampMs(reader.message());
    else if (reader.field === 16) exemplars.push(readExemplar(reader.message()));
    else if (!readSideField(reader, positive, negative)) reader.skip();
  }
  const { sum } = whole;
  const count = whole.floatCount === 0 ? whole.count : whole.floatCount;
  // A native histogram without observations has a threshold, or a span that is empty, to be told from a classic one.
  const isNative =
    positive.spans.length > 0 || negative.spans.length > 0 || whole.zeroThreshold > 0 || whole.zeroCount > 0;
  const native = isNative && nativeHistograms ? nativeOf(whole, positive, negative, isGauge) : undefined;
  return { count, sum, startMs, buckets, native, exemplars };
}

interface WholeHistogram {
  readonly count: number;
  readonly floatCount: number;
  readonly sum: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly floatZeroCount: number;
}

function nativeOf(whole: WholeHistogram, positive: Side, negative: Side, isGauge: boolean): FloatHistogram {
  const { schema, sum, zeroThreshold, floatCount, floatZeroCount } = whole;
  const isFloat = floatCount > 0 || floatZeroCount > 0;
  const side = (each: Side) => filled(toCounts(isFloat ? { ...each, deltas: [] } : { ...each, counts: [] }));
  const histogram: FloatHistogram = {
    ...{ schema, zeroThreshold, sum, customValues: [] },
    count: isFloat ? floatCount : whole.count,
    zeroCount: isFloat ? floatZeroCount : whole.zeroCount,
    positive: side(positive),
    negative: side(negative),
    counterResetHint: isGauge ? 'gauge' : 'unknown',
  };
  checkCounts(histogram, isFloat);
  return histogram;
}

/** What the real server refuses when it stores a histogram. */
function checkCounts({ schema, count, sum, zeroCount, positive, negative }: FloatHistogram, isFloat: boolean): void {
  if (schema < EXPONENTIAL_SCHEMA_MIN || schema > SCHEMA_MAX)
    throw new WireError(`histogram has an unknown schema ${schema}`);
  let observed = zeroCount;
  for (const { indexes, counts } of [positive, negative]) {
    if (indexes.some((index, i) => index <= (indexes[i - 1] ?? -Infinity)))
      throw new WireError('a span of a histogram begins before the end of another');
    for (const each of counts) {
      if (each < 0) throw new WireError(`a bucket of a histogram has ${each} observations`);
      observed += each;
    }
  }
  // Sums of fractions are not exact.
  if (isFloat) return;
  // Observations of NaN are counted and are in no bucket.
  const fits = Number.isNaN(sum) ? observed <= count : observed === count;
  if (!fits)
    throw new WireError(`${observed} observations found in buckets, but the count of the histogram is ${count}`);
}

function readSideField(reader: WireReader, positive: Side, negative: Side): boolean {
  const { field } = reader;
  const side = field >= 9 && field <= 11 ? negative : field >= 12 && field <= 14 ? positive : undefined;
  if (side === undefined) return false;
  const kind = (field - 9) % 3;
  if (kind === 0) readSpan(reader.message(), side.spans);
  else if (kind === 1) reader.repeated((inner) => inner.sint(), side.deltas);
  else reader.repeated((inner) => inner.double(), side.counts);
  return true;
}

/** Buckets that hold nothing are left out. */
function filled(buckets: BucketCounts): BucketCounts {
  if (!buckets.counts.includes(0)) return buckets;
  const at = Array.from(buckets.indexes.keys()).filter((i) => buckets.counts[i] !== 0);
  return {
    indexes: Int32Array.from(at, (i) => buckets.indexes[i]!),
    counts: Float64Array.from(at, (i) => buckets.counts[i]!),
  };
}

function readBucket(reader: WireReader): ProtoBucket {
  let count = 0;
  let floatCount = 0;
  let upper = 0;
  let exemplar: ProtoExemplar | undefined;
  while (reader.next()) {
    if (reader.field === 1) count = reader.varint();
    else if (reader.field === 4) floatCount = reader.double();
    else if (reader.field === 2) upper = reader.double();
    else if (reader.field === 3) exemplar = readExemplar(reader.message());
    else reader.skip();
  }
  return { upper, count: floatCount === 0 ? count : floatCount, exemplar };
}

function readQuantile(reader: WireReader): [number, number] {
  let quantile = 0;
  let value = 0;
  while (reader.next()) {
    if (reader.field === 1) quantile = reader.double();
    else if (reader.field === 2) value = reader.double();
    else reader.skip();
  }
  return [quantile, value];
}

function readExemplar(reader: WireReader): ProtoExemplar {
  const pairs: [string, string][] = [];
  let value = 0;
  let timestampMs: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) pairs.push(readLabelPair(reader.message()));
    else if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) timestampMs = readTimestampMs(reader.message());
    else reader.skip();
  }
  return { pairs, value, timestampMs };
}

/** A google.protobuf.Timestamp in milliseconds. */
function readTimestampMs(reader: WireReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int64();
    else if (reader.field === 2) nanos = reader.int64();
    else reader.skip();
  }
  return seconds * 1000 + Math.trunc(nanos / 1e6);
}
