/** The metric types of OpenMetrics: the suffixes of their samples, and which labels tell points of one metric apart. */
import type { StrictSample } from './sample-line.ts';

/** Suffixes of the samples of each type (OpenMetrics, section "Metric Types"); other types have the bare name. */
export const TYPE_SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_count', '_sum', '_bucket', '_created'],
  gaugehistogram: ['_gcount', '_gsum', '_bucket'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [''],
  unknown: [''],
};

/** Equal for samples of one metric (label set), different for samples of others. */
export function groupKey(sample: StrictSample, family: string, type: string): string {
  // The metrics of an info family cannot be told apart by anything but all their labels, so they count as one.
  if (type === 'info') return '';
  let ignored: string | undefined;
  if (type === 'summary' && sample.name === family) ignored = 'quantile';
  else if (type === 'stateset') ignored = family;
  else if ((type === 'histogram' || type === 'gaugehistogram') && sample.name === `${family}_bucket`) ignored = 'le';
  return [...sample.labels]
    .filter(([name]) => name !== ignored)
    .map(([name, value]) => `${name}\u0000${value}\u0001`)
    .sort()
    .join('');
}
