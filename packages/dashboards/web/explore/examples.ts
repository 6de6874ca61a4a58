/** What to ask first, for whoever opens Explore without a query. */

export interface Example {
  readonly title: string;
  readonly query: string;
}

const PROMQL: readonly Example[] = [
  { title: 'Which targets answer', query: 'up' },
  {
    title: 'Requests a second by endpoint',
    query:
      'sum by (endpoint) (rate(http_server_duration_milliseconds_count{job="mario-pizzeria-app"}[$__rate_interval]))',
  },
  {
    title: '95 % of requests are faster than',
    query:
      'histogram_quantile(0.95, sum by (le) (rate(http_server_duration_milliseconds_bucket{job="mario-pizzeria-app"}[$__rate_interval])))',
  },
];

const LOGQL: readonly Example[] = [
  { title: 'Everything the pizzeria logs', query: '{service_name="mario-pizzeria"}' },
  { title: 'Warnings and errors', query: '{service_name="mario-pizzeria"} | detected_level=~"warn|error"' },
  { title: 'Lines a second by level', query: 'sum by (detected_level) (rate({service_name="mario-pizzeria"}[1m]))' },
];

const TRACEQL: readonly Example[] = [
  { title: 'All traces', query: '{}' },
  {
    title: 'Orders that were placed',
    query: '{ span.http.route = "/api/orders/" && span.http.request.method = "POST" }',
  },
  { title: 'Slow database statements', query: '{ span.db.query.text != nil && duration > 5ms }' },
  { title: 'Errors', query: '{ status = error }' },
];

export function examplesFor(datasourceType: string): readonly Example[] {
  if (datasourceType === 'loki') return LOGQL;
  return datasourceType === 'tempo' ? TRACEQL : PROMQL;
}
