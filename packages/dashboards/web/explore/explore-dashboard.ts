/** Explore is a dashboard made on the spot: the query decides which panels show its answer. */
import type { Dashboard } from '../../model/index.ts';
import { loadDashboard } from '../../model/index.ts';
import { isMetricQuery } from '../query/loki-query.ts';
import type { Datasource } from '../server/datasources.ts';
import type { ExploreState } from './explore-address.ts';

/** Lines shown at once; the same as Grafana's Explore. */
const LOG_LINES_MAX = 1_000;

const LEGEND_TABLE = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] };

export function exploreDashboard(state: ExploreState, datasource: Datasource): Dashboard {
  const ref = { type: datasource.type, uid: datasource.uid };
  return loadDashboard({
    uid: 'explore',
    title: 'Explore',
    schemaVersion: 42,
    time: state.range,
    panels: panelsFor(state.query, datasource).map((panel, i) => ({ id: i + 1, datasource: ref, ...panel })),
  }).dashboard;
}

function panelsFor(query: string, datasource: Datasource): readonly Record<string, unknown>[] {
  if (query.trim() === '') return [];
  if (datasource.type === 'loki') return isMetricQuery(query) ? [chart({ expr: query }, 0)] : logPanels(query);
  if (datasource.type === 'tempo') return [chart({ query, queryType: 'traceql' }, 0)];
  return [
    chart({ expr: query, range: true, exemplar: true }, 0),
    {
      type: 'table',
      title: 'Now',
      gridPos: { x: 0, y: 11, w: 24, h: 9 },
      targets: [{ refId: 'A', expr: query, instant: true, range: false, format: 'table' }],
    },
  ];
}

function logPanels(query: string): readonly Record<string, unknown>[] {
  const volume = `sum by (detected_level) (count_over_time(${query} [$__interval]))`;
  return [
    {
      type: 'timeseries',
      title: 'Lines over time',
      gridPos: { x: 0, y: 0, w: 24, h: 5 },
      fieldConfig: {
        defaults: {
          unit: 'short',
          custom: { drawStyle: 'bars', fillOpacity: 70, lineWidth: 0, stacking: { mode: 'normal' } },
        },
      },
      options: { legend: LEGEND_TABLE, tooltip: { mode: 'multi' } },
      targets: [{ refId: 'A', expr: volume, legendFormat: '{{detected_level}}' }],
    },
    {
      type: 'logs',
      title: 'Lines',
      gridPos: { x: 0, y: 5, w: 24, h: 20 },
      options: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: 'Descending' },
      targets: [{ refId: 'A', expr: query, maxLines: LOG_LINES_MAX }],
    },
  ];
}

function chart(target: Record<string, unknown>, y: number): Record<string, unknown> {
  return {
    type: 'timeseries',
    title: 'Over time',
    gridPos: { x: 0, y, w: 24, h: 11 },
    fieldConfig: { defaults: { custom: { fillOpacity: 8, lineWidth: 1.5 } } },
    options: { legend: LEGEND_TABLE, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: [{ refId: 'A', ...target }],
  };
}
