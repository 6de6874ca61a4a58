// Reads metrics and their data points from JSON.
import type { MetricColumns } from '../build/metric-columns.ts';
import type { ExemplarColumns, ExponentialBucketColumns, HistogramColumns } from '../build/point-columns.ts';
import type { InterningPool } from '../build/pool.ts';
import type { AttributeColumns } from '../build/value-columns.ts';
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import { MetricType, NumberType, Present, Temporality } from '../model/metrics.ts';
import type { JsonNode } from './json-node.ts';
import { type JsonOriginReader, pushJsonId } from './json-origin.ts';

type Columns = MetricColumns<InterningPool>;

/** The member of a metric that holds its data tells its type. */
const dataMembers = [
  ['gauge', MetricType.gauge],
  ['sum', MetricType.sum],
  ['histogram', MetricType.histogram],
  ['exponentialHistogram', MetricType.exponentialHistogram],
  ['summary', MetricType.summary],
] as const;

export function readJsonMetric(
  node: JsonNode,
  columns: Columns,
  origin: JsonOriginReader,
  resource: number,
  scope: number,
): void {
  const { id } = origin;
  const [name, type] = dataMembers.find(([member]) => node.member(member) !== undefined) ?? ['', MetricType.empty];
  const data = type === MetricType.empty ? undefined : node.member(name);
  const metric = columns.metrics.count;
  data?.each('dataPoints', (point) => {
    if (type === MetricType.histogram) readHistogram(point, columns, origin, metric);
    else if (type === MetricType.exponentialHistogram) readExponential(point, columns, origin, metric);
    else if (type === MetricType.summary) readSummary(point, columns, origin, metric);
    else readNumber(point, columns, origin, metric);
  });
  const temporality = data?.enumeration('aggregationTemporality', 'AGGREGATION_TEMPORALITY_', Temporality) ?? 0;
  origin.attributes(node, 'metadata', columns.metrics.metadata);
  columns.metrics.end({
    name: id(node.string('name')),
    description: id(node.string('description')),
    unit: id(node.string('unit')),
    type,
    temporality: temporality <= Temporality.cumulative ? temporality : 0,
    monotonic: data?.bool('isMonotonic') === true ? 1 : 0,
    resource,
    scope,
  });
}

function readNumber(point: JsonNode, columns: Columns, origin: JsonOriginReader, metric: number): void {
  const { numbers } = columns;
  readPoint(point, numbers, origin);
  pushNumber(point, numbers);
  readExemplars(point, numbers.exemplars, origin);
  numbers.endPoint(metric, point.int32('flags'));
}

function readHistogram(point: JsonNode, columns: Columns, origin: JsonOriginReader, metric: number): void {
  const { histograms } = columns;
  readDistribution(point, histograms, origin);
  for (const count of point.list('bucketCounts')) histograms.buckets.push(Number(count.asInt64()));
  for (const bound of point.list('explicitBounds')) histograms.bounds.push(bound.asDouble());
  histograms.endPoint(metric, point.int32('flags'));
}

function readExponential(point: JsonNode, columns: Columns, origin: JsonOriginReader, metric: number): void {
  const { exponentials } = columns;
  readDistribution(point, exponentials, origin);
  exponentials.scale.push(point.int32('scale'));
  exponentials.zeroCount.push(Number(point.int64('zeroCount')));
  exponentials.zeroThreshold.push(point.double('zeroThreshold'));
  readBuckets(point.member('positive'), exponentials.positive);
  readBuckets(point.member('negative'), exponentials.negative);
  exponentials.endPoint(metric, point.int32('flags'));
}

function readSummary(point: JsonNode, columns: Columns, origin: JsonOriginReader, metric: number): void {
  const { summaries } = columns;
  readPoint(point, summaries, origin);
  summaries.total.push(Number(point.int64('count')));
  summaries.sum.push(point.double('sum'));
  point.each('quantileValues', (entry) => {
    summaries.quantiles.push(entry.double('quantile'));
    summaries.quantileValues.push(entry.double('value'));
  });
  summaries.endPoint(metric, point.int32('flags'));
}

interface PointColumns {
  readonly attributes: AttributeColumns;
  readonly startNs: { pushBigInt(value: bigint): void };
  readonly timeNs: { pushBigInt(value: bigint): void };
}

function readPoint(point: JsonNode, columns: PointColumns, origin: JsonOriginReader): void {
  origin.attributes(point, 'attributes', columns.attributes);
  columns.startNs.pushBigInt(point.int64('startTimeUnixNano'));
  columns.timeNs.pushBigInt(point.int64('timeUnixNano'));
}

function readDistribution(
  point: JsonNode,
  columns: PointColumns & Pick<HistogramColumns, 'total' | 'sum' | 'min' | 'max' | 'present' | 'exemplars'>,
  origin: JsonOriginReader,
): void {
  readPoint(point, columns, origin);
  columns.total.push(Number(point.int64('count')));
  let present = 0;
  for (const name of ['sum', 'min', 'max'] as const) {
    if (point.member(name) !== undefined) present |= Present[name];
    columns[name].push(point.double(name));
  }
  columns.present.push(present);
  readExemplars(point, columns.exemplars, origin);
}

function readBuckets(node: JsonNode | undefined, columns: ExponentialBucketColumns): void {
  for (const count of node?.list('bucketCounts') ?? []) columns.counts.push(Number(count.asInt64()));
  columns.endPoint(node?.int32('offset') ?? 0);
}

function readExemplars(point: JsonNode, columns: ExemplarColumns, origin: JsonOriginReader): void {
  point.each('exemplars', (exemplar) => {
    columns.timeNs.pushBigInt(exemplar.int64('timeUnixNano'));
    pushNumber(exemplar, columns);
    pushJsonId(exemplar, 'traceId', columns.traceIds, traceIdBytes);
    pushJsonId(exemplar, 'spanId', columns.spanIds, spanIdBytes);
    origin.attributes(exemplar, 'filteredAttributes', columns.attributes);
    columns.attributes.endOwner();
  });
}

function pushNumber(node: JsonNode, columns: Pick<ExemplarColumns, 'valueType' | 'values'>): void {
  const int = node.member('asInt');
  if (int !== undefined) {
    columns.valueType.push(NumberType.int);
    columns.values.pushBigInt(int.asInt64());
    return;
  }
  const double = node.member('asDouble');
  columns.valueType.push(double === undefined ? NumberType.none : NumberType.double);
  columns.values.pushDouble(double?.asDouble() ?? 0);
}
