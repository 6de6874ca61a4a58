import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog, systemClock } from '@mario/service';
import { openDiskDirectory } from '@mario/storage';
import { runUntilKilled, seededRandom, testSeed } from '@mario/storage/testing';
import { runCrashRounds } from './crash-rounds.ts';
import { MetricsStore } from './metrics-store.ts';

const ROUNDS = Number(process.env.MARIO_CRASH_ROUNDS ?? 40);
const KILLS = Number(process.env.MARIO_KILLS ?? 6);
const T0 = Date.UTC(2026, 0, 1);

/** Rows that the store holds: the value of a sample tells its row and place, so each can be checked by itself. */
async function rowsIn(folder: string, deleted: ReadonlyMap<number, number>): Promise<Map<number, number>> {
  const store = await MetricsStore.open({
    directory: await openDiskDirectory(folder),
    clock: systemClock,
    log: silentLog,
  });
  const rows = new Map<number, number>();
  try {
    const set = await store.select([{ name: '__name__', op: '=~', value: 'm.+' }], { startMs: 0, endMs: Infinity });
    set.labels.forEach((labels, i) => {
      const { timestamps, values, from, to } = set.read(i);
      for (let p = from; p < to; p++) {
        const row = Math.floor(values[p]! / 100);
        const place = values[p]! % 100;
        assert.equal(timestamps[p], T0 + row * 1_000, 'a sample at a time that is not its own');
        assert.equal(labels.metricName, `m${(row >> 4) * 3 + place}`, 'a sample in a series that is not its own');
        assert.equal(labels.get('target'), String(row % 2));
        rows.set(row, (rows.get(row) ?? 0) + 1);
      }
    });
    const gone = await store.select([{ name: '__name__', op: '=~', value: 'gone.' }], { startMs: 0, endMs: Infinity });
    gone.labels.forEach((labels, i) => {
      const { values, from } = gone.read(i);
      const last = deleted.get(Number(labels.metricName.slice(4))) ?? -1;
      assert.ok(
        values[from]! > last,
        `${labels.metricName} was deleted through row ${last}, and has row ${values[from]}`,
      );
    });
  } finally {
    await store.close();
  }
  return rows;
}

test(`killed ${KILLS} times at random moments, everything acknowledged is there once`, async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'mario-metrics-crash-'));
  try {
    const acknowledged = new Set<number>();
    const deleted = new Map<number, number>();
    let next = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const script = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
      const run = await runUntilKilled({ script, args: [folder, String(next)], random, livesMsMax: 400 });
      for (const text of run.acknowledged) {
        const row = Number(text.replace('deleted ', ''));
        if (text.startsWith('deleted')) deleted.set(row % 7, Math.max(row, deleted.get(row % 7) ?? 0));
        else acknowledged.add(row);
      }
      const rows = await rowsIn(folder, deleted);
      for (const row of acknowledged) assert.equal(rows.get(row), 20, `seed ${seed}, kill ${kill}, row ${row}`);
      // What was not acknowledged may be there, but whole and once.
      for (const [row, count] of rows) assert.equal(count, 20, `seed ${seed}, kill ${kill}, row ${row} in part`);
      next = Math.max(...rows.keys()) + 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test(`${ROUNDS} crashes of random work on a failing disk: nothing acknowledged is lost, nothing deleted comes back`, async () => {
  const report = await runCrashRounds(ROUNDS, testSeed());
  assert.equal(report.crashes, ROUNDS);
  assert.ok(report.samples > ROUNDS * 100, `only ${report.samples} samples were stored`);
});
