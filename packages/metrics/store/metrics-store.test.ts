import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import { FaultPlan, faultDirectory } from '@mario/storage/testing';
import { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { MetricsStore } from './metrics-store.ts';
import type { MetricsStoreOptions } from './store-options.ts';

const T0 = Date.UTC(2026, 0, 1);
const ALL: LabelMatcher[] = [{ name: '__name__', op: '=~', value: '.+' }];

async function open(directory: StorageDirectory, options: Partial<MetricsStoreOptions> = {}): Promise<MetricsStore> {
  return MetricsStore.open({ directory, clock: new FakeClock(T0 + 86_400_000), log: silentLog, ...options });
}

type Cell = number | 'stale';

async function put(store: MetricsStore, group: string, timestampMs: number, samples: Record<string, Cell>) {
  const names = Object.keys(samples);
  const stale = names.flatMap((name, i) => (samples[name] === 'stale' ? [i] : []));
  return store.append({
    rows: [
      {
        group,
        timestampMs,
        count: names.length,
        refs: Int32Array.from(names, (name) => store.ref(labels(name))),
        values: Float64Array.from(names, (name) => (samples[name] === 'stale' ? 0 : (samples[name] as number))),
        stale: stale.length > 0 ? Int32Array.from(stale) : null,
        histograms: null,
      },
    ],
  });
}

/** `a{x=1}` for short. */
function labels(name: string): Labels {
  const [, metric, rest] = /^(\w+)(?:\{(.*)\})?$/.exec(name)!;
  return Labels.from([
    ['__name__', metric!],
    ...(rest ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string]),
  ]);
}

async function dump(
  store: MetricsStore,
  matchers = ALL,
  startMs = 0,
  endMs = Infinity,
): Promise<Record<string, string>> {
  const set = await store.select(matchers, { startMs, endMs });
  return Object.fromEntries(
    set.labels.map((each, i) => {
      const { timestamps, values, from, to, stale } = set.read(i);
      const parts = [];
      for (let p = from; p < to; p++)
        parts.push(`${(timestamps[p]! - T0) / 1000}:${stale?.includes(p) ? 's' : values[p]}`);
      return [String(each), parts.join(' ')];
    }),
  );
}

async function reopened(store: MetricsStore, directory: StorageDirectory): Promise<MetricsStore> {
  await store.close();
  return open(directory);
}

async function flushed(store: MetricsStore): Promise<MetricsStore> {
  await store.flush();
  return store;
}

const stages: [string, (store: MetricsStore, directory: StorageDirectory) => Promise<MetricsStore>][] = [
  ['in the head', async (store) => store],
  ['after a restart', reopened],
  ['in a block', flushed],
  ['in a block, after a restart', async (store, directory) => reopened(await flushed(store), directory)],
];

for (const [name, settle] of stages) {
  test(`samples, staleness, gaps and late starts are read back ${name}`, async () => {
    const directory = openMemoryDirectory();
    let store = await open(directory, { outOfOrderTimeWindowMs: 7_200_000 });
    for (let i = 0; i < 300; i++) {
      const row: Record<string, Cell> = { 'a{x=1}': i, 'a{x=2}': i * 0.25 };
      if (i >= 100) row.b = i % 7 === 0 ? Number.NaN : 1 / i;
      if (i < 200) row.c = i;
      if (i === 200) row.c = 'stale';
      if (i % 3 === 0) row.holes = i;
      await put(store, 'target', T0 + i * 15_000, row);
    }
    await put(store, 'other', T0 + 1000, { 'a{x=3}': 5 });
    assert.equal((await put(store, 'target', T0 + 1_000, { holes: 77 })).appended, 1);
    store = await settle(store, directory);
    const found = await dump(store);
    assert.deepEqual(Object.keys(found), ['a{x="1"}', 'a{x="2"}', 'a{x="3"}', 'b', 'c', 'holes']);
    const row = (from: number, to: number, value: (i: number) => unknown) =>
      Array.from({ length: to - from }, (_, i) => `${(from + i) * 15}:${value(from + i)}`).join(' ');
    assert.equal(
      found['a{x="2"}'],
      row(0, 300, (i) => i * 0.25),
    );
    assert.equal(
      found.b,
      row(100, 300, (i) => (i % 7 === 0 ? Number.NaN : 1 / i)),
    );
    assert.equal(
      found.c,
      row(0, 201, (i) => (i === 200 ? 's' : i)),
    );
    assert.equal(found['a{x="3"}'], '1:5');
    assert.ok(found.holes!.startsWith('0:0 1:77 45:3 90:6'), found.holes!.slice(0, 60));
    assert.equal(found.holes!.split(' ').length, 101);
    await store.close();
  });
}

