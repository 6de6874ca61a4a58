import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../testing/grafana-data-in-node.ts';

const { prometheusFrames } = await import('./prometheus-frames.ts');
const { lokiFrames, linesOf } = await import('./loki-frames.ts');
const { tempoMetricFrames, tempoSearchFrames } = await import('./tempo-frames.ts');
const { applyFieldConfig } = await import('./apply-field-config.ts');
const { formattedValueToString, getFieldDisplayName, themeOf } = await import('./grafana-data.ts');
const { knownTransformations, transform } = await import('./transformations.ts');

const options = {
  refId: 'A',
  legend: '{{job}}',
  format: 'time_series',
  expression: 'up',
  severalTables: false,
} as const;
const context = { theme: themeOf('light'), timezone: 'utc', interpolate: (text: string) => text };
const plain = { defaults: {}, overrides: [] };

test('a range answer lies on its grid, gaps are null, times are shared', () => {
  const data = {
    resultType: 'matrix',
    result: [
      {
        metric: { job: 'a' },
        values: [
          [10, '1'],
          [40, '+Inf'],
        ],
      },
      { metric: { job: 'b' }, values: [[25, 'NaN']] },
    ],
  } as const;
  const frames = prometheusFrames(data, { ...options, grid: { startMs: 10_000, endMs: 40_000, stepMs: 15_000 } });
  assert.deepEqual(frames[0]!.fields[0]!.values, [10_000, 25_000, 40_000]);
  assert.equal(frames[0]!.fields[0]!.values, frames[1]!.fields[0]!.values);
  assert.deepEqual(frames[0]!.fields[1]!.values, [1, null, Number.POSITIVE_INFINITY]);
  assert.deepEqual(frames[1]!.fields[1]!.values, [null, Number.NaN, null]);
  assert.equal(frames[1]!.fields[1]!.config.displayNameFromDS, 'b');
});

test('legends: by template, whole, and left to the panel', () => {
  const data = {
    resultType: 'vector',
    result: [{ metric: { __name__: 'up', job: 'a', x: '1' }, value: [1, '1'] }],
  } as const;
  const name = (legend: string) => {
    const [frame] = applyFieldConfig(prometheusFrames(data, { ...options, legend }), plain, context);
    return getFieldDisplayName(frame!.fields[1]!, frame, [frame!]);
  };
  assert.equal(name('{{job}} of {{ x }}{{gone}}'), 'a of 1');
  assert.equal(name(''), 'up{job="a", x="1"}');
  assert.match(name('__auto'), /^up/);
});

test('tables have a column for each label, several name their values', () => {
  const data = {
    resultType: 'vector',
    result: [
      { metric: { b: '2', a: '1' }, value: [5, '7'] },
      { metric: { a: '3' }, value: [5, '8'] },
    ],
  } as const;
  const [frame] = prometheusFrames(data, { ...options, format: 'table', severalTables: true });
  assert.deepEqual(
    frame!.fields.map((field) => [field.name, ...field.values]),
    [
      ['Time', 5000, 5000],
      ['a', '1', '3'],
      ['b', '2', ''],
      ['Value #A', 7, 8],
    ],
  );
});

test('buckets of a heatmap lose what the smaller ones hold', () => {
  const data = {
    resultType: 'vector',
    result: [
      { metric: { le: '+Inf' }, value: [1, '9'] },
      { metric: { le: '1' }, value: [1, '2'] },
      { metric: { le: '10' }, value: [1, '5'] },
    ],
  } as const;
  const frames = prometheusFrames(data, { ...options, legend: '', format: 'heatmap' });
  assert.deepEqual(
    frames.map((frame) => frame.fields[1]!.values[0]),
    [2, 3, 4],
  );
});

test('log lines keep nanoseconds, newest first, with their metadata among the labels', () => {
  const frames = lokiFrames(
    [
      {
        stream: { app: 'x' },
        values: [
          ['1700000000000000001', 'old'],
          ['1700000000000000002', 'new', { structuredMetadata: { trace_id: 'ab' } }],
        ],
      },
    ],
    'A',
  );
  const lines = linesOf(frames[0]!);
  assert.deepEqual(
    lines.map(({ line }) => line),
    ['new', 'old'],
  );
  assert.equal(lines[0]!.timestampNs, '1700000000000000002');
  assert.deepEqual(lines[0]!.labels, { app: 'x', trace_id: 'ab' });
});

