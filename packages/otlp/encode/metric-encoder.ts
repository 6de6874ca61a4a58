// Encodes a metric batch as an ExportMetricsServiceRequest in protobuf.
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import {
  type ExemplarTable,
  type ExponentialBuckets,
  type ExponentialPoints,
  type HistogramPoints,
  type MetricBatch,
  MetricType,
  type NumberPoints,
  NumberType,
  Present,
  type SummaryPoints,
} from '../model/metrics.ts';
import { writeRequest } from './origin-writer.ts';
import { type MetricPoints, metricPoints } from './point-cursor.ts';
import { writeId } from './span-encoder.ts';
import { writeAttributes } from './value-writer.ts';
import { WireWriter } from './wire-writer.ts';

const fieldOfType: { readonly [type: number]: number } = {
  [MetricType.gauge]: 5,
  [MetricType.sum]: 7,
  [MetricType.histogram]: 9,
  [MetricType.exponentialHistogram]: 10,
  [MetricType.summary]: 11,
};

export function encodeMetrics(batch: MetricBatch): Buffer {
  const writer = new WireWriter();
  const found = metricPoints(batch);
  const { metrics } = batch;
  const origins = {
    count: found.length,
    resource: Uint32Array.from(found, ({ metric }) => metrics.resource[metric]!),
    scope: Uint32Array.from(found, ({ metric }) => metrics.scope[metric]!),
  };
  return writeRequest(writer, batch, origins, (i) => {
    const message = writer.begin(2);
    writeMetric(writer, batch, found[i]!);
    writer.end(message);
  });
}

function writeMetric(writer: WireWriter, batch: MetricBatch, { metric, from, to }: MetricPoints): void {
  const { metrics, strings } = batch;
  const type = metrics.type[metric]!;
  writer.string(1, strings[metrics.name[metric]!]!);
  writer.string(2, strings[metrics.description[metric]!]!);
  writer.string(3, strings[metrics.unit[metric]!]!);
  const data = writer.begin(fieldOfType[type]!);
  for (let row = from; row < to; row++) {
    const point = writer.begin(1);
    if (type === MetricType.histogram) writeHistogram(writer, batch.histograms, row);
    else if (type === MetricType.exponentialHistogram) writeExponential(writer, batch.exponentials, row);
    else if (type === MetricType.summary) writeSummary(writer, batch.summaries, row);
    else writeNumber(writer, batch.numbers, row);
    writer.end(point);
  }
  writer.u32(2, metrics.temporality[metric]!);
  writer.u32(3, metrics.monotonic[metric]!);
  writer.end(data);
  writeAttributes(writer, 12, metrics.metadata, metric);
}

function writeNumber(writer: WireWriter, points: NumberPoints, row: number): void {
  writer.word64(2, points.startNs[row]!);
  writer.word64(3, points.timeNs[row]!);
  if (points.valueType[row] === NumberType.double) writer.double(4, points.doubles[row]!);
  writeExemplars(writer, 5, points.exemplars, row);
  if (points.valueType[row] === NumberType.int) writer.word64Always(6, points.ints[row]!);
  writeAttributes(writer, 7, points.attributes, row);
  writer.u32(8, points.flags[row]!);
}

function writeHistogram(writer: WireWriter, points: HistogramPoints, row: number): void {
  const present = points.present[row]!;
  writer.word64(2, points.startNs[row]!);
  writer.word64(3, points.timeNs[row]!);
  writer.count64(4, points.total[row]!);
  if ((present & Present.sum) !== 0) writer.double(5, points.sum[row]!);
  const bucketEnd = points.bucketOffsets[row + 1]!;
  let at = points.bucketOffsets[row]!;
  if (bucketEnd > at) {
    const packed = writer.begin(6);
    for (; at < bucketEnd; at++) writer.rawCount64(points.buckets[at]!);
    writer.end(packed);
  }
  const boundEnd = points.boundOffsets[row + 1]!;
  at = points.boundOffsets[row]!;
  if (boundEnd > at) {
    const packed = writer.begin(7);
    for (; at < boundEnd; at++) writer.rawDouble(points.bounds[at]!);
    writer.end(packed);
  }
  writeExemplars(writer, 8, points.exemplars, row);
  writeAttributes(writer, 9, points.attributes, row);
  writer.u32(10, points.flags[row]!);
  if ((present & Present.min) !== 0) writer.double(11, points.min[row]!);
  if ((present & Present.max) !== 0) writer.double(12, points.max[row]!);
}

function writeExponential(writer: WireWriter, points: ExponentialPoints, row: number): void {
  const present = points.present[row]!;
  writeAttributes(writer, 1, points.attributes, row);
  writer.word64(2, points.startNs[row]!);
  writer.word64(3, points.timeNs[row]!);
  writer.count64(4, points.total[row]!);
  if ((present & Present.sum) !== 0) writer.double(5, points.sum[row]!);
  writer.sint32(6, points.scale[row]!);
  writer.count64(7, points.zeroCount[row]!);
  writeBuckets(writer, 8, points.positive, row);
  writeBuckets(writer, 9, points.negative, row);
  writer.u32(10, points.flags[row]!);
  writeExemplars(writer, 11, points.exemplars, row);
  if ((present & Present.min) !== 0) writer.double(12, points.min[row]!);
  if ((present & Present.max) !== 0) writer.double(13, points.max[row]!);
  if (points.zeroThreshold[row] !== 0) writer.double(14, points.zeroThreshold[row]!);
}

function writeBuckets(writer: WireWriter, field: number, buckets: ExponentialBuckets, row: number): void {
  const end = buckets.offsets[row + 1]!;
  let at = buckets.offsets[row]!;
  if (end === at && buckets.first[row] === 0) return;
  const message = writer.begin(field);
  writer.sint32(1, buckets.first[row]!);
  if (end > at) {
    const packed = writer.begin(2);
    for (; at < end; at++) writer.varint(buckets.counts[at]!);
    writer.end(packed);
  }
  writer.end(message);
}

function writeSummary(writer: WireWriter, points: SummaryPoints, row: number): void {
  writer.word64(2, points.startNs[row]!);
  writer.word64(3, points.timeNs[row]!);
  writer.count64(4, points.total[row]!);
  if (points.sum[row] !== 0) writer.double(5, points.sum[row]!);
  const end = points.quantileOffsets[row + 1]!;
  for (let at = points.quantileOffsets[row]!; at < end; at++) {
    const quantile = writer.begin(6);
    if (points.quantiles[at] !== 0) writer.double(1, points.quantiles[at]!);
    if (points.quantileValues[at] !== 0) writer.double(2, points.quantileValues[at]!);
    writer.end(quantile);
  }
  writeAttributes(writer, 7, points.attributes, row);
  writer.u32(8, points.flags[row]!);
}

function writeExemplars(writer: WireWriter, field: number, exemplars: ExemplarTable, point: number): void {
  const end = exemplars.offsets[point + 1]!;
  for (let row = exemplars.offsets[point]!; row < end; row++) {
    const message = writer.begin(field);
    writer.word64(2, exemplars.timeNs[row]!);
    if (exemplars.valueType[row] === NumberType.double) writer.double(3, exemplars.doubles[row]!);
    writeId(writer, 4, exemplars.spanIds, row, spanIdBytes);
    writeId(writer, 5, exemplars.traceIds, row, traceIdBytes);
    if (exemplars.valueType[row] === NumberType.int) writer.word64Always(6, exemplars.ints[row]!);
    writeAttributes(writer, 7, exemplars.attributes, row);
    writer.end(message);
  }
}
