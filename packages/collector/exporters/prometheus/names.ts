// The names of metrics and labels as the Collector's prometheus exporter gives them.
import { escapedLabelName, escapedName, MetricType, type PrometheusNameType, suffixedName } from '@mario/otlp';

export interface MetricNaming {
  readonly name: string;
  readonly unit: string;
  readonly type: number;
  readonly monotonic: boolean;
}

/** The name of a metric; with suffixes for its unit and type unless they are switched off. */
export function metricName(metric: MetricNaming, namespace: string, addSuffixes: boolean): string {
  const { name, unit } = metric;
  return addSuffixes ? suffixedName(name, unit, typeOf(metric), namespace) : escapedName(name, namespace);
}

function typeOf({ type, monotonic }: MetricNaming): PrometheusNameType {
  if (type === MetricType.sum && monotonic) return 'counter';
  return type === MetricType.gauge ? 'gauge' : 'other';
}

/** The name of a label: what Prometheus does not take becomes `_`, a leading digit or `_` gets `key` before it. */
export function labelName(key: string): string {
  return escapedLabelName(key, { keepsRuns: true, guardsUnderscore: true });
}
