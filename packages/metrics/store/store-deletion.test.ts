import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { MetricsStore } from './metrics-store.ts';

const T0 = Date.UTC(2026, 0, 1);
const ALL: LabelMatcher[] = [{ name: '__name__', op: '=~', value: '.+' }];
const named = (value: string): LabelMatcher[][] => [[{ name: '__name__', op: '=', value }]];

function open(directory: StorageDirectory): Promise<MetricsStore> {
  return MetricsStore.open({
    directory,
    clock: new FakeClock(T0 + 86_400_000),
    log: silentLog,
    outOfOrderTimeWindowMs: 86_400_000,
  });
}

async function put(store: MetricsStore, seconds: number, samples: Record<string, number>): Promise<void> {
  const names = Object.keys(samples);
  const result = await store.append({
    rows: [
      {
        group: 't',
        timestampMs: T0 + seconds * 1000,
        count: names.length,
        refs: Int32Array.from(names, (name) => store.ref(Labels.from({ __name__: name }))),
        values: Float64Array.from(names, (name) => samples[name]!),
        stale: null,
        histograms: null,
      },
    ],
  });
  assert.equal(result.appended, names.length);
}

async function dump(store: MetricsStore): Promise<Record<string, string>> {
  const set = await store.select(ALL, { startMs: 0, endMs: Infinity });
  return Object.fromEntries(
    set.labels.map((labels, i) => {
      const { timestamps, values, from, to } = set.read(i);
      const parts = [];
      for (let p = from; p < to; p++) parts.push(`${(timestamps[p]! - T0) / 1000}:${values[p]}`);
      return [labels.metricName, parts.join(' ')];
    }),
  );
}

const names = (store: MetricsStore) => store.labelValues('__name__', { matcherSets: [], startMs: 0, endMs: Infinity });

type Stage = (store: MetricsStore, directory: StorageDirectory) => Promise<MetricsStore>;
const same: Stage = async (store) => store;
const restart: Stage = async (store, directory) => {
  await store.close();
  return open(directory);
};
const flush: Stage = async (store) => {
  await store.flush();
  return store;
};
const clean: Stage = async (store) => {
  await store.cleanTombstones();
  assert.equal(store.stats.tombstoneCount, 0);
  return store;
};

for (const [where, before] of [
  ['the head', same],
  ['a block', flush],
] as const) {
  for (const [how, after] of [
    ['at once', [same]],
    ['after a restart', [restart]],
    ['after it became a block', [flush]],
    ['after a clean-up', [flush, clean]],
    ['after restarts and a clean-up', [restart, flush, restart, clean, restart]],
  ] as const) {
    test(`what is deleted from ${where} is gone ${how}`, async () => {
      const directory = openMemoryDirectory();
      let store = await open(directory);
      for (let i = 0; i < 6; i++) await put(store, i, { all: i, part: i, stays: i });
      store = await before(store, directory);
      await store.deleteSeries(named('all'), -Infinity, Infinity);
      await store.deleteSeries(named('part'), T0 + 1_000, T0 + 3_500);
      await store.deleteSeries([[{ name: '__name__', op: '=~', value: 'part|absent' }]], T0 + 5_000, Infinity);
      await put(store, 10, { part: 10 });
      for (const stage of after) store = await stage(store, directory);
      const expected = { part: '0:0 4:4 10:10', stays: '0:0 1:1 2:2 3:3 4:4 5:5' };
      assert.deepEqual(await dump(store), expected);
      assert.deepEqual(await names(store), ['part', 'stays']);
      // What is stored later is there, whenever its time.
      await put(store, 2, { part: 2.5 });
      await put(store, 20, { all: 20 });
      for (const stage of [same, restart, flush, restart] as const) {
        store = await stage(store, directory);
        assert.deepEqual(await dump(store), { all: '20:20', part: '0:0 2:2.5 4:4 10:10', stays: expected.stays });
      }
      await store.close();
    });
  }
}

test('samples that come out of order after a deletion, into its time, are there', async () => {
  const directory = openMemoryDirectory();
  let store = await open(directory);
  for (let i = 0; i < 5; i++) await put(store, 2 * i, { a: i });
  await put(store, 3, { a: 0.5 });
  await store.deleteSeries(named('a'), T0 + 1_000, T0 + 6_000);
  await put(store, 4, { a: 44 });
  await put(store, 5, { a: 55 });
  for (const stage of [same, restart, flush, restart, clean] as const) {
    store = await stage(store, directory);
    assert.deepEqual(await dump(store), { a: '0:0 4:44 5:55 8:4' });
  }
  await store.close();
});

test('a deletion takes what was asked to be stored before it, and nothing after', async () => {
  const directory = openMemoryDirectory();
  let store = await open(directory);
  const before = Array.from({ length: 20 }, (_, i) => put(store, i, { a: i }));
  const deleted = store.deleteSeries(named('a'), -Infinity, Infinity);
  const after = Array.from({ length: 5 }, (_, i) => put(store, 100 + i, { a: i }));
  await Promise.all([...before, deleted, ...after]);
  for (const stage of [same, restart] as const) {
    store = await stage(store, directory);
    assert.deepEqual(await dump(store), { a: '100:0 101:1 102:2 103:3 104:4' });
  }
  await store.close();
});

test('a snapshot opens as a store by itself, with or without the head, and what is deleted later is in it', async () => {
  const directory = openMemoryDirectory();
  const store = await open(directory);
  await put(store, 1, { a: 1, b: 1 });
  await store.flush();
  await store.deleteSeries(named('b'), -Infinity, Infinity);
  await put(store, 2, { a: 2 });
  const blocksOnly = await store.snapshot(true);
  const whole = await store.snapshot(false);
  await store.deleteSeries(named('a'), -Infinity, Infinity);
  await store.cleanTombstones();
  await put(store, 3, { a: 3 });
  await store.flush();
  assert.match(whole, /^20260102T000000Z-[0-9a-f]{16}$/);
  const snapshots = await directory.subdirectory('snapshots');
  for (const [name, expected] of [
    [blocksOnly, '1:1'],
    [whole, '1:1 2:2'],
  ] as const) {
    const copy = await open(await snapshots.subdirectory(name));
    assert.deepEqual(await dump(copy), { a: expected });
    await put(copy, 4, { a: 4 });
    await copy.flush();
    assert.deepEqual(await dump(copy), { a: `${expected} 4:4` });
    await copy.close();
  }
  assert.deepEqual(await dump(store), { a: '3:3' });
  await store.close();
});

test('a snapshot that was interrupted is removed at the next start, and nothing else', async () => {
  const directory = openMemoryDirectory();
  const first = await open(directory);
  await put(first, 1, { a: 1 });
  const whole = await first.snapshot(false);
  await first.close();
  const snapshots = await directory.subdirectory('snapshots');
  const interrupted = '20260102T000000Z-0123456789abcdef';
  const blocks = await (await snapshots.subdirectory(interrupted)).subdirectory('blocks');
  await blocks.writeAtomic('b-000000000001.seg', [Uint8Array.of(1)]);
  await (await snapshots.subdirectory(interrupted)).writeAtomic('manifest-0000000000000001.tmp', [Uint8Array.of(1)]);
  await snapshots.subdirectory('mine');
  await (await open(directory)).close();
  assert.deepEqual(await snapshots.listDirectories(), [whole, 'mine']);
  const copy = await open(await snapshots.subdirectory(whole));
  assert.deepEqual(await dump(copy), { a: '1:1' });
  await copy.close();
});
