// Records as lines for people: one line each, or with everything they hold.
import {
  type AttributeTable,
  anyValueJson,
  anyValueText,
  attributeMap,
  type LogBatch,
  type MetricBatch,
  numberValue,
  type Points,
  type SpanBatch,
  spanIdHex,
  traceIdHex,
  valueText,
} from '@mario/otlp';

/** Records of one batch that are written; the rest is told as a number. */
const recordsMax = 100;

/** `normal` gives the essence of each record, `detailed` its resource and times as well. */
export function describeBatch(batch: SpanBatch | MetricBatch | LogBatch, verbosity: 'normal' | 'detailed'): string[] {
  const detailed = verbosity === 'detailed';
  const lines =
    batch.signal === 'traces'
      ? describeSpans(batch, detailed)
      : batch.signal === 'logs'
        ? describeLogs(batch, detailed)
        : describePoints(batch, detailed);
  if (batch.count > recordsMax) lines.push(`… and ${batch.count - recordsMax} more`);
  return lines;
}

function describeSpans(batch: SpanBatch, detailed: boolean): string[] {
  return firstRows(batch.count).map((i) => {
    const ids = `${traceIdHex(batch.traceIds, i)} ${spanIdHex(batch.spanIds, i)}`;
    const line = `${batch.strings[batch.name[i]!]} ${ids} ${pairs(batch.attributes, i)}`;
    if (!detailed) return line;
    const parent = spanIdHex(batch.parentSpanIds, i);
    const durationNs = batch.endNs[i]! - batch.startNs[i]!;
    return `${line} parent=${parent} kind=${batch.kind[i]} status=${batch.statusCode[i]} start=${batch.startNs[i]} duration_ns=${durationNs} resource={${pairs(batch.resources.attributes, batch.resource[i]!)}}`;
  });
}

function describeLogs(batch: LogBatch, detailed: boolean): string[] {
  return firstRows(batch.count).map((i) => {
    const line = `${valueText(batch.body, i)} ${pairs(batch.attributes, i)}`;
    if (!detailed) return line;
    const severity = batch.strings[batch.severityText[i]!];
    return `${line} severity=${batch.severityNumber[i]}/${severity} time=${batch.timeNs[i]} trace=${traceIdHex(batch.traceIds, i)} resource={${pairs(batch.resources.attributes, batch.resource[i]!)}}`;
  });
}

function describePoints(batch: MetricBatch, detailed: boolean): string[] {
  const { numbers, histograms, exponentials, summaries } = batch;
  const lines = [
    ...describeTable(batch, numbers, detailed, (i) => String(numberValue(numbers, i))),
    ...describeTable(batch, histograms, detailed, (i) => `count=${histograms.total[i]} sum=${histograms.sum[i]}`),
    ...describeTable(batch, exponentials, detailed, (i) => `count=${exponentials.total[i]} sum=${exponentials.sum[i]}`),
    ...describeTable(batch, summaries, detailed, (i) => `count=${summaries.total[i]} sum=${summaries.sum[i]}`),
  ];
  return lines.slice(0, recordsMax);
}

function describeTable(
  batch: MetricBatch,
  points: Points,
  detailed: boolean,
  value: (row: number) => string,
): string[] {
  return firstRows(points.count).map((i) => {
    const metric = points.metric[i]!;
    const line = `${batch.strings[batch.metrics.name[metric]!]}{${pairs(points.attributes, i)}} ${value(i)}`;
    const resource = batch.metrics.resource[metric]!;
    return detailed
      ? `${line} time=${points.timeNs[i]} resource={${pairs(batch.resources.attributes, resource)}}`
      : line;
  });
}

function pairs(table: AttributeTable, owner: number): string {
  return [...attributeMap(table, owner)]
    .map(([key, value]) => `${key}=${typeof value === 'object' ? anyValueJson(value) : anyValueText(value)}`)
    .join(' ');
}

function firstRows(count: number): number[] {
  return Array.from({ length: Math.min(count, recordsMax) }, (_, i) => i);
}
