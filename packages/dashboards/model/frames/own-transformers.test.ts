import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../testing/grafana-data-in-node.ts';

const { fieldOf, frameOf } = await import('./build-frame.ts');
const { FieldType: types } = await import('./grafana-data.ts');
const { transform } = await import('./transformations.ts');

type Frames = Awaited<ReturnType<typeof transform>>;

const run = (frames: Frames, id: string, options: object) =>
  transform(frames, [{ id, options, disabled: false }], (text) => text);

const columns = (frame: Frames[number]) =>
  Object.fromEntries(frame.fields.map(({ name, values }) => [name, [...values]]));

test('rows become fields, with their settings', async () => {
  const frame = frameOf('A', [
    fieldOf('disk', types.string, ['a', 'b']),
    fieldOf('used', types.number, [10, 20]),
    fieldOf('Max', types.number, [100, 200]),
    fieldOf('host', types.string, ['x', 'y']),
  ]);
  const mappings = [{ fieldName: 'host', handlerKey: 'field.label' }];
  const [turned] = await run([frame], 'rowsToFields', { mappings });
  assert.deepEqual(columns(turned!), { a: [10], b: [20] });
  assert.deepEqual(
    turned!.fields.map(({ config, labels }) => [config.max, labels]),
    [
      [100, { host: 'x' }],
      [200, { host: 'y' }],
    ],
  );
});

test('fields are extracted from JSON, pairs and labels', async () => {
  const time = fieldOf('Time', types.time, [1, 2]);
  const frame = (values: unknown[]) => frameOf('A', [time, fieldOf('Line', types.string, values)]);
  const [json] = await run([frame(['{"a":1,"b":{"c":["x"]}}', 'broken'])], 'extractFields', {
    source: 'Line',
    format: 'json',
    jsonPaths: [{ path: 'a' }, { path: 'b.c[0]', alias: 'c' }],
    replace: true,
    keepTime: true,
  });
  assert.deepEqual(columns(json!), { Time: [1, 2], a: [1, undefined], c: ['x', undefined] });
  const [pairs] = await run([frame(['lvl=info msg="a b"', { lvl: 'warn' }])], 'extractFields', { source: 'Line' });
  assert.deepEqual(columns(pairs!).lvl, ['info', 'warn']);
  assert.deepEqual(columns(pairs!).msg, ['a b', undefined]);
  await assert.rejects(run([frame(['x'])], 'extractFields', { source: 'Line', format: 'regexp' }), /"regexp"/);
});

test('series are split into frames or joined into one', async () => {
  const one = frameOf('A', [fieldOf('Time', types.time, [1, 2]), fieldOf('x', types.number, [1, 2])]);
  const two = frameOf('B', [fieldOf('Time', types.time, [2, 3]), fieldOf('y', types.number, [5, 6])]);
  const [wide] = await run([one, two], 'prepareTimeSeries', { format: 'wide' });
  assert.deepEqual(columns(wide!).Time, [1, 2, 3]);
  const split = await run([wide!], 'prepareTimeSeries', {});
  assert.deepEqual(
    split.map(({ fields }) => fields.map(({ name }) => name)),
    [
      ['Time', 'x'],
      ['Time', 'y'],
    ],
  );
  await assert.rejects(run([one], 'prepareTimeSeries', { format: 'long' }), /"long" is not supported/);
});
