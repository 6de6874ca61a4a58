import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScope, type Target } from '../../model/index.ts';
import { planQuery } from './prometheus-plan.ts';

const HOUR_MS = 3_600_000;
const datasource = { jsonData: { timeInterval: '15s' } };

function plan(target: Partial<Target>, { hours = 1, width = 1000, minInterval = '' } = {}) {
  const range = { fromMs: 0, toMs: hours * HOUR_MS };
  const context = {
    range,
    pointsMax: width,
    minInterval,
    adhocFilters: [],
    scopeFor: (intervals: { intervalMs: number; rateIntervalMs: number }) =>
      createScope(new Map(), { range, ...intervals, dashboard: { uid: 'u', title: 't' }, timezone: 'utc' }),
  };
  return planQuery({ refId: 'A', hide: false, expr: 'rate(x[$__rate_interval])', ...target }, datasource, context);
}

test('the step follows the width, never below the scrape interval', () => {
  assert.deepEqual(plan({}), {
    expression: 'rate(x[1m])',
    stepMs: 15_000,
    instant: false,
    range: true,
    exemplars: false,
  });
  assert.equal(plan({}, { hours: 24 }).stepMs, 60_000);
  assert.equal(plan({}, { hours: 24 }).expression, 'rate(x[75s])');
  assert.equal(plan({}, { hours: 24, width: 300 }).stepMs, 300_000);
});

test('the panel and the target may ask for wider steps', () => {
  assert.equal(plan({}, { minInterval: '2m' }).stepMs, 120_000);
  assert.equal(plan({ interval: '30s' }).stepMs, 30_000);
  // A written minimum stands for the scrape interval of this target.
  assert.equal(plan({ interval: '30s' }).expression, 'rate(x[2m])');
  assert.equal(plan({ intervalFactor: 4 }).stepMs, 60_000);
  assert.equal(plan({ interval: '$__rate_interval' }).stepMs, 60_000);
});

test('no more than 11,000 points are asked for', () => {
  const { stepMs } = plan({}, { hours: 24 * 365, width: 1_000_000 });
  assert.ok((24 * 365 * HOUR_MS) / stepMs <= 11_000, String(stepMs));
});

test('at an instant, as a range, or both', () => {
  const kinds = (target: Partial<Target>) => [plan(target).range, plan(target).instant];
  assert.deepEqual(kinds({ instant: true }), [false, true]);
  assert.deepEqual(kinds({ instant: true, range: true }), [true, true]);
  assert.deepEqual(kinds({ instant: false }), [true, false]);
});
