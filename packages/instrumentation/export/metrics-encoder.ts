/**
 * An OTLP ExportMetricsServiceRequest as protobuf, exemplars included; the official serialiser leaves them out.
 * Field numbers are those of opentelemetry/proto/metrics/v1/metrics.proto.
 */
import { type Attributes, type AttributeValue, type HrTime, ValueType } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { type Exemplar, exemplarsOf } from '../metrics/exemplar.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const CUMULATIVE = 2;

/** The bytes belong to the caller. Exponential histograms are left out: nothing here makes them. */
export function encodeMetrics(data: ResourceMetrics): Uint8Array {
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.message(1, () => writeAttributes(writer, 1, data.resource.attributes));
    for (const { scope, metrics } of data.scopeMetrics) {
      writer.message(2, () => {
        writer.message(1, () => {
          writer.string(1, scope.name);
          writer.string(2, scope.version ?? '');
        });
        for (const metric of metrics) writer.message(2, () => writeMetric(writer, metric));
      });
    }
  });
  return writer.finish();
}

/** Data points in the request, for counting. */
export function countPoints(data: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of data.scopeMetrics) for (const metric of metrics) points += metric.dataPoints.length;
  return points;
}

function writeMetric(writer: ProtobufWriter, metric: MetricData): void {
  const { descriptor } = metric;
  writer.string(1, descriptor.name);
  writer.string(2, descriptor.description);
  writer.string(3, descriptor.unit);
  const whole = descriptor.valueType === ValueType.INT;
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      writer.message(5, () => {
        for (const point of metric.dataPoints) writer.message(1, () => writeNumber(writer, point, whole));
      });
      return;
    case DataPointType.SUM:
      writer.message(7, () => {
        for (const point of metric.dataPoints) writer.message(1, () => writeNumber(writer, point, whole));
        writer.uint(2, CUMULATIVE);
        writer.bool(3, metric.isMonotonic);
      });
      return;
    case DataPointType.HISTOGRAM:
      writer.message(9, () => {
        for (const point of metric.dataPoints) writer.message(1, () => writeHistogram(writer, point));
        writer.uint(2, CUMULATIVE);
      });
      return;
    default:
      return;
  }
}

function writeNumber(writer: ProtobufWriter, point: DataPoint<number>, whole: boolean): void {
  writeTime(writer, 2, point.startTime);
  writeTime(writer, 3, point.endTime);
  // A whole instrument may have been given a fraction; a double then keeps it.
  if (whole && Number.isSafeInteger(point.value)) writer.sfixed64(6, point.value);
  else writer.double(4, point.value);
  for (const exemplar of exemplarsOf(point)) writeExemplar(writer, 5, exemplar);
  writeAttributes(writer, 7, point.attributes);
}

function writeHistogram(writer: ProtobufWriter, point: DataPoint<Histogram>): void {
  const { buckets, count, sum, min, max } = point.value;
  writeTime(writer, 2, point.startTime);
  writeTime(writer, 3, point.endTime);
  writer.sfixed64(4, count);
  if (sum !== undefined) writer.double(5, sum);
  writer.packedFixed64(6, buckets.counts);
  writer.packedDouble(7, buckets.boundaries);
  for (const exemplar of exemplarsOf(point)) writeExemplar(writer, 8, exemplar);
  writeAttributes(writer, 9, point.attributes);
  if (min !== undefined) writer.double(11, min);
  if (max !== undefined) writer.double(12, max);
}

function writeExemplar(writer: ProtobufWriter, field: number, exemplar: Exemplar | undefined): void {
  if (exemplar === undefined) return;
  writer.message(field, () => {
    writer.timestamp(2, Math.floor(exemplar.timeMs / 1000), (exemplar.timeMs % 1000) * 1e6);
    writer.double(3, exemplar.value);
    writer.hex(4, exemplar.spanId);
    writer.hex(5, exemplar.traceId);
  });
}

function writeTime(writer: ProtobufWriter, field: number, time: HrTime): void {
  writer.timestamp(field, time[0], time[1]);
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    writer.message(field, () => {
      writer.string(1, key);
      writer.message(2, () => writeValue(writer, value));
    });
  }
}

/** AnyValue. An empty string must be written too, or the value would be absent. */
function writeValue(writer: ProtobufWriter, value: AttributeValue | null | undefined): void {
  if (typeof value === 'string') {
    if (value === '') writer.message(1, () => {});
    else writer.string(1, value);
  } else if (typeof value === 'boolean') writer.bool(2, value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.int(3, value);
    else writer.double(4, value);
  } else if (Array.isArray(value)) {
    writer.message(5, () => {
      for (const element of value) writer.message(1, () => writeValue(writer, element));
    });
  }
}
