import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import { FaultPlan, faultDirectory } from '@mario/storage/testing';
import { noNeedles } from '../logql/evaluation/log-source.ts';
import { labelsOf } from '../logql/labels.ts';
import { openTestStore } from '../testing/open-store.ts';
import type { LogStore } from './log-store.ts';
import type { PushStream } from './push.ts';

const NS = 1_000_000_000n;

function push(app: string, lines: readonly (readonly [bigint, string, Record<string, string>?])[]): PushStream {
  return {
    labels: labelsOf({ app }),
    entries: lines.map(([timeNs, line, metadata = {}]) => ({ timeNs, line, metadata: labelsOf(metadata) })),
  };
}

async function linesOf(store: LogStore, app = 'a', needles: readonly string[] = []): Promise<string[]> {
  const blocks = await store.select({
    matchers: [{ name: 'app', operator: '=', value: app }],
    startNs: 0n,
    endNs: 2n ** 62n,
  });
  const found: [bigint, string][] = [];
  for (const block of blocks) {
    const entries = await block.read({ line: needles, labels: [] });
    for (let i = 0; i < (entries?.count ?? 0); i++) found.push([entries!.timesNs[i]!, entries!.line(i)]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, line]) => line);
}

test('entries are found in memory, in segments, and after both', async () => {
  const store = await openTestStore();
  await store.push([
    push('a', [
      [2n * NS, 'two'],
      [1n * NS, 'one'],
    ]),
  ]);
  assert.deepEqual(await linesOf(store), ['one', 'two']);
  await store.flush();
  assert.equal(store.stats().segmentCount, 1);
  assert.equal(store.stats().headEntryCount, 0);
  await store.push([push('a', [[3n * NS, 'three']])]);
  assert.deepEqual(await linesOf(store), ['one', 'two', 'three']);
  assert.deepEqual(await linesOf(store, 'a', ['one']), ['one', 'three']);
  await store.close();
});

test('after a restart everything is there once, from the log and from segments', async () => {
  const directory = openMemoryDirectory();
  const first = await openTestStore({ directory });
  await first.push([push('a', [[1n, 'flushed', { trace_id: 'x' }]])]);
  await first.flush();
  await first.push([push('a', [[2n, 'in the log']]), push('b', [[3n, 'another stream']])]);
  await first.close();
  const second = await openTestStore({ directory });
  assert.deepEqual(await linesOf(second), ['flushed', 'in the log']);
  assert.deepEqual(await linesOf(second, 'b'), ['another stream']);
  await second.flush();
  await second.close();
  const third = await openTestStore({ directory });
  assert.deepEqual(await linesOf(third), ['flushed', 'in the log']);
  await third.close();
});

test('the same entry again is accepted and stored once; another time, line or metadata is another entry', async () => {
  const store = await openTestStore();
  const entries = push('a', [
    [1n, 'x'],
    [1n, 'x', { k: 'v' }],
    [1n, 'y'],
    [2n, 'x'],
  ]);
  await store.push([entries]);
  const outcome = await store.push([entries]);
  assert.equal(outcome.acceptedCount, 4);
  assert.equal((await linesOf(store)).length, 4);
  assert.equal(store.stats().duplicateCount, 4);
  await store.close();
});

test('limits refuse with their reason and keep the rest', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 10));
  const nowNs = clock.nowNs();
  const day = 86_400n * NS;
  const limits = {
    ageMsMax: 7 * 86_400_000,
    aheadMsMax: 600_000,
    lateMsMax: 3_600_000,
    lineBytesMax: 10,
    labelCountMax: 2,
    streamCountMax: 3,
  };
  const store = await openTestStore({ clock, limits });
  const reasons = async (stream: PushStream): Promise<string[]> =>
    (await store.push([stream])).refusals.map(({ reason }) => reason);
  assert.deepEqual(
    await reasons(
      push('a', [
        [nowNs, 'fine'],
        [nowNs - 8n * day, 'old'],
        [nowNs + 3600n * NS, 'new'],
        [nowNs, 'much too long'],
      ]),
    ),
    ['greater_than_max_sample_age', 'too_far_in_future', 'line_too_long'],
  );
  assert.deepEqual(await reasons(push('a', [[nowNs - 2n * 3600n * NS, 'late']])), ['too_far_behind']);
  assert.deepEqual(
    await reasons({
      labels: labelsOf({ a: '1', b: '2', c: '3' }),
      entries: [{ timeNs: nowNs, line: 'x', metadata: [] }],
    }),
    ['max_label_names_per_series'],
  );
  assert.deepEqual(await reasons({ labels: [], entries: [{ timeNs: nowNs, line: 'x', metadata: [] }] }), [
    'missing_labels',
  ]);
  await store.push([push('b', [[nowNs, 'x']]), push('c', [[nowNs, 'x']])]);
  assert.deepEqual(await reasons(push('d', [[nowNs, 'x']])), ['stream_limit']);
  assert.deepEqual(await linesOf(store), ['fine']);
  await store.close();
});

