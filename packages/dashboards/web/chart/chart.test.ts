import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../model/testing/grafana-data-in-node.ts';
import type { ChartSeries, DrawSettings } from './chart-series.ts';

const { chartDataOf } = await import('./chart-series.ts');
const { stackSeries } = await import('./stack.ts');
const { timeFormatter } = await import('./time-axis.ts');
const { applyFieldConfig } = await import('../../model/frames/apply-field-config.ts');
const { fieldOf, frameOf } = await import('../../model/frames/build-frame.ts');
const { FieldType, themeOf } = await import('../../model/frames/grafana-data.ts');

const theme = themeOf('light');

function data(
  columns: readonly { times: number[]; values: (number | null)[]; name: string }[],
  custom: DrawSettings = {},
) {
  const frames = columns.map(({ times, values, name }) =>
    frameOf('A', [
      fieldOf('Time', FieldType.time, times),
      fieldOf('Value', FieldType.number, values, { config: { displayNameFromDS: name } }),
    ]),
  );
  const config = { defaults: { color: { mode: 'palette-classic' }, custom: custom as never }, overrides: [] };
  return chartDataOf(applyFieldConfig(frames, config, { theme, timezone: 'utc', interpolate: (text) => text }), theme);
}

test('series of different times are laid on all of them; what is missing is no gap', () => {
  const { timesMs, series } = data([
    { times: [1, 3], values: [10, null], name: 'a' },
    { times: [2, 3], values: [20, 30], name: 'a' },
  ]);
  assert.deepEqual(timesMs, [1, 2, 3]);
  assert.deepEqual(
    series.map(({ name }) => name),
    ['a', 'a 2'],
  );
  assert.deepEqual(series[0]!.values, [10, undefined, null]);
  assert.notEqual(series[0]!.color, series[1]!.color);
});

test('infinity is a gap, negative series are turned over', () => {
  const { series } = data([{ times: [1, 2], values: [1, Number.POSITIVE_INFINITY], name: 'a' }], {
    transform: 'negative-Y',
  });
  assert.deepEqual(series[0]!.values, [-1, null]);
});

test('stacks add up, start where a series has begun, and share of a whole', () => {
  const series = (values: (number | null)[], mode: 'normal' | 'percent'): ChartSeries => ({
    ...data([{ times: [1, 2, 3], values, name: 'a' }]).series[0]!,
    draw: { stacking: { mode } },
  });
  const normal = stackSeries(
    [series([null, 1, 2], 'normal'), series([null, null, 3], 'normal'), series([null, 5, 5], 'normal')],
    3,
  );
  assert.deepEqual(normal.values, [
    [null, 1, 2],
    [null, 1, 5],
    [null, 6, 10],
  ]);
  assert.deepEqual(normal.bands, [
    { upper: 1, lower: 0 },
    { upper: 2, lower: 1 },
  ]);
  const percent = stackSeries([series([1, 0, 3], 'percent'), series([3, 0, 1], 'percent')], 3);
  assert.deepEqual(percent.values, [
    [0.25, 0, 0.75],
    [1, 0, 1],
  ]);
});

test('times below a chart are as short as they can be', () => {
  const format = timeFormatter('utc');
  const day = Date.UTC(2026, 0, 31);
  assert.deepEqual(format([day + 86_100_000, day + 86_400_000, day + 86_700_000], 300_000), [
    '23:55',
    '1 Feb',
    '00:05',
  ]);
  assert.deepEqual(format([day + 1_000], 1_000), ['00:00:01']);
  assert.deepEqual(format([day], 86_400_000), ['31 Jan']);
});