test('searches and metrics of traces', () => {
  const [found] = tempoSearchFrames(
    [
      {
        traceID: 'ab',
        rootServiceName: 's',
        rootTraceName: 'n',
        startTimeUnixNano: '1700000000000000000',
        durationMs: 12,
      },
    ],
    'A',
  );
  assert.deepEqual(
    found!.fields.map((field) => field.values[0]),
    ['ab', 1_700_000_000_000, 's', 'n', 12],
  );
  const [series] = tempoMetricFrames(
    [{ labels: [{ key: 'name', value: { stringValue: 'x' } }], samples: [{ timestampMs: '1000', value: 2 }] }],
    'A',
    '',
  );
  assert.equal(series!.fields[1]!.config.displayNameFromDS, '{name=x}');
});

test('defaults, then overrides in their order; units are written', () => {
  const data = {
    resultType: 'matrix',
    result: [
      { metric: { job: 'a' }, values: [[1, '1536']] },
      { metric: { job: 'b' }, values: [[1, '0.5']] },
    ],
  } as const;
  const source = {
    defaults: { unit: 'bytes', custom: { lineWidth: 1 } },
    overrides: [
      {
        matcher: { id: 'byName', options: 'b' },
        properties: [
          { id: 'unit', value: 'percentunit' },
          { id: 'custom.stacking', value: { mode: 'normal' } },
        ],
      },
      { matcher: { id: 'byRegexp', options: '/^b/' }, properties: [{ id: 'displayName', value: 'Bee' }] },
      { matcher: { id: 'fromTheFuture', options: null }, properties: [{ id: 'unit', value: 'x' }] },
      { matcher: { id: 'byName', options: 'a' }, properties: [{ id: 'custom.__proto__.polluted', value: true }] },
    ],
  };
  const frames = applyFieldConfig(prometheusFrames(data, options), source, context);
  const written = frames.map((frame) => formattedValueToString(frame.fields[1]!.display!(frame.fields[1]!.values[0])));
  assert.deepEqual(written, ['1.50 KiB', '50%']);
  assert.equal(getFieldDisplayName(frames[1]!.fields[1]!, frames[1], [...frames]), 'Bee');
  assert.deepEqual(frames[1]!.fields[1]!.config.custom, { lineWidth: 1, stacking: { mode: 'normal' } });
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('thresholds and mappings colour and name values', () => {
  const data = {
    resultType: 'vector',
    result: [
      { metric: {}, value: [1, '0'] },
      { metric: {}, value: [1, '9'] },
    ],
  } as const;
  const defaults = {
    mappings: [{ type: 'value', options: { '0': { text: 'Down', color: 'red', index: 0 } } }],
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'green' },
        { value: 5, color: 'orange' },
      ],
    },
    color: { mode: 'thresholds' },
  };
  const frames = applyFieldConfig(prometheusFrames(data, options), { defaults, overrides: [] }, context);
  const [down, high] = frames.map((frame) => frame.fields[1]!.display!(frame.fields[1]!.values[0]));
  const color = context.theme.visualization.getColorByName;
  assert.deepEqual([down!.text, down!.color, high!.color], ['Down', color('red'), color('orange')]);
});

test('transformations follow one another; an unknown one is named', async () => {
  const data = {
    resultType: 'matrix',
    result: [
      {
        metric: { job: 'a' },
        values: [
          [1, '1'],
          [2, '3'],
        ],
      },
      {
        metric: { job: 'b' },
        values: [
          [1, '2'],
          [2, '8'],
        ],
      },
    ],
  } as const;
  const frames = prometheusFrames(data, options);
  const reduced = await transform(
    frames,
    [
      { id: 'reduce', options: { reducers: ['max'] }, disabled: false },
      { id: 'sortBy', options: { sort: [{ field: 'Max', desc: true }] }, disabled: false },
    ],
    (text) => text,
  );
  assert.deepEqual(
    reduced[0]!.fields.map((field) => [...field.values]),
    [
      ['b', 'a'],
      [8, 3],
    ],
  );
  const [table] = await transform(frames, [{ id: 'timeSeriesTable', options: {}, disabled: false }], (text) => text);
  assert.deepEqual(
    table!.fields.map((field) => field.name),
    ['job', 'Trend'],
  );
  await assert.rejects(
    transform(frames, [{ id: 'alchemy', options: {}, disabled: false }], (text) => text),
    /transformation "alchemy" is not supported/,
  );
});

test('every transformation that public dashboards use is there', () => {
  const used =
    'organize joinByField timeSeriesTable reduce sortBy calculateField merge renameByRegex filterFieldsByName seriesToRows groupBy partitionByValues labelsToFields formatTime convertFieldType filterByValue';
  const known = knownTransformations();
  assert.deepEqual(
    used.split(' ').filter((id) => !known.has(id)),
    [],
  );
});