test('memory is written when it is full or old, and retention forgets', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 10));
  const store = await openTestStore({
    clock,
    headBytesMax: 2000,
    headAgeMsMax: 60_000,
    retention: { ageMsMax: 86_400_000, sizeBytesMax: 0 },
  });
  await store.push([push('a', [[clock.nowNs(), 'x'.repeat(3000)]])]);
  await store.maintain();
  assert.equal(store.stats().segmentCount, 1);
  await store.push([push('b', [[clock.nowNs(), 'small']])]);
  await clock.advance(70_000);
  await store.maintain();
  assert.equal(store.stats().segmentCount, 2);
  await clock.advance(2 * 86_400_000);
  await store.maintain();
  assert.equal(store.stats().segmentCount, 0);
  assert.equal(store.stats().streamCount, 0);
  assert.deepEqual(await linesOf(store), []);
  await store.close();
});

test('small segments are merged, and nothing is lost or doubled', async () => {
  const directory = openMemoryDirectory();
  const store = await openTestStore({ directory });
  const expected: string[] = [];
  for (let i = 0; i < 9; i++) {
    await store.push([push('a', [[BigInt(i), `line ${i}`, { k: `v${i}` }]]), push(`other${i}`, [[BigInt(i), 'x']])]);
    expected.push(`line ${i}`);
    await store.flush();
  }
  const before = await store.select({ matchers: [], startNs: 0n, endNs: 100n });
  await store.maintain();
  assert.equal(store.stats().segmentCount, 1);
  assert.equal(store.stats().mergedSegmentCount, 9);
  assert.deepEqual(await linesOf(store), expected);
  assert.deepEqual(await linesOf(store, 'other3'), ['x']);
  // Blocks that a query took before the merge are still read.
  assert.ok((await Promise.all(before.map((block) => block.read(noNeedles)))).every((entries) => entries!.count === 1));
  await store.close();
  const again = await openTestStore({ directory });
  assert.deepEqual(await linesOf(again), expected);
  await again.close();
});

test('queries that began before a flush or expiry read on', async () => {
  const store = await openTestStore();
  await store.push([push('a', [[1n, 'one']])]);
  const before = await store.select({ matchers: [], startNs: 0n, endNs: 10n });
  await store.flush();
  await store.push([push('a', [[2n, 'two']])]);
  assert.equal((await before[0]!.read(noNeedles))!.line(0), 'one');
  assert.deepEqual(await linesOf(store), ['one', 'two']);
  await store.close();
});

test('a full disk refuses pushes, keeps what was there, and works again when there is space', async () => {
  const plan = new FaultPlan();
  const inner = openMemoryDirectory();
  const store = await openTestStore({ directory: faultDirectory(inner, plan) });
  await store.push([push('a', [[1n, 'before']])]);
  plan.fillDisk();
  await assert.rejects(store.push([push('a', [[2n, 'refused']])]), { code: 'MARIO_STORAGE_FULL' });
  await assert.rejects(store.flush());
  assert.deepEqual(await linesOf(store), ['before']);
  plan.freeSpace();
  await store.push([push('a', [[3n, 'after']])]);
  await store.flush();
  assert.deepEqual(await linesOf(store), ['before', 'after']);
  await store.close();
  const again = await openTestStore({ directory: inner });
  assert.deepEqual(await linesOf(again), ['before', 'after']);
  await again.close();
});

test('a damaged segment is set aside and counted, the rest is served', async () => {
  const directory = openMemoryDirectory();
  const store = await openTestStore({ directory });
  await store.push([push('a', [[1n, 'lost']])]);
  await store.flush();
  await store.push([push('a', [[2n, 'kept']])]);
  await store.flush();
  await store.close();
  await damageFirstSegment(directory);
  const again = await openTestStore({ directory });
  assert.deepEqual(await linesOf(again), ['kept']);
  assert.equal(again.stats().corruptCount, 1);
  await again.close();
});

async function damageFirstSegment(directory: StorageDirectory): Promise<void> {
  const segments = await directory.subdirectory('segments');
  const [name] = await segments.list();
  const bytes = await segments.read(name!);
  bytes[bytes.length - 4]! ^= 0xff;
  await segments.writeAtomic(name!, [bytes]);
}
