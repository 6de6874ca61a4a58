/**
 * Metrics of the SDK's shape as Prometheus text 0.0.4 or OpenMetrics 1.0. Scopes are not labels here: the names of
 * this application's instruments are unique across scopes, and a dashboard's query must fit both export paths.
 */
import type { Attributes } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { type Exemplar, exemplarsOf } from '../metrics/exemplar.ts';
import type { ExpositionFormat } from './accept.ts';
import { type PrometheusType, prometheusLabel, prometheusName, prometheusUnit } from './names.ts';

export function formatExposition(data: ResourceMetrics, format: ExpositionFormat): string {
  const families = new Map<string, PrometheusType>();
  const lines: string[] = [];
  writeTargetInfo(lines, data.resource.attributes, format);
  for (const { metrics } of data.scopeMetrics) {
    for (const metric of metrics) writeFamily(lines, metric, format, families);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return lines.join('\n') + '\n';
}

/** Every resource attribute, once, for joins; never dropped for being empty. */
function writeTargetInfo(lines: string[], attributes: Attributes, format: ExpositionFormat): void {
  if (format === 'openmetrics') lines.push('# TYPE target info', '# HELP target Target metadata');
  else lines.push('# HELP target_info Target metadata', '# TYPE target_info gauge');
  lines.push(`target_info${braced(labelsOf(attributes))} 1`);
}

function writeFamily(
  lines: string[],
  metric: MetricData,
  format: ExpositionFormat,
  families: Map<string, PrometheusType>,
): void {
  const type = typeOf(metric);
  if (type === undefined) return;
  const { descriptor } = metric;
  const name = prometheusName(descriptor.name, descriptor.unit, type);
  // Two instruments that translate to one name would make one invalid family: the first keeps it.
  if (families.has(name)) return;
  families.set(name, type);
  const family = format === 'openmetrics' && type === 'counter' ? name.slice(0, -'_total'.length) : name;
  const help = `# HELP ${family} ${escapeHelp(descriptor.description, format)}`;
  const unit = format === 'openmetrics' ? prometheusUnit(family, descriptor.unit, type) : undefined;
  if (format === 'text') lines.push(help, `# TYPE ${family} ${type}`);
  else lines.push(`# TYPE ${family} ${type}`, ...(unit ? [`# UNIT ${family} ${unit}`] : []), help);
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    for (const point of metric.dataPoints) writeHistogram(lines, name, point, format);
  } else if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) {
    for (const point of metric.dataPoints) {
      const exemplar = type === 'counter' ? exemplarText(exemplarsOf(point)[0], format) : '';
      lines.push(`${name}${braced(labelsOf(point.attributes))} ${numberText(point.value)}${exemplar}`);
    }
  }
}

function writeHistogram(lines: string[], name: string, point: DataPoint<Histogram>, format: ExpositionFormat): void {
  const { buckets, count, sum } = point.value;
  const labels = labelsOf(point.attributes);
  const exemplars = exemplarsOf(point);
  const prefix = labels === '' ? '' : `${labels},`;
  let cumulative = 0;
  buckets.counts.forEach((inBucket, at) => {
    cumulative += inBucket;
    const bound = buckets.boundaries[at];
    const le = bound === undefined ? '+Inf' : boundText(bound, format);
    lines.push(`${name}_bucket{${prefix}le="${le}"} ${cumulative}${exemplarText(exemplars[at], format)}`);
  });
  lines.push(`${name}_sum${braced(labels)} ${numberText(sum ?? 0)}`, `${name}_count${braced(labels)} ${count}`);
}

function typeOf(metric: MetricData): PrometheusType | undefined {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'gauge';
    case DataPointType.GAUGE:
      return 'gauge';
    case DataPointType.HISTOGRAM:
      return 'histogram';
    default:
      // Exponential histograms have no form in either text format.
      return undefined;
  }
}

/** Attribute sets are few and long-lived (they belong to cells): their text is made once. */
const labelTexts = new WeakMap<Attributes, string>();

function labelsOf(attributes: Attributes): string {
  let text = labelTexts.get(attributes);
  if (text === undefined) {
    text = labelText(attributes);
    labelTexts.set(attributes, text);
  }
  return text;
}

/** Attributes whose names fall together are joined by `;` in the order of their names (the specification's rule). */
function labelText(attributes: Attributes): string {
  const values = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    if (value === undefined) continue;
    const label = prometheusLabel(key);
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const before = values.get(label);
    values.set(label, before === undefined ? text : `${before};${text}`);
  }
  return [...values].map(([label, value]) => `${label}="${escapeLabel(value)}"`).join(',');
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

/** Only OpenMetrics has exemplars; their labels have at most 128 characters, which a trace id and a span id keep. */
function exemplarText(exemplar: Exemplar | undefined, format: ExpositionFormat): string {
  if (exemplar === undefined || format !== 'openmetrics') return '';
  const { traceId, spanId, value, timeMs } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${timeMs / 1000}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** OpenMetrics wants canonical floats (`5.0`), the older text has always had `5`. */
function boundText(bound: number, format: ExpositionFormat): string {
  const text = numberText(bound);
  return format === 'openmetrics' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** Text 0.0.4 leaves quotes in HELP alone, OpenMetrics escapes them. */
function escapeHelp(text: string, format: ExpositionFormat): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
