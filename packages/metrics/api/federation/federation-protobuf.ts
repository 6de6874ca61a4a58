/** Families as messages of io.prometheus.client, each with its length before it (client_model, metrics.proto). */
import { WireWriter } from '@mario/otlp';
import { type BucketCounts, type FloatHistogram, usesCustomBuckets } from '../../model/histogram.ts';
import { cumulativeBuckets } from './cumulative-buckets.ts';
import type { FederatedFamily, FederatedMetric } from './federated-family.ts';

/** The schema's MetricType. */
const TYPES = { untyped: 3, histogram: 4, gaugehistogram: 5 } as const;

/** Fields are written with their zeros: the schema is proto2, in which absent and zero differ. */
export function* federationProtobuf(families: readonly FederatedFamily[]): Generator<Buffer> {
  const writer = new WireWriter();
  for (const { name, type, metrics } of families) {
    writer.stringAlways(1, name);
    writer.int64(3, TYPES[type]);
    for (const metric of metrics) writeMetric(writer, metric);
    const message = writer.take();
    writer.varint(message.length);
    yield writer.take();
    yield message;
  }
}

function writeMetric(writer: WireWriter, { labels, sample }: FederatedMetric): void {
  const metric = writer.begin(4);
  for (const [name, value] of labels) {
    const label = writer.begin(1);
    writer.stringAlways(1, name);
    writer.stringAlways(2, value);
    writer.end(label);
  }
  const { histogram } = sample;
  if (histogram === undefined) {
    const untyped = writer.begin(5);
    writer.double(1, sample.value);
    writer.end(untyped);
  }
  writer.int64(6, sample.timestampMs);
  if (histogram !== undefined) {
    const message = writer.begin(7);
    if (usesCustomBuckets(histogram)) writeClassic(writer, histogram);
    else writeNative(writer, histogram);
    writer.end(message);
  }
  writer.end(metric);
}

function writeClassic(writer: WireWriter, histogram: FloatHistogram): void {
  writer.double(2, histogram.sum);
  for (const { upper, count } of cumulativeBuckets(histogram)) {
    const bucket = writer.begin(3);
    writer.double(2, upper);
    writer.double(4, count);
    writer.end(bucket);
  }
  writer.double(4, histogram.count);
}

function writeNative(writer: WireWriter, histogram: FloatHistogram): void {
  writer.double(2, histogram.sum);
  writer.double(4, histogram.count);
  writer.int64(5, zigzag(histogram.schema));
  writer.double(6, histogram.zeroThreshold);
  writer.double(8, histogram.zeroCount);
  writeBuckets(writer, 9, histogram.negative);
  writeBuckets(writer, 12, histogram.positive);
}

/** Spans at `field`, counts two further. */
function writeBuckets(writer: WireWriter, field: number, { indexes, counts }: BucketCounts): void {
  let end = 0;
  for (let i = 0; i < indexes.length; ) {
    let length = 1;
    while (i + length < indexes.length && indexes[i + length] === indexes[i]! + length) length++;
    const span = writer.begin(field);
    writer.int64(1, zigzag(indexes[i]! - end));
    writer.int64(2, length);
    writer.end(span);
    end = indexes[i]! + length;
    i += length;
  }
  for (const count of counts) writer.double(field + 2, count);
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