test('series over a block and the head are one', async () => {
  const store = await open(openMemoryDirectory());
  for (let i = 0; i < 40; i++) {
    await put(store, 't', T0 + i * 1000, { a: i, b: -i });
    if (i === 19) await store.flush();
  }
  const expected = Array.from({ length: 40 }, (_, i) => `${i}:${i}`).join(' ');
  assert.equal((await dump(store)).a, expected);
  const set = await store.select(ALL, { startMs: 0, endMs: Infinity });
  const first = set.read(0).timestamps;
  assert.equal(set.read(1).timestamps, first, 'series of one target share their timestamps');
  await store.close();
});

test('out of order, doubled and far future samples are dropped and counted', async () => {
  const store = await open(openMemoryDirectory());
  await put(store, 't', T0 + 10_000, { a: 1 });
  assert.deepEqual(await put(store, 't', T0 + 5_000, { a: 2 }), {
    appended: 0,
    outOfOrder: 1,
    duplicate: 0,
    outOfBounds: 0,
  });
  assert.deepEqual(await put(store, 't', T0 + 10_000, { a: 2 }), {
    appended: 0,
    outOfOrder: 0,
    duplicate: 1,
    outOfBounds: 0,
  });
  assert.equal((await put(store, 't', T0 + 10_000, { a: 1 })).appended, 1);
  assert.equal((await put(store, 't', T0 + 10 * 86_400_000, { a: 3 })).outOfBounds, 1);
  assert.equal((await put(store, 't', T0 - 7_200_000, { fresh: 3 })).outOfBounds, 1);
  assert.equal((await dump(store)).a, '10:1');
  await store.close();
});

test('an out-of-order window takes late samples, also into encoded rows, and keeps one of each time', async () => {
  const directory = openMemoryDirectory();
  let store = await open(directory, { outOfOrderTimeWindowMs: 7_200_000 });
  for (let i = 0; i < 200; i++) await put(store, 't', T0 + i * 2_000, { a: i });
  assert.equal((await put(store, 't', T0 + 1_000, { a: 0.5 })).appended, 1);
  assert.equal((await put(store, 't', T0 + 1_000, { a: 0.6 })).duplicate, 1);
  assert.equal((await put(store, 't', T0 - 9_000_000, { a: 0.6 })).outOfOrder, 1);
  for (let round = 0; round < 2; round++) {
    assert.ok((await dump(store)).a!.startsWith('0:0 1:0.5 2:1 4:2'));
    await store.close();
    store = await open(directory);
  }
  await store.close();
});

test('matchers', async () => {
  const store = await open(openMemoryDirectory());
  await put(store, 't', T0, { 'a{x=1}': 1, 'a{x=2,y=b}': 2, 'b{x=1}': 3, 'b{z=9}': 4 });
  const names = async (...matchers: [string, LabelMatcher['op'], string][]) =>
    Object.keys(
      await dump(
        store,
        matchers.map(([name, op, value]) => ({ name, op, value })),
      ),
    );
  assert.deepEqual(await names(['__name__', '=', 'a']), ['a{x="1"}', 'a{x="2", y="b"}']);
  assert.deepEqual(await names(['__name__', '=~', 'a|b'], ['x', '=', '1']), ['a{x="1"}', 'b{x="1"}']);
  assert.deepEqual(await names(['__name__', '=', 'b'], ['x', '=', '']), ['b{z="9"}']);
  assert.deepEqual(await names(['x', '!=', '1'], ['__name__', '=~', '.+']), ['a{x="2", y="b"}', 'b{z="9"}']);
  assert.deepEqual(await names(['x', '=~', '[0-9]+'], ['y', '!~', 'b|c']), ['a{x="1"}', 'b{x="1"}']);
  assert.deepEqual(await names(['nothing', '=', 'here']), []);
  const query = { matcherSets: [], startMs: 0, endMs: Infinity };
  assert.deepEqual(await store.labelNames(query), ['__name__', 'x', 'y', 'z']);
  assert.deepEqual(await store.labelValues('x', query), ['1', '2']);
  assert.deepEqual(
    await store.labelValues('x', { ...query, matcherSets: [[{ name: '__name__', op: '=', value: 'b' }]] }),
    ['1'],
  );
  assert.deepEqual(await store.labelValues('x', { ...query, startMs: T0 + 1 }), []);
  await store.close();
});

