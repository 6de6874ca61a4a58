import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denseBuckets, EMPTY_HISTOGRAM, NO_BUCKETS } from '../model/histogram.ts';
import { formatHistogram, formatSample, formatTimestamp, goDuration, goJson, goTime } from './go-json.ts';

test('sample values as Go formats them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [1e-7, '1e-07'],
    [1.5e-10, '1.5e-10'],
    [1e21, '1e+21'],
    [123456789012345680000, '123456789012345680000'],
    [0.000001, '0.000001'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ];
  for (const [value, text] of cases) assert.equal(formatSample(value), text);
});

test('times are seconds with no or three decimals', () => {
  assert.equal(formatTimestamp(1435781451781), '1435781451.781');
  assert.equal(formatTimestamp(1435781451000), '1435781451');
  assert.equal(formatTimestamp(5), '0.005');
  assert.equal(formatTimestamp(-500), '-0.500');
});

test('histograms leave out empty buckets and say which bounds are open', () => {
  const histogram = {
    ...EMPTY_HISTOGRAM,
    count: 4,
    sum: 5,
    zeroCount: 1,
    zeroThreshold: 0.001,
    positive: denseBuckets(1, [1, 2]),
    negative: NO_BUCKETS,
  };
  assert.equal(
    formatHistogram(histogram),
    '{"count":"4","sum":"5","buckets":[[3,"-0.001","0.001","1"],[0,"1","2","1"],[0,"2","4","2"]]}',
  );
});

test('text, times and durations as Go writes them', () => {
  assert.equal(goJson({ a: '<b>&' }), '{"a":"\\u003cb\\u003e\\u0026"}');
  assert.equal(goTime(0), '0001-01-01T00:00:00Z');
  assert.equal(goTime(Date.UTC(2026, 0, 31, 18, 0, 0, 120)), '2026-01-31T18:00:00.12Z');
  assert.equal(goTime(Date.UTC(2026, 0, 31, 18, 0, 10)), '2026-01-31T18:00:10Z');
  assert.equal(goDuration(90_000), '1m30s');
  assert.equal(goDuration(3_600_000), '1h0m0s');
  assert.equal(goDuration(15_000), '15s');
});
