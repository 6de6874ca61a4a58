import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDiskDirectory } from '@mario/storage';
import { runUntilKilled, seededRandom, testSeed, withTemporaryFolder } from '@mario/storage/testing';
import { noNeedles } from '../logql/evaluation/log-source.ts';
import { openTestStore } from '../testing/open-store.ts';

/** Each starts a process; enough to meet flushes and log rotations at different moments. */
const ROUNDS = 6;

test('killed at random moments, the store has every acknowledged entry exactly once', async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  await withTemporaryFolder(async (folder) => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const script = join(import.meta.dirname, '../testing/store-crash-child.ts');
      const run = await runUntilKilled({ script, args: [folder, String(round)], random, livesMsMax: 200 });
      for (const id of run.acknowledged) acknowledged.add(id);
    }
    const store = await openTestStore({ directory: await openDiskDirectory(folder) });
    const seen = new Map<string, number>();
    for (const block of await store.select({ matchers: [], startNs: 0n, endNs: 2n ** 62n })) {
      const entries = (await block.read(noNeedles))!;
      for (let i = 0; i < entries.count; i++) {
        const id = entries.line(i).split(' ')[0]!;
        seen.set(id, (seen.get(id) ?? 0) + 1);
      }
    }
    for (const id of acknowledged) {
      for (const part of [0, 1])
        assert.equal(seen.get(`${id}/${part}`), 1, `seed ${seed}: ${id}/${part} of ${acknowledged.size}`);
    }
    assert.ok(
      [...seen.values()].every((count) => count === 1),
      `seed ${seed}: something is there twice`,
    );
    await store.close();
  });
});
