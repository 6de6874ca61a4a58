import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { MetricsStore } from './metrics-store.ts';

const T0 = Date.UTC(2026, 0, 1);
const STEP_MS = 15_000;
const M: LabelMatcher[] = [{ name: '__name__', op: '=', value: 'm' }];

type ValueOf = (row: number) => number | undefined;

async function storeOf(t: TestContext, series: Readonly<Record<string, ValueOf>>, rows: number): Promise<MetricsStore> {
  const clock = new FakeClock(T0 + rows * STEP_MS);
  const store = await MetricsStore.open({ directory: openMemoryDirectory(), clock, log: silentLog });
  t.after(() => store.close());
  for (let row = 0; row < rows; row++) await append(store, series, row);
  return store;
}

async function append(store: MetricsStore, series: Readonly<Record<string, ValueOf>>, row: number): Promise<void> {
  const collector = new RowCollector();
  for (const [name, at] of Object.entries(series)) {
    const value = at(row);
    if (value === undefined) continue;
    collector.add('g', T0 + row * STEP_MS, store.ref(Labels.from({ __name__: 'm', name })), value);
  }
  await store.append({ rows: collector.rows() });
}

/** As a series with a reset every so many rows, or with whatever a seed gives. */
function series(count: number): Record<string, ValueOf> {
  const all: Record<string, ValueOf> = {};
  for (let s = 0; s < count; s++) {
    const every = 7 + 13 * s;
    all[`counter${String(s).padStart(2, '0')}`] = (row) => (row % every) * (s + 1) + (s === 3 ? 2 ** 40 : 0);
  }
  all.even = (row) => row * 10;
  all.flat = () => 5;
  all.gauge = (row) => Math.sin(row) * 1e6;
  all.fractions = (row) => (row % 50) / 10;
  all.late = (row) => (row < 150 ? undefined : row);
  return all;
}

test('resets are where a value is below the one before, in chunks, between them and in open rows', async (t) => {
  const rows = 300;
  const written = series(20);
  const store = await storeOf(t, written, rows);
  // From the first row, within an encoded chunk, and with so few open rows that they are read in place.
  for (const fromRow of [0, 37, 170, rows - 12]) {
    const startMs = T0 + fromRow * STEP_MS;
    const set = await store.select(M, { startMs, endMs: T0 + rows * STEP_MS });
    const known: string[] = [];
    set.labels.forEach((labels, i) => {
      const { timestamps, values, from, to, resets } = set.read(i);
      const name = labels.get('name');
      const expected: number[] = [];
      for (let p = from; p < to; p++) {
        const row = (timestamps[p]! - T0) / STEP_MS;
        assert.equal(values[p], written[name]!(row), `${name} at row ${row}`);
        if (p > from && values[p]! < values[p - 1]!) expected.push(p);
      }
      if (resets === undefined) return;
      known.push(name);
      assert.deepEqual([...(resets ?? [])], expected, `resets of ${name} from row ${fromRow}`);
    });
    for (const name of ['counter05', 'even', 'flat']) assert.ok(known.includes(name), `${name} is known`);
  }
});

test('the labels of a select are one array until a series comes', async (t) => {
  const store = await storeOf(t, { a: (row) => row, b: (row) => (row < 5 ? row : undefined) }, 100);
  const names = async (fromRow: number) => {
    const { labels } = await store.select(M, { startMs: T0 + fromRow * STEP_MS, endMs: T0 + 200 * STEP_MS });
    return labels;
  };
  const both = await names(0);
  assert.equal(await names(1), both);
  const one = await names(50);
  assert.deepEqual(
    one.map((each) => each.get('name')),
    ['a'],
  );
  assert.equal(await names(60), one);
  assert.equal(await names(0), both);
  await append(store, { c: () => 1 }, 100);
  assert.deepEqual(
    (await names(50)).map((each) => each.get('name')),
    ['a', 'c'],
  );
});
