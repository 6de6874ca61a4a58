/** What the server tells about itself, under Grafana's names. */
import {
  type Counter,
  type ListenerMetrics,
  listenerMetrics,
  OwnMetrics,
  registerProcessMetrics,
} from '@mario/service';
import type { DashboardLibrary } from './provisioning/dashboard-library.ts';
import type { Datasource } from './provisioning/datasource.ts';

export const VERSION = '0.1.0';

/** Grafana's buckets. */
const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];

export interface DashboardMetrics {
  readonly metrics: OwnMetrics;
  readonly listener: ListenerMetrics;
  readonly datasourceRequests: Counter;
}

export function createDashboardMetrics(
  library: DashboardLibrary,
  datasources: readonly Datasource[],
): DashboardMetrics {
  const metrics = new OwnMetrics();
  registerProcessMetrics(metrics);
  metrics.gauge('grafana_build_info', 'A metric with a constant value of 1 labeled by version and edition.').set(1, {
    branch: 'main',
    edition: 'mario',
    version: VERSION,
  });
  metrics.observed('grafana_stat_totals_dashboard', 'Total amount of dashboards.', 'gauge', () => [
    [{}, library.entries.length],
  ]);
  metrics.observed('grafana_stat_totals_datasource', 'Total number of data sources.', 'gauge', () => [
    [{}, datasources.length],
  ]);
  const durations = metrics.histogram(
    'grafana_http_request_duration_seconds',
    'Histogram of latencies for HTTP requests.',
    DURATION_BUCKETS_S,
  );
  const datasourceRequests = metrics.counter(
    'grafana_datasource_request_total',
    'A counter for outgoing requests for a data source.',
  );
  const listener = listenerMetrics(undefined, durations, ({ method, route, status }) => ({
    handler: route,
    method,
    status_code: String(status),
  }));
  return { metrics, listener, datasourceRequests };
}
