// Addresses in the dashboards: a query in Explore, a panel's page, the alerts. As Grafana writes them.

type Language = 'promql' | 'logql' | 'traceql';

/** The data sources that deploy/grafana/provisioning gives these names. */
const DATASOURCES: Readonly<Record<Language, { readonly type: string; readonly uid: string }>> = {
  promql: { type: 'prometheus', uid: 'prometheus' },
  logql: { type: 'loki', uid: 'loki' },
  traceql: { type: 'tempo', uid: 'tempo' },
};

/** `dashboardsUrl` has no slash at its end. */
export function exploreUrl(dashboardsUrl: string, { language, text }: { language: Language; text: string }): string {
  const datasource = DATASOURCES[language];
  // Grafana wants the query where its data source looks for it: TraceQL stands in `query`, the other two in `expr`.
  const query =
    language === 'traceql'
      ? { refId: 'A', datasource, queryType: 'traceql', query: text }
      : { refId: 'A', datasource, expr: text };
  const pane = { datasource: datasource.uid, queries: [query], range: { from: 'now-1h', to: 'now' } };
  const parameters = new URLSearchParams({ schemaVersion: '1', orgId: '1', panes: JSON.stringify({ a: pane }) });
  return `${dashboardsUrl}/explore?${parameters}`;
}

export function alertsUrl(dashboardsUrl: string): string {
  return `${dashboardsUrl}/alerting`;
}

/** What the manager opens in the morning. */
export function frontPageUrl(dashboardsUrl: string): string {
  return `${dashboardsUrl}/d/mario-good-morning/mario-s-pizzeria-good-morning`;
}
