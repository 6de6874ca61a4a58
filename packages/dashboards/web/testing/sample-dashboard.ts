/** A dashboard with a panel of every type, for the tests of the page. */
import { panelTypes } from '../../model/panel-types.ts';
import { EVIL } from './fake-stores.ts';

const OPTIONS: Readonly<Record<string, object>> = {
  text: {
    mode: 'html',
    content: `<b>Bold words</b> ${EVIL}<script>window.hacked = true</script><a href="javascript:window.hacked=true">link</a>`,
  },
  timeseries: {
    legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['max', 'lastNotNull'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  piechart: { legend: { showLegend: true, values: ['value', 'percent'] }, displayLabels: ['percent'] },
  alertlist: { stateFilter: { firing: true } },
};

const TARGETS: Readonly<Record<string, readonly object[]>> = {
  text: [],
  alertlist: [],
  dashlist: [],
  timeseries: [{ refId: 'A', expr: 'rate(m{job=~"$job"}[$__rate_interval])', legendFormat: '{{job}}', exemplar: true }],
  table: [{ refId: 'A', expr: 'm', format: 'table', instant: true }],
  heatmap: [{ refId: 'A', expr: 'm', format: 'heatmap', legendFormat: '{{le}}' }],
  logs: [{ refId: 'A', expr: '{a="b"}', datasource: { type: 'loki', uid: 'loki' } }],
  traces: [{ refId: 'A', query: '{}', queryType: 'traceql', datasource: { type: 'tempo', uid: 'tempo' } }],
  nodeGraph: [{ refId: 'A', queryType: 'serviceMap', datasource: { type: 'tempo', uid: 'tempo' } }],
};

export const sampleDashboard = {
  uid: 'sample',
  title: 'Every panel',
  schemaVersion: 42,
  graphTooltip: 1,
  time: { from: 'now-1h', to: 'now' },
  refresh: '',
  templating: {
    list: [
      {
        name: 'job',
        type: 'query',
        query: 'label_values(m, job)',
        datasource: { type: 'prometheus', uid: 'prometheus' },
        includeAll: true,
        multi: true,
        current: { text: ['All'], value: ['$__all'] },
      },
    ],
  },
  panels: [
    ...panelTypes.map((type, index) => ({
      id: index + 1,
      type,
      title: `Panel ${type}`,
      gridPos: { x: (index % 3) * 8, y: Math.floor(index / 3) * 8, w: 8, h: 8 },
      datasource: { type: 'prometheus', uid: 'prometheus' },
      targets: TARGETS[type] ?? [{ refId: 'A', expr: 'm', legendFormat: '{{job}}' }],
      options: OPTIONS[type] ?? {},
      fieldConfig: {
        defaults: {
          unit: 'bytes',
          thresholds: { mode: 'absolute', steps: [{ color: 'green' }, { color: 'red', value: 1e6 }] },
        },
        overrides: [],
      },
    })),
    {
      id: 90,
      type: 'row',
      title: 'What goes wrong',
      collapsed: true,
      gridPos: { x: 0, y: 90, w: 24, h: 1 },
      panels: [
        {
          id: 91,
          type: 'stat',
          title: 'Broken',
          gridPos: { x: 0, y: 91, w: 8, h: 6 },
          targets: [{ refId: 'A', expr: 'broken(' }],
        },
        {
          id: 92,
          type: 'timeseries',
          title: 'Empty',
          gridPos: { x: 8, y: 91, w: 8, h: 6 },
          targets: [{ refId: 'A', expr: 'empty' }],
        },
        { id: 93, type: 'crystal-ball', title: 'Unknown', gridPos: { x: 16, y: 91, w: 8, h: 6 }, targets: [] },
      ],
    },
  ],
};
