/** Messages of io.prometheus.client (metrics.proto of client_model), as far as samples are made of them. */
import type { BucketCounts, FloatHistogram } from '../model/histogram.ts';
import type { MetricMetadata } from '../queryable.ts';
import type { WireReader } from '../remote/wire-reader.ts';
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

export function readHistogram(reader: WireReader, isGauge: boolean): ProtoHistogram {
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
  const count = whole.floatCount > 0 ? whole.floatCount : whole.count;
  const zeroCount = whole.floatZeroCount > 0 ? whole.floatZeroCount : whole.zeroCount;
  // A native histogram without observations has a threshold, or a span that is empty, to be told from a classic one.
  const isNative =
    positive.spans.length > 0 || negative.spans.length > 0 || whole.zeroThreshold > 0 || whole.zeroCount > 0;
  const { schema, sum, zeroThreshold } = whole;
  const native: FloatHistogram | undefined = isNative
    ? {
        ...{ schema, zeroThreshold, zeroCount, count, sum, customValues: [] },
        positive: filled(toCounts(positive)),
        negative: filled(toCounts(negative)),
        counterResetHint: isGauge ? 'gauge' : 'unknown',
      }
    : undefined;
  return { count, sum, startMs, buckets, native, exemplars };
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
  let upper = 0;
  let exemplar: ProtoExemplar | undefined;
  while (reader.next()) {
    if (reader.field === 1) count = count > 0 ? count : reader.varint();
    else if (reader.field === 4) count = reader.double();
    else if (reader.field === 2) upper = reader.double();
    else if (reader.field === 3) exemplar = readExemplar(reader.message());
    else reader.skip();
  }
  return { upper, count, exemplar };
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
  return seconds * 1000 + Math.floor(nanos / 1e6);
}
