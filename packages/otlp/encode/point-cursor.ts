// Finds the points of each metric: point tables are ordered by metric, so one pass over each is enough.
import { type MetricBatch, MetricType } from '../model/metrics.ts';

/** The metrics of a batch that have points, with the rows of their points in the table of their type. */
export interface MetricPoints {
  readonly metric: number;
  readonly from: number;
  readonly to: number;
}

/** A metric without points says nothing and is left out: slices of a batch share the whole table of metrics. */
export function metricPoints(batch: MetricBatch): MetricPoints[] {
  const { metrics } = batch;
  const found: MetricPoints[] = [];
  const next = { numbers: 0, histograms: 0, exponentials: 0, summaries: 0 };
  for (let metric = 0; metric < metrics.count; metric++) {
    const kind = pointKind(metrics.type[metric]!);
    if (kind === undefined) continue;
    const points = batch[kind];
    let from = next[kind];
    while (from < points.count && points.metric[from]! < metric) from++;
    let to = from;
    while (to < points.count && points.metric[to] === metric) to++;
    next[kind] = to;
    if (to > from) found.push({ metric, from, to });
  }
  return found;
}

/** In which of the batch's tables the points of a type of metric are. */
function pointKind(type: number): 'numbers' | 'histograms' | 'exponentials' | 'summaries' | undefined {
  switch (type) {
    case MetricType.gauge:
    case MetricType.sum:
      return 'numbers';
    case MetricType.histogram:
      return 'histograms';
    case MetricType.exponentialHistogram:
      return 'exponentials';
    case MetricType.summary:
      return 'summaries';
    default:
      return undefined;
  }
}