test('a sample that could not be logged is not there, and intake goes on when the disk has room again', async () => {
  const plan = new FaultPlan();
  const directory = openMemoryDirectory();
  const store = await open(faultDirectory(directory, plan));
  await put(store, 't', T0, { a: 1 });
  plan.fillDisk();
  await assert.rejects(put(store, 't', T0 + 1000, { a: 2, b: 1 }), { code: 'MARIO_STORAGE_FULL' });
  plan.freeSpace();
  await put(store, 't', T0 + 2000, { a: 3, b: 2 });
  assert.deepEqual(await dump(store), { a: '0:1 2:3', b: '2:2' });
  await store.close();
  const again = await open(directory);
  assert.deepEqual(await dump(again), { a: '0:1 2:3', b: '2:2' });
  await again.close();
});

test('exemplars and metadata survive restarts and blocks', async () => {
  const directory = openMemoryDirectory();
  let store = await open(directory);
  await put(store, 't', T0, { a: 1 });
  const exemplar = { labels: Labels.from({ trace_id: 'abc' }), value: 0.5, timestampMs: T0 };
  const metadata = { type: 'counter', help: 'h', unit: '' } as const;
  await store.append({ rows: [], exemplars: [{ ref: store.ref(labels('a')), exemplar }], metadata: [['a', metadata]] });
  for (const step of ['restart', 'flush', 'restart']) {
    if (step === 'flush') await store.flush();
    else {
      await store.close();
      store = await open(directory);
    }
    const [found] = await store.exemplars({ matcherSets: [ALL], startMs: 0, endMs: Infinity });
    assert.equal(found?.exemplars[0]?.labels.get('trace_id'), 'abc', step);
    assert.deepEqual([...store.metadata()], [['a', [metadata]]], step);
  }
  await store.close();
});

test('series that are gone from heads and blocks leave the index, and retention drops blocks', async () => {
  const clock = new FakeClock(T0 + 86_400_000);
  const store = await MetricsStore.open({
    directory: openMemoryDirectory(),
    clock,
    log: silentLog,
    retentionMs: 3_600_000,
  });
  await put(store, 't', T0, { old: 1 });
  await store.flush();
  const before = store.refGeneration;
  await clock.advance(31_000);
  await store.flush();
  assert.equal(store.stats.blockCount, 0);
  assert.equal(store.index.size, 0);
  assert.ok(store.refGeneration > before);
  await put(store, 't', T0 + 80_000_000, { old: 2 });
  assert.deepEqual(await dump(store), { old: '80000:2' });
  await store.close();
});

test('the limit on series refuses new ones and keeps the known', async () => {
  const store = await open(openMemoryDirectory(), { limits: { series: 2 } });
  assert.ok(store.ref(labels('a')) >= 0);
  assert.ok(store.ref(labels('b')) >= 0);
  assert.equal(store.ref(labels('c')), -1);
  assert.ok(store.ref(labels('a')) >= 0);
  assert.equal(store.stats.seriesRefused.get('series_limit'), 1);
  await store.close();
});

test('after two hours a new head begins by itself, and a damaged block is set aside, counted, and no reason not to start', async () => {
  const clock = new FakeClock(T0 + 86_400_000);
  const directory = openMemoryDirectory();
  const options = { directory, clock, log: silentLog };
  const first = await MetricsStore.open(options);
  await put(first, 't', T0, { a: 1 });
  await put(first, 't', T0 + 7_200_000, { a: 2 });
  await clock.advance(31_000);
  await first.flush();
  assert.equal(first.stats.blockCount, 1);
  await put(first, 't', T0 + 7_300_000, { a: 3 });
  await first.flush();
  await put(first, 't', T0 + 7_400_000, { a: 4 });
  await first.close();
  const blocks = await directory.subdirectory('blocks');
  const [oldest] = await blocks.list();
  const bytes = await blocks.read(oldest!);
  bytes[bytes.length - 5]! ^= 255;
  await blocks.writeAtomic(oldest!, [bytes]);
  const again = await MetricsStore.open(options);
  assert.equal(again.stats.corruptSegmentCount, 1);
  assert.deepEqual(await dump(again), { a: '7300:3 7400:4' });
  await again.close();
});
