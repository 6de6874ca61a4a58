import assert from 'node:assert/strict';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { type ManifestEntry, openDiskDirectory, openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import { seededRandom, testSeed, withTemporaryFolder } from '@mario/storage/testing';
import type { FloatHistogram } from '../../model/histogram.ts';
import { Labels } from '../../model/labels.ts';
import type { LabelMatcher } from '../../model/matcher.ts';
import { MetricsStore } from '../metrics-store.ts';
import { MERGE_BYTES_MAX, planMerge } from './merge-plan.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 0, 1);
const ALL: LabelMatcher[] = [{ name: '__name__', op: '=~', value: '.+' }];

function entry(name: string, fromHours: number, toHours: number, sizeBytes = 1000): ManifestEntry {
  return { name, sizeBytes, minTimeMs: T0 + fromHours * HOUR_MS, maxTimeMs: T0 + toHours * HOUR_MS - 1, meta: {} };
}

const plan = (entries: readonly ManifestEntry[], retentionMs = 0) =>
  planMerge(entries, retentionMs)?.map(({ name }) => name);

describe('the plan', () => {
  const twoHours = Array.from({ length: 13 }, (_, i) => entry(`b${i}`, 2 * i, 2 * i + 2));

  test('blocks of a span that is over become one, the oldest first', () => {
    assert.deepEqual(plan(twoHours.slice(0, 3)), undefined);
    assert.deepEqual(plan(twoHours.slice(0, 4)), ['b0', 'b1', 'b2']);
    assert.deepEqual(plan([entry('m', 0, 6), ...twoHours.slice(3, 7)]), ['b3', 'b4', 'b5']);
  });

  test('three times three become one of 18 hours, unless the retention is too short for it', () => {
    const sixHours = [entry('m0', 0, 6), entry('m1', 6, 12), entry('m2', 12, 18), entry('b', 18, 20)];
    assert.deepEqual(plan(sixHours), ['m0', 'm1', 'm2']);
    assert.deepEqual(plan(sixHours, 100 * HOUR_MS), undefined);
    assert.deepEqual(plan(twoHours, 20 * HOUR_MS), undefined);
  });

  test('blocks that are too large together stay apart', () => {
    const large = twoHours.slice(0, 4).map((each) => ({ ...each, sizeBytes: MERGE_BYTES_MAX / 2 }));
    assert.deepEqual(plan(large), ['b0', 'b1']);
    assert.deepEqual(plan(large.map((each) => ({ ...each, sizeBytes: MERGE_BYTES_MAX }))), undefined);
  });
});

function open(directory: StorageDirectory = openMemoryDirectory()): Promise<MetricsStore> {
  return MetricsStore.open({
    directory,
    clock: new FakeClock(T0 + 86_400_000),
    log: silentLog,
    outOfOrderTimeWindowMs: 86_400_000,
    // On a disk always in a thread, in memory never.
    mergeThreadBytesMin: 0,
  });
}

function histogram(count: number): FloatHistogram {
  return {
    schema: 0,
    counterResetHint: 'unknown',
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count,
    positive: { indexes: Int32Array.of(1), counts: Float64Array.of(count) },
    negative: { indexes: new Int32Array(0), counts: new Float64Array(0) },
    customValues: [],
  };
}

async function dump(store: MetricsStore): Promise<Record<string, string[]>> {
  const set = await store.select(ALL, { startMs: 0, endMs: Infinity });
  return Object.fromEntries(
    set.labels.map((labels, i) => {
      const { timestamps, values, from, to, stale, histograms, startTimestamps } = set.read(i);
      const parts: string[] = [];
      for (let p = from; p < to; p++) {
        const what = stale?.includes(p) ? 'stale' : (histograms?.[p]?.count.toFixed(0) ?? values[p]);
        parts.push(`${timestamps[p]! - T0} ${what} ${startTimestamps?.[p] ?? 0}`);
      }
      return [String(labels), parts];
    }),
  );
}

const CONTENT = 'churn, late samples, histograms, staleness, starts, deletions';

test(`merged blocks hold what they held apart: ${CONTENT}`, () => checkMerge(openMemoryDirectory()));

test(`so do those that a thread merges: ${CONTENT}`, () =>
  withTemporaryFolder(async (folder) => checkMerge(await openDiskDirectory(folder))));

async function checkMerge(directory: StorageDirectory): Promise<void> {
  const seed = testSeed();
  const random = seededRandom(seed);
  let store = await open(directory);
  for (let hour = 0; hour < 14; hour++) {
    for (let row = 0; row < 12; row++) {
      const timestampMs = T0 + hour * HOUR_MS + row * 300_000;
      const names = ['stays', `churn_${hour >> 1}`, 'counter', 'native', ...(random() < 0.7 ? ['holes'] : [])];
      const late = random() < 0.1 && hour > 2 ? 2 * HOUR_MS * random() : 0;
      await store.append({
        rows: [
          {
            group: `t${hour % 2}`,
            timestampMs: Math.round(timestampMs - late),
            count: names.length,
            refs: Int32Array.from(names, (name) =>
              store.ref(Labels.from({ __name__: name, target: name === 'stays' ? 'x' : '' })),
            ),
            values: Float64Array.from(names, () => Math.round(random() * 1000) / 8),
            stale: random() < 0.1 ? Int32Array.of(0) : null,
            histograms: new Map([[3, histogram(hour * 12 + row)]]),
            starts: Float64Array.of(0, 0, T0 + (hour >> 2) * 1000, T0, 0).subarray(0, names.length),
          },
        ],
      });
    }
    if (hour % 2 === 1) await store.flush();
    if (hour === 9) {
      await store.deleteSeries([[{ name: '__name__', op: '=', value: 'churn_1' }]], -Infinity, Infinity);
      await store.deleteSeries(
        [[{ name: '__name__', op: '=~', value: 'native|stays' }]],
        T0 + HOUR_MS,
        T0 + 4.2 * HOUR_MS,
      );
    }
  }
  const expected = await dump(store);
  assert.equal(store.stats.blockCount, 7);
  const bytes = store.stats.blockBytes;
  await store.compact();
  assert.ok(store.stats.blockCount <= 5, `seed ${seed}: ${store.stats.blockCount} blocks`);
  assert.ok(store.stats.blockBytes < bytes, `seed ${seed}: ${bytes} → ${store.stats.blockBytes}`);
  assert.deepEqual(await dump(store), expected, `seed ${seed}`);
  await store.close();
  store = await open(directory);
  assert.deepEqual(await dump(store), expected, `seed ${seed}, after a restart`);
  assert.deepEqual(
    await (await directory.subdirectory('blocks')).list().then((all) => all.length),
    store.stats.blockCount,
  );
  await store.close();
}

/** Series by number, one sample each, in a block. */
async function fillBlock(store: MetricsStore, count: number): Promise<void> {
  const refs = Int32Array.from({ length: count }, (_, i) => store.ref(Labels.from({ __name__: 'm', i: String(i) })));
  const row = { group: 't', timestampMs: T0, count, refs, values: new Float64Array(count) };
  await store.append({ rows: [{ ...row, stale: null, histograms: null }] });
  await store.flush();
}

const deleteNumbers = (store: MetricsStore, expression: string) =>
  store.deleteSeries([[{ name: 'i', op: '=~', value: expression }]], -Infinity, Infinity);

test('a block is written without what is deleted as soon as that is of more than a twentieth of its series', async () => {
  const store = await open();
  await fillBlock(store, 100);
  await deleteNumbers(store, '[0-4]');
  await store.compact();
  const { sizeBytes } = store.stats.blockEntries[0]!;
  assert.deepEqual([store.stats.compactionCount, store.stats.tombstoneCount], [0, 1]);
  await deleteNumbers(store, '5');
  await store.compact();
  assert.deepEqual([store.stats.compactionCount, store.stats.tombstoneCount], [1, 0]);
  assert.ok(store.stats.blockEntries[0]!.sizeBytes < sizeBytes);
  assert.equal(store.stats.blockEntries[0]!.meta.series, 94);
  await deleteNumbers(store, '.*');
  await store.compact();
  assert.equal(store.stats.blockCount, 0);
  await store.close();
});

test('a deletion of which a block has nothing is taken from it', async () => {
  const directory = openMemoryDirectory();
  let store = await open(directory);
  await fillBlock(store, 10);
  await deleteNumbers(store, 'none');
  assert.equal(store.stats.tombstoneCount, 1);
  await store.compact();
  assert.deepEqual([store.stats.compactionCount, store.stats.tombstoneCount], [0, 0]);
  await store.close();
  store = await open(directory);
  assert.equal(Object.keys(await dump(store)).length, 10);
  await store.close();
});

test('a thread that fails says why, and leaves everything as it was', () =>
  withTemporaryFolder(async (folder) => {
    const store = await open(await openDiskDirectory(folder));
    await fillBlock(store, 10);
    await deleteNumbers(store, '3');
    const blocks = await readdir(join(folder, 'blocks'));
    await rename(join(folder, 'blocks', blocks[0]!), join(folder, 'moved'));
    await assert.rejects(store.cleanTombstones(), { code: 'MARIO_STORAGE_NOT_FOUND' });
    assert.equal(store.stats.compactionFailureCount, 1);
    await rename(join(folder, 'moved'), join(folder, 'blocks', blocks[0]!));
    await store.cleanTombstones();
    assert.equal(Object.keys(await dump(store)).length, 9);
    await store.close();
  }));

test('reads that began before a merge end well, and a deletion during it is not lost', async () => {
  const directory = openMemoryDirectory();
  const store = await open(directory);
  for (let hour = 0; hour < 8; hour++) {
    for (let i = 0; i < 20; i++) {
      const refs = Int32Array.from(['a', 'b'], (name) => store.ref(Labels.from({ __name__: name })));
      const row = { group: 't', timestampMs: T0 + hour * HOUR_MS + i * 60_000, count: 2, refs };
      await store.append({ rows: [{ ...row, values: Float64Array.of(i, -i), stale: null, histograms: null }] });
    }
    if (hour % 2 === 1) await store.flush();
  }
  const set = await store.select(ALL, { startMs: 0, endMs: Infinity });
  const merging = store.compact();
  const deleting = store.deleteSeries([[{ name: '__name__', op: '=', value: 'b' }]], -Infinity, Infinity);
  const during = dump(store);
  await Promise.all([merging, deleting]);
  assert.equal((await during).a?.length, 160);
  assert.equal(set.read(0).to - set.read(0).from, 160);
  assert.deepEqual(Object.keys(await dump(store)), ['a']);
  await store.close();
  const again = await open(directory);
  assert.deepEqual(Object.keys(await dump(again)), ['a']);
  await again.close();
});
