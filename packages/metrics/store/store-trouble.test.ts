import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { FaultPlan, faultDirectory } from '@mario/storage/testing';
import { Labels } from '../model/labels.ts';
import { MetricsStore } from './metrics-store.ts';
import type { MetricsStoreOptions } from './store-options.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 0, 1);

/** A store whose log lines are kept, and a clock to move. */
async function trouble(change: Partial<MetricsStoreOptions> = {}) {
  const lines: string[] = [];
  const clock = new FakeClock(T0);
  const log = createLog({ clock, level: 'info', write: (line: string) => void lines.push(line) });
  const options = { directory: openMemoryDirectory(), clock, log, ...change };
  const store = await MetricsStore.open(options);
  const put = (name: string, timestampMs = clock.nowMs(), labels: Record<string, string> = {}, into = store) => {
    const ref = into.ref(Labels.from({ __name__: name, ...labels }));
    if (ref < 0) return Promise.resolve(undefined);
    const row = { group: 't', timestampMs, count: 1, refs: Int32Array.of(ref), values: Float64Array.of(1) };
    return into.append({ rows: [{ ...row, stale: null, histograms: null }] });
  };
  const times = async (name: string, of = store) => {
    const set = await of.select([{ name: '__name__', op: '=', value: name }], { startMs: 0, endMs: Infinity });
    if (set.labels.length === 0) return [];
    const { timestamps, from, to } = set.read(0);
    return Array.from(timestamps.subarray(from, to), (timeMs) => (timeMs - T0) / 60_000);
  };
  const said = (text: string) => lines.filter((line) => line.includes(text)).length;
  return { store, clock, options, put, times, said };
}

test('a full disk is one line a minute, counted, and over by itself', async () => {
  const plan = new FaultPlan();
  const { store, clock, put, times, said } = await trouble({ directory: faultDirectory(openMemoryDirectory(), plan) });
  await put('m');
  plan.fillDisk();
  for (let i = 0; i < 20; i++) {
    await clock.advance(4_000);
    await assert.rejects(put('m'), { code: 'MARIO_STORAGE_FULL' });
  }
  await assert.rejects(store.deleteSeries([[{ name: '__name__', op: '=', value: 'm' }]], 0, Infinity), {
    code: 'MARIO_STORAGE_FULL',
  });
  assert.equal(said('storing samples failed'), 2);
  assert.equal(store.stats.appendFailureCount, 21);
  assert.equal(store.stats.appendedCount, 1);
  plan.freeSpace();
  await put('m');
  assert.equal(said('the disk takes data again'), 1);
  assert.equal((await times('m')).length, 2);
  await store.close();
});

test('a snapshot that does not fit on the disk leaves nothing', async () => {
  const plan = new FaultPlan();
  const directory = openMemoryDirectory();
  const { store, put } = await trouble({ directory: faultDirectory(directory, plan) });
  await put('m');
  await store.flush();
  plan.fillDisk();
  await assert.rejects(store.snapshot(true), { code: 'MARIO_STORAGE_FULL' });
  assert.deepEqual(await (await directory.subdirectory('snapshots')).listDirectories(), []);
  plan.freeSpace();
  assert.match(await store.snapshot(true), /^2026/);
  await store.close();
});

describe('a clock that jumps', () => {
  test('hours ahead and back: all samples are there, the new ones in order, also after a restart', async () => {
    const { store, clock, options, put, times, said } = await trouble();
    await put('m');
    await clock.advance(60_000);
    await put('m');
    clock.jump(T0 + 5 * HOUR_MS);
    await put('m');
    await clock.advance(31_000);
    assert.equal(said('the clock of this machine jumped'), 1);
    clock.jump(T0 + 2 * 60_000);
    assert.equal((await put('m'))?.appended, 1);
    await clock.advance(60_000);
    assert.equal((await put('m'))?.appended, 1);
    assert.equal((await put('new'))?.appended, 1);
    assert.equal(said('the clock was set back'), 1);
    const expected = [0, 1, 2, 3, 300];
    assert.deepEqual(await times('m'), expected);
    await store.close();
    const again = await MetricsStore.open(options);
    assert.deepEqual(await times('m', again), expected);
    await clock.advance(60_000);
    assert.equal((await put('m', clock.nowMs(), {}, again))?.appended, 1);
    await again.flush();
    assert.deepEqual(await times('m', again), [0, 1, 2, 3, 4, 300]);
    assert.deepEqual(await times('new', again), [3]);
    await again.close();
  });

  test('a month ahead drops nothing for its age while nobody knows which time it is', async () => {
    const { store, clock, put, times } = await trouble({ retentionMs: 24 * HOUR_MS });
    await put('m');
    await store.flush();
    clock.jump(T0 + 30 * 24 * HOUR_MS);
    await clock.advance(31_000);
    assert.deepEqual(await times('m'), [0]);
    clock.jump(T0 + HOUR_MS);
    await clock.advance(31_000);
    assert.deepEqual(await times('m'), [0]);
    // It stays a month ahead: then that is the time.
    clock.jump(T0 + 30 * 24 * HOUR_MS);
    for (let i = 0; i < 125; i++) await clock.advance(30_000);
    assert.deepEqual(await times('m'), []);
    await store.close();
  });
});

describe('limits on series', () => {
  test('by job: others go on, what is refused is counted by reason and said once', async () => {
    const { store, put, said } = await trouble({ limits: { seriesPerJob: 2, labelChars: 100, labelsPerSeries: 5 } });
    for (let i = 0; i < 5; i++) await put(`m${i}`, T0, { job: 'greedy' });
    for (let i = 0; i < 3; i++) await put(`n${i}`, T0, { job: `modest ${i}` });
    await put('x'.repeat(101));
    await put('y', T0, { a: '1', b: '1', c: '1', d: '1', e: '1' });
    assert.deepEqual(Object.fromEntries(store.stats.seriesRefused), {
      series_limit: 0,
      job_limit: 3,
      label_count: 1,
      label_length: 1,
    });
    assert.equal(store.index.size, 5);
    assert.equal(said('job_limit'), 1);
    await store.close();
  });

  test('in all: idle series give way before anything new is refused', async () => {
    const { store, clock, put, times } = await trouble({ limits: { series: 10, idleMs: 10 * 60_000 } });
    for (let i = 0; i < 10; i++) await put(`old${i}`);
    assert.equal(await put('refused'), undefined);
    for (let minute = 0; minute < 11; minute++) {
      await clock.advance(60_000);
      for (let i = 0; i < 4; i++) await put(`old${i}`);
    }
    // Six are idle: six new ones are taken at once, and no more.
    for (let i = 0; i < 8; i++) await put(`new${i}`);
    assert.equal(store.stats.seriesRefused.get('series_limit'), 3);
    for (let i = 0; i < 6; i++) assert.equal((await times(`new${i}`)).length, 1);
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      // Waits for the maintenance that is under way.
      await store.compact();
      for (let i = 0; i < 4; i++) await put(`old${i}`);
      for (let i = 0; i < 6; i++) await put(`new${i}`);
    }
    assert.equal(store.index.size, 10);
    // They are out of memory, not gone.
    assert.equal((await times('old9')).length, 1);
    await store.close();
  });
});
