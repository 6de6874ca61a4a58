// A range query gives at every step what an instant query gives there: columns over all steps against single steps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../../model/labels.ts';
import { ALL_FEATURES } from '../parse/parser.ts';
import { type LoadedSample, MemoryStore } from '../script/memory-store.ts';
import { createEngine, type QueryData } from './engine.ts';

const STEP_MS = 60_000;
const END_MS = 60 * STEP_MS;

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Instances that come and go, and come back as another version; counters with resets, gaps and markers. */
function churn(): MemoryStore {
  const random = randomFrom(11);
  const store = new MemoryStore();
  const lives = (
    name: string,
    own: Record<string, string>,
    beginMs: number,
    endMs: number,
    next: () => number,
  ): void => {
    const samples: LoadedSample[] = [];
    for (let t = beginMs; t < endMs; t += 15_000) {
      if (random() < 0.03) {
        samples.push({ timestampMs: t, value: 'stale', startMs: 0 });
        t += 400_000 * random();
      } else samples.push({ timestampMs: t + Math.floor(random() * 1000), value: next(), startMs: 0 });
    }
    if (samples.length > 0)
      samples.push({ timestampMs: samples.at(-1)!.timestampMs + 1000, value: 'stale', startMs: 0 });
    store.add(Labels.from({ __name__: name, ...own }), samples);
  };
  for (let i = 0; i < 6; i++) {
    const instance = `i${i}`;
    const changeMs = i < 3 ? Math.floor(random() * END_MS) : END_MS + STEP_MS;
    lives('info', { instance, version: `1.${i % 2}` }, 0, changeMs, () => 1);
    // Back with another version, some after having been away.
    if (i < 3) lives('info', { instance, version: '2.0' }, changeMs + i * 300_000, END_MS, () => 1);
    for (const path of ['/a', '/b', '/c']) {
      let value = 0;
      const counter = () => (value = random() < 0.05 ? 0 : value + Math.floor(random() * 9));
      lives('requests_total', { instance, path }, Math.floor(random() * 600_000), END_MS, counter);
      lives('temperature', { instance, path }, 0, END_MS, () => Math.round(random() * 40 - 20));
      for (const le of ['1', '2', '+Inf']) {
        lives('wait_bucket', { instance, path, le }, 0, END_MS, () => (value += le.length * Math.floor(random() * 3)));
      }
    }
  }
  return store;
}

const EXPRESSIONS = [
  'requests_total',
  'rate(requests_total[5m])',
  'sum by (path) (rate(requests_total[5m]))',
  'avg without (path) (temperature)',
  'count by (instance) (temperature > 0)',
  'min by (path) (temperature)',
  'max(temperature) by (path)',
  'group by (instance) (requests_total)',
  'stddev by (path) (temperature)',
  'quantile by (path) (0.3, temperature)',
  'topk by (path) (2, requests_total)',
  'requests_total * on (instance) group_left (version) info',
  'rate(requests_total[5m]) * on (instance) group_left (version) info',
  'sum by (version) (rate(requests_total[3m]) * on (instance) group_left (version) info)',
  'info * on (instance) group_right (version) requests_total',
  'requests_total / on (instance, path) temperature',
  'requests_total > on (instance, path) temperature',
  'requests_total > bool on (instance, path) temperature',
  'temperature - ignoring (version) group_left () (requests_total)',
  'temperature + on (instance, path) fill_left (5) requests_total',
  'temperature + on (instance, path) fill (-1) requests_total',
  'requests_total * on (instance) group_left (version) fill_right (7) info',
  'requests_total and on (instance) info{version="2.0"}',
  'requests_total unless on (instance) info{version="2.0"}',
  'temperature or requests_total',
  'temperature * 2 ^ -1',
  '10 < temperature',
  'clamp(temperature, -5, 5) == temperature',
  'histogram_quantile(0.6, wait_bucket)',
  'histogram_quantile(0.6, sum by (le, path) (rate(wait_bucket[5m])))',
  'histogram_fraction(0, 1.5, wait_bucket)',
  'irate(requests_total[5m])',
  'deriv(temperature[5m])',
  'changes(temperature[10m]) + resets(requests_total[10m])',
  'quantile_over_time(0.9, temperature[5m])',
  'max_over_time(rate(requests_total[2m])[10m:1m])',
  'sum_over_time((temperature > 0)[5m:30s])',
  'last_over_time(temperature[3m] offset 2m)',
  'absent(info{instance="i0"})',
  'scalar(info{instance="i0"}) + temperature',
];

/** Value of each series by its labels. */
function pointsOf(data: QueryData, timeMs: number): Map<string, number> {
  const points = new Map<string, number>();
  if (data.type === 'vector') {
    for (const { labels, value } of data.samples) points.set(labels.toString(), value as number);
  } else if (data.type === 'matrix') {
    for (const { labels, timestamps, values } of data.series) {
      const at = timestamps.indexOf(timeMs);
      if (at >= 0) points.set(labels.toString(), values[at]!);
    }
  }
  return points;
}

const store = churn();
const engine = createEngine({ features: ALL_FEATURES });

for (const expression of EXPRESSIONS) {
  test(`${expression}: a range is its instants`, async () => {
    const { data } = await engine.range(store, expression, 0, END_MS, STEP_MS);
    let points = 0;
    for (let timeMs = 0; timeMs <= END_MS; timeMs += STEP_MS) {
      const instant = pointsOf((await engine.instant(store, expression, timeMs)).data, timeMs);
      assert.deepEqual(sorted(pointsOf(data, timeMs)), sorted(instant), `at ${timeMs / 1000} s`);
      points += instant.size;
    }
    assert.ok(points > 0, 'nothing was compared');
  });
}

function sorted(points: Map<string, number>): [string, number][] {
  return [...points].sort(([a], [b]) => (a < b ? -1 : 1));
}
