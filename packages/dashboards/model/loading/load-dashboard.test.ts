import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DashboardError, loadDashboard } from './load-dashboard.ts';

const panelsOf = (json: unknown) => loadDashboard(json).dashboard.rows.flatMap((row) => row.panels);

test('what is no dashboard is refused and says why', () => {
  assert.throws(() => loadDashboard([]), DashboardError);
  assert.throws(() => loadDashboard({ hello: 1 }), /neither "title" nor "panels" nor "rows"/);
  assert.throws(() => loadDashboard({ apiVersion: 'dashboard.grafana.app/v2', spec: { elements: {} } }), /schema v2/);
});

test('the envelope of Git Sync gives its name as uid', () => {
  const json = {
    apiVersion: 'dashboard.grafana.app/v1beta1',
    metadata: { name: 'abc' },
    spec: { title: 'T', panels: [] },
  };
  assert.equal(loadDashboard(json).dashboard.uid, 'abc');
});

test('old rows become rows of panels on the grid, wrapped by their spans', () => {
  const rows = [
    {
      title: 'A',
      showTitle: true,
      height: '250px',
      panels: [
        { id: 1, type: 'text', span: 8 },
        { id: 2, type: 'text', span: 8 },
      ],
    },
  ];
  const { dashboard } = loadDashboard({ title: 'old', schemaVersion: 12, rows });
  assert.equal(dashboard.rows[0]!.title, 'A');
  assert.deepEqual(
    dashboard.rows[0]!.panels.map((panel) => panel.gridPos),
    [
      { x: 0, y: 0, w: 16, h: 7 },
      { x: 0, y: 7, w: 16, h: 7 },
    ],
  );
});

test('a collapsed row keeps its panels, what follows on the grid stands alone', () => {
  const panels = [
    {
      id: 1,
      type: 'row',
      title: 'R',
      collapsed: true,
      gridPos: { x: 0, y: 0, w: 24, h: 1 },
      panels: [{ id: 2, type: 'stat', gridPos: { x: 0, y: 1, w: 4, h: 4 } }],
    },
    { id: 3, type: 'stat', gridPos: { x: 0, y: 1, w: 4, h: 4 } },
  ];
  const { dashboard } = loadDashboard({ title: 't', panels });
  assert.deepEqual(
    dashboard.rows.map((row) => [row.title, row.collapsed, row.panels.map((panel) => panel.id)]),
    [
      ['R', true, [2]],
      [undefined, false, [3]],
    ],
  );
  assert.equal(dashboard.rows[0]!.panels[0]!.gridPos.y, 0);
});

test('duplicate and missing ids are numbered anew and reported', () => {
  const { dashboard, problems } = loadDashboard({
    title: 't',
    panels: [{ id: 7, type: 'stat' }, { id: 7, type: 'stat' }, { type: 'stat' }],
  });
  assert.deepEqual(
    dashboard.rows[0]!.panels.map((panel) => panel.id),
    [7, 8, 9],
  );
  assert.equal(problems.length, 2);
});

