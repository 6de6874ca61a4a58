// The connector's own metrics, under the names of the real one.
import type { Counter, OwnMetrics } from '@mario/service';

export interface EdgeMetrics {
  readonly droppedSpans: Counter;
  readonly totalEdges: Counter;
  readonly expiredEdges: Counter;
}

const made = new WeakMap<OwnMetrics, EdgeMetrics>();

/** One set of instruments for all connectors that report to the same place. */
export function edgeMetrics(metrics: OwnMetrics): EdgeMetrics {
  const known = made.get(metrics);
  if (known !== undefined) return known;
  const counter = (name: string, help: string) => metrics.counter(`otelcol_connector_servicegraph_${name}_total`, help);
  const instruments: EdgeMetrics = {
    droppedSpans: counter('dropped_spans', 'Number of spans dropped when trying to add edges'),
    totalEdges: counter('total_edges', 'Total number of unique edges'),
    expiredEdges: counter('expired_edges', 'Number of edges that expired before finding its matching span'),
  };
  made.set(metrics, instruments);
  return instruments;
}
