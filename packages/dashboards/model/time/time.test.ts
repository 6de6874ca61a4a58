import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDurationMs } from './duration.ts';
import { alignRange, calculateIntervalMs, promqlStepMs, rateIntervalMs } from './interval.ts';
import { describeRange, resolveTime, resolveTimeRange } from './time-range.ts';

const NOW_MS = Date.UTC(2026, 2, 31, 13, 45, 10, 250);
const utc = (text: string, up = false) => new Date(resolveTime(text, NOW_MS, up, 'utc')).toISOString();

test('relative times, roundings and the ends of months', () => {
  assert.equal(utc('now-6h'), '2026-03-31T07:45:10.250Z');
  assert.equal(utc('now-1M'), '2026-02-28T13:45:10.250Z');
  assert.equal(utc('now/d'), '2026-03-31T00:00:00.000Z');
  assert.equal(utc('now/d', true), '2026-03-31T23:59:59.999Z');
  assert.equal(utc('now-1d/d'), '2026-03-30T00:00:00.000Z');
  assert.equal(utc('now/w'), '2026-03-29T00:00:00.000Z');
  assert.equal(utc('now-1y/y', true), '2025-12-31T23:59:59.999Z');
  assert.equal(utc('now-1d+6h'), '2026-03-30T19:45:10.250Z');
});

test('absolute times', () => {
  assert.equal(utc('1700000000000'), '2023-11-14T22:13:20.000Z');
  assert.equal(utc('2026-01-31 18:00'), '2026-01-31T18:00:00.000Z');
  assert.throws(() => utc('yesterday'), /"yesterday" is no time/);
  assert.throws(() => resolveTimeRange({ from: 'now', to: 'now-1h' }, NOW_MS), /range is empty/);
});

test('ranges in words', () => {
  assert.equal(describeRange({ from: 'now-6h', to: 'now' }), 'Last 6 hours');
  assert.equal(describeRange({ from: 'now-45m', to: 'now' }), 'Last 45 minutes');
});

test('durations', () => {
  assert.equal(parseDurationMs('1h30m'), 5_400_000);
  assert.equal(parseDurationMs('>15s'), 15_000);
  assert.equal(parseDurationMs('soon'), undefined);
  assert.equal(formatDuration(90_000), '90s');
  assert.equal(formatDuration(3_600_000), '1h');
  assert.equal(formatDuration(1_500), '1500ms');
});

test('steps are those of Grafana', () => {
  assert.equal(calculateIntervalMs(6 * 3_600_000, 1_000, 15_000), 20_000);
  assert.equal(calculateIntervalMs(3_600_000, 1_000, 15_000), 15_000);
  assert.equal(calculateIntervalMs(30 * 86_400_000, 1_000, 15_000), 1_800_000);
  assert.equal(promqlStepMs(365 * 86_400_000, 1_000, 1), 2_867_000);
  assert.equal(rateIntervalMs(15_000, 15_000), 60_000);
  assert.equal(rateIntervalMs(120_000, 15_000), 135_000);
  assert.deepEqual(alignRange(31_000, 61_000, 15_000), { startMs: 30_000, endMs: 60_000 });
});
