// Encodes a metric batch as an OTLP request in JSON.
import {
  type ExemplarTable,
  type ExponentialBuckets,
  type ExponentialPoints,
  type HistogramPoints,
  type MetricBatch,
  MetricType,
  type NumberPoints,
  NumberType,
  type Points,
  Present,
  type SummaryPoints,
} from '../model/metrics.ts';
import {
  compact,
  type JsonMessage,
  jsonAttributes,
  jsonDouble,
  jsonRequest,
  jsonSpanId,
  jsonTraceId,
  rows,
} from './json-encoder.ts';
import { type MetricPoints, metricPoints } from './point-cursor.ts';

const memberOfType: { readonly [type: number]: string } = {
  [MetricType.gauge]: 'gauge',
  [MetricType.sum]: 'sum',
  [MetricType.histogram]: 'histogram',
  [MetricType.exponentialHistogram]: 'exponentialHistogram',
  [MetricType.summary]: 'summary',
};

/** The ExportMetricsServiceRequest as JSON text. */
export function encodeMetricsJson(batch: MetricBatch): string {
  const found = metricPoints(batch);
  const { metrics } = batch;
  const origins = {
    count: found.length,
    resource: Uint32Array.from(found, ({ metric }) => metrics.resource[metric]!),
    scope: Uint32Array.from(found, ({ metric }) => metrics.scope[metric]!),
  };
  const resourceMetrics = jsonRequest(batch, origins, { scopes: 'scopeMetrics', records: 'metrics' }, (i) =>
    jsonMetric(batch, found[i]!),
  );
  return JSON.stringify({ resourceMetrics });
}

function jsonMetric(batch: MetricBatch, { metric, from, to }: MetricPoints): JsonMessage {
  const { metrics, strings } = batch;
  const type = metrics.type[metric]!;
  const dataPoints = Array.from({ length: to - from }, (_, k) => jsonPoint(batch, type, from + k));
  return compact({
    name: strings[metrics.name[metric]!],
    description: strings[metrics.description[metric]!],
    unit: strings[metrics.unit[metric]!],
    [memberOfType[type]!]: {
      dataPoints,
      ...compact({
        aggregationTemporality: metrics.temporality[metric],
        isMonotonic: metrics.monotonic[metric] !== 0,
      }),
    },
    metadata: jsonAttributes(metrics.metadata, metric),
  });
}

function jsonPoint(batch: MetricBatch, type: number, row: number): JsonMessage {
  if (type === MetricType.histogram) return jsonHistogram(batch.histograms, row);
  if (type === MetricType.exponentialHistogram) return jsonExponential(batch.exponentials, row);
  return type === MetricType.summary ? jsonSummary(batch.summaries, row) : jsonNumber(batch.numbers, row);
}

function jsonBase(points: Points, row: number): JsonMessage {
  return compact({
    attributes: jsonAttributes(points.attributes, row),
    startTimeUnixNano: String(points.startNs[row]!),
    timeUnixNano: String(points.timeNs[row]!),
    flags: points.flags[row],
  });
}

function jsonNumber(points: NumberPoints, row: number): JsonMessage {
  return { ...jsonBase(points, row), ...jsonNumberValue(points, row), ...jsonExemplars(points.exemplars, row) };
}

function jsonNumberValue(columns: NumberPoints | ExemplarTable, row: number): JsonMessage {
  if (columns.valueType[row] === NumberType.double) return { asDouble: jsonDouble(columns.doubles[row]!) };
  return columns.valueType[row] === NumberType.int ? { asInt: String(columns.ints[row]!) } : {};
}

function jsonHistogram(points: HistogramPoints, row: number): JsonMessage {
  return {
    ...jsonDistribution(points, row),
    ...compact({
      bucketCounts: rows(points.bucketOffsets, row).map((at) => String(points.buckets[at]!)),
      explicitBounds: rows(points.boundOffsets, row).map((at) => jsonDouble(points.bounds[at]!)),
    }),
  };
}

function jsonExponential(points: ExponentialPoints, row: number): JsonMessage {
  return {
    ...jsonDistribution(points, row),
    ...compact({
      scale: points.scale[row],
      zeroCount: String(points.zeroCount[row]!),
      zeroThreshold: points.zeroThreshold[row],
      positive: jsonBuckets(points.positive, row),
      negative: jsonBuckets(points.negative, row),
    }),
  };
}

function jsonDistribution(points: HistogramPoints | ExponentialPoints, row: number): JsonMessage {
  const present = points.present[row]!;
  return {
    ...jsonBase(points, row),
    ...compact({ count: String(points.total[row]!) }),
    ...((present & Present.sum) !== 0 ? { sum: jsonDouble(points.sum[row]!) } : {}),
    ...((present & Present.min) !== 0 ? { min: jsonDouble(points.min[row]!) } : {}),
    ...((present & Present.max) !== 0 ? { max: jsonDouble(points.max[row]!) } : {}),
    ...jsonExemplars(points.exemplars, row),
  };
}

function jsonBuckets(buckets: ExponentialBuckets, row: number): JsonMessage | undefined {
  const bucketCounts = rows(buckets.offsets, row).map((at) => String(buckets.counts[at]!));
  const offset = buckets.first[row]!;
  return bucketCounts.length === 0 && offset === 0 ? undefined : compact({ offset, bucketCounts });
}

function jsonSummary(points: SummaryPoints, row: number): JsonMessage {
  return {
    ...jsonBase(points, row),
    ...compact({
      count: String(points.total[row]!),
      sum: jsonDouble(points.sum[row]!),
      quantileValues: rows(points.quantileOffsets, row).map((at) =>
        compact({ quantile: points.quantiles[at], value: jsonDouble(points.quantileValues[at]!) }),
      ),
    }),
  };
}

function jsonExemplars(exemplars: ExemplarTable, point: number): JsonMessage {
  const list = rows(exemplars.offsets, point).map((row) => ({
    ...compact({
      filteredAttributes: jsonAttributes(exemplars.attributes, row),
      timeUnixNano: String(exemplars.timeNs[row]!),
      spanId: jsonSpanId(exemplars.spanIds, row),
      traceId: jsonTraceId(exemplars.traceIds, row),
    }),
    ...jsonNumberValue(exemplars, row),
  }));
  return compact({ exemplars: list });
}