test('inputs of an exported dashboard are filled in', () => {
  const json = {
    title: 't',
    __inputs: [
      { name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' },
      { name: 'VAR_ENV', type: 'constant', value: 'prod' },
    ],
    panels: [{ id: 1, type: 'graph', datasource: '${DS_PROM}', targets: [{ expr: 'up{env="${VAR_ENV}"}' }] }],
  };
  const [panel] = panelsOf(json);
  assert.equal(panel!.datasource?.uid, 'default:prometheus');
  assert.equal(panel!.targets[0]!.expr, 'up{env="prod"}');
  assert.equal(panel!.targets[0]!.refId, 'A');
});

test('a graph becomes a time series with its axes, overrides and legend', () => {
  const graph = {
    id: 1,
    type: 'graph',
    lines: true,
    fill: 3,
    linewidth: 2,
    stack: true,
    nullPointMode: 'null as zero',
    yaxes: [{ format: 'bytes', min: '0' }, { format: 'percent' }],
    seriesOverrides: [{ alias: '/cpu.*/', yaxis: 2, fill: 0 }],
    aliasColors: { free: '#0f0' },
    legend: { show: true, alignAsTable: true, rightSide: true, values: true, avg: true, current: true },
  };
  const [panel] = panelsOf({ title: 't', panels: [graph] });
  assert.equal(panel!.type, 'timeseries');
  assert.equal(panel!.fieldConfig.defaults.unit, 'bytes');
  assert.equal(panel!.fieldConfig.defaults.min, 0);
  const custom = panel!.fieldConfig.defaults.custom as Record<string, unknown>;
  assert.equal(custom.fillOpacity, 30);
  assert.deepEqual(custom.stacking, { mode: 'normal', group: 'A' });
  assert.deepEqual(panel!.options.legend, {
    showLegend: true,
    displayMode: 'table',
    placement: 'right',
    calcs: ['mean', 'lastNotNull'],
  });
  assert.deepEqual(
    panel!.fieldConfig.overrides.map((override) => override.matcher),
    [
      { id: 'byName', options: 'free' },
      { id: 'byRegexp', options: '/cpu.*/' },
    ],
  );
  assert.ok(panel!.fieldConfig.overrides[1]!.properties.some(({ id, value }) => id === 'unit' && value === 'percent'));
});

test('a single stat becomes a stat, or a gauge where it drew one', () => {
  const single = {
    id: 1,
    type: 'singlestat',
    format: 'percent',
    valueName: 'current',
    colorBackground: true,
    thresholds: '50,80',
    colors: ['g', 'o', 'r'],
    valueMaps: [
      { op: '=', value: 'null', text: 'N/A' },
      { op: '=', value: '1', text: 'up' },
    ],
    sparkline: { show: true },
  };
  const [stat, gauge] = panelsOf({
    title: 't',
    panels: [single, { ...single, id: 2, gauge: { show: true, maxValue: 200 } }],
  });
  assert.equal(stat!.type, 'stat');
  assert.equal(stat!.options.colorMode, 'background');
  assert.equal(stat!.options.graphMode, 'area');
  assert.deepEqual(stat!.fieldConfig.defaults.thresholds, {
    mode: 'absolute',
    steps: [
      { value: null, color: 'g' },
      { value: 50, color: 'o' },
      { value: 80, color: 'r' },
    ],
  });
  assert.deepEqual(
    (stat!.fieldConfig.defaults.mappings as { type: string }[]).map((mapping) => mapping.type),
    ['special', 'value'],
  );
  assert.equal(gauge!.type, 'gauge');
  assert.equal(gauge!.fieldConfig.defaults.max, 200);
});

test('the first threshold covers everything below, however the file writes it', () => {
  const thresholds = { mode: 'absolute', steps: [{ color: 'green' }, { color: 'red', value: 80 }] };
  const [panel] = panelsOf({
    title: 't',
    panels: [{ id: 1, type: 'stat', fieldConfig: { defaults: { thresholds } } }],
  });
  assert.deepEqual((panel!.fieldConfig.defaults.thresholds as { steps: unknown }).steps, [
    { color: 'green', value: null },
    { color: 'red', value: 80 },
  ]);
});

test('variables of every form are read', () => {
  const list = [
    {
      name: 'job',
      type: 'query',
      query: { query: 'label_values(up, job)', refId: 'x' },
      multi: true,
      includeAll: true,
      current: { text: ['All'], value: ['$__all'] },
    },
    { name: 'env', type: 'custom', query: 'a, b\\,c, Shown : d, None :  ' },
    { name: 'step', type: 'interval', query: '1m,10m' },
    { name: 'c', type: 'constant', query: 'v' },
    { name: 'ds', type: 'datasource', query: 'prometheus', hide: 2 },
  ];
  const { variables } = loadDashboard({ title: 't', panels: [], templating: { list } }).dashboard;
  assert.equal(variables[0]!.query, 'label_values(up, job)');
  assert.deepEqual(variables[0]!.current, ['$__all']);
  assert.deepEqual(
    variables[1]!.options.map((option) => [option.text, option.value]),
    [
      ['a', 'a'],
      ['b,c', 'b,c'],
      ['Shown', 'd'],
      ['None', ''],
    ],
  );
  assert.deepEqual(
    variables[2]!.options.map((option) => option.value),
    ['1m', '10m'],
  );
  assert.equal(variables[3]!.current, 'v');
  assert.equal(variables[4]!.hide, 'variable');
});

test('library panels of an export stand where they are referred to', () => {
  const [panel] = panelsOf({
    title: 't',
    __elements: { abc: { name: 'L', model: { type: 'stat', title: 'Shared', targets: [{ expr: 'up' }] } } },
    panels: [{ id: 4, gridPos: { x: 1, y: 0, w: 5, h: 6 }, libraryPanel: { uid: 'abc', name: 'L' } }],
  });
  assert.deepEqual([panel!.id, panel!.type, panel!.title, panel!.gridPos.w], [4, 'stat', 'Shared', 5]);
});
