import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StorageDirectory } from './directory.ts';
import { openDiskDirectory } from './disk-directory.ts';
import { openMemoryDirectory } from './memory-directory.ts';
import {
  FaultPlan,
  faultDirectory,
  runUntilKilled,
  seededRandom,
  testSeed,
  withTemporaryFolder,
} from './testing/index.ts';
import type { WalReplayReport } from './write-ahead-log.ts';
import { openWriteAheadLog } from './write-ahead-log-file.ts';

const text = (value: string) => new TextEncoder().encode(value);
const string = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function openEmpty(directory: StorageDirectory, fileSizeBytesMax = 1_000_000) {
  const wal = await openWriteAheadLog({ directory, fileSizeBytesMax });
  await wal.replay(() => undefined);
  return wal;
}

async function contents(directory: StorageDirectory, after = 0): Promise<{ seen: string[]; report: WalReplayReport }> {
  const wal = await openWriteAheadLog({ directory });
  const seen: string[] = [];
  const report = await wal.replay((record) => {
    seen.push(`${record.sequence}:${record.type}:${string(record.payload)}`);
  }, after);
  await wal.close();
  return { seen, report };
}

describe('write-ahead log', () => {
  test('replays what was appended, in order, over files and restarts', async () => {
    const directory = openMemoryDirectory();
    const wal = await openEmpty(directory, 100);
    const sequences = await Promise.all(['a', 'b', 'c'].map((value, type) => wal.append(type, text(value))));
    assert.deepEqual(sequences, [1, 2, 3]);
    await wal.append(9, [text('x'.repeat(80)), text('y')]);
    await wal.append(9, text(''));
    assert.equal(wal.fileCount, 2);
    await wal.close();
    await wal.close();
    const { seen, report } = await contents(directory);
    assert.deepEqual(seen, ['1:0:a', '2:1:b', '3:2:c', `4:9:${'x'.repeat(80)}y`, '5:9:']);
    assert.deepEqual(report, { recordCount: 5, sizeBytes: 84, tornBytes: 0, corruptFileCount: 0, gaps: [] });
    assert.deepEqual((await contents(directory, 4)).seen, ['5:9:']);
  });

  test('shares one sync between appends that wait together', async () => {
    const wal = await openEmpty(openMemoryDirectory());
    await Promise.all(Array.from({ length: 100 }, () => wal.append(1, text('row'))));
    assert.ok(wal.stats.syncCount <= 2, `${wal.stats.syncCount} syncs`);
  });

  test('drops files whose records are all contained elsewhere and keeps numbering', async () => {
    const directory = openMemoryDirectory();
    const wal = await openEmpty(directory);
    for (const value of ['a', 'b']) await wal.append(1, text(value));
    await wal.rotate();
    await wal.rotate();
    await wal.append(1, text('c'));
    await wal.truncateThrough(1);
    assert.equal(wal.fileCount, 2);
    await wal.truncateThrough(2);
    assert.equal(wal.fileCount, 1);
    await wal.rotate();
    await wal.truncateThrough(3);
    await wal.close();
    const again = await openWriteAheadLog({ directory });
    assert.deepEqual((await again.replay(() => undefined, 3)).gaps, []);
    assert.equal(again.lastSequence, 3);
    assert.equal(await again.append(1, text('d')), 4);
  });

  test('never gives a number again that the manifest names, even when the files are gone', async () => {
    const wal = await openWriteAheadLog({ directory: openMemoryDirectory() });
    await wal.replay(() => undefined, 41);
    assert.equal(await wal.append(1, text('x')), 42);
  });

  test('refuses a record above the limit, too much waiting, and use after close', async () => {
    const directory = openMemoryDirectory();
    const wal = await openWriteAheadLog({ directory, recordSizeBytesMax: 10, pendingBytesMax: 15 });
    await wal.replay(() => undefined);
    await assert.rejects(wal.append(1, new Uint8Array(11)), { code: 'MARIO_STORAGE_LIMIT' });
    const first = wal.append(1, new Uint8Array(10));
    await assert.rejects(wal.append(1, new Uint8Array(10)), { code: 'MARIO_STORAGE_LIMIT' });
    assert.equal(await first, 1);
    await wal.close();
    await assert.rejects(wal.append(1, text('x')), { code: 'MARIO_STORAGE_CLOSED' });
  });
});

describe('write-ahead log on a failing disk', () => {
  test('cuts a torn tail at every possible byte', async () => {
    const whole = openMemoryDirectory();
    const wal = await openEmpty(whole);
    for (const value of ['first', 'second', 'third']) await wal.append(1, text(value));
    await wal.close();
    const [name] = await whole.list();
    const bytes = await whole.read(name!);
    for (let length = 0; length < bytes.length; length++) {
      const torn = openMemoryDirectory();
      await torn.writeAtomic(name!, [bytes.subarray(0, length)]);
      const { seen, report } = await contents(torn);
      assert.ok(seen.length <= 2, `${seen.length} records in ${length} bytes`);
      assert.equal(report.corruptFileCount, 0);
      assert.deepEqual((await contents(torn)).report.tornBytes, 0, 'cut once');
    }
  });

  test('sets a damaged middle aside, reports the gap, and starts', async () => {
    const directory = openMemoryDirectory();
    const wal = await openEmpty(directory, 60);
    for (const value of ['one', 'two', 'three', 'four', 'five', 'six']) await wal.append(1, text(value));
    await wal.close();
    const names = await directory.list();
    assert.equal(names.length, 3);
    const bytes = await directory.read(names[1]!);
    bytes[32 + 12] = bytes[32 + 12]! ^ 1;
    await directory.writeAtomic(names[1]!, [bytes]);
    const { seen, report } = await contents(directory);
    assert.deepEqual(seen, ['1:1:one', '2:1:two', '5:1:five', '6:1:six']);
    assert.equal(report.corruptFileCount, 1);
    assert.deepEqual(report.gaps, [{ first: 3, last: 4 }]);
    assert.deepEqual(await (await directory.subdirectory('quarantine')).list(), [`${names[1]}.32`]);
    assert.equal((await contents(directory)).report.corruptFileCount, 0, 'reported once');
  });

  test('a full disk refuses appends, and they work again once there is space', async () => {
    const plan = new FaultPlan();
    const inner = openMemoryDirectory();
    const wal = await openEmpty(faultDirectory(inner, plan));
    await wal.append(1, text('before'));
    plan.fillDisk();
    await assert.rejects(wal.append(1, text('refused')), { code: 'MARIO_STORAGE_FULL' });
    await assert.rejects(wal.append(1, text('refused too')), { code: 'MARIO_STORAGE_FULL' });
    plan.freeSpace();
    assert.equal(await wal.append(1, text('after')), 2);
    await wal.close();
    assert.deepEqual((await contents(inner)).seen, ['1:1:before', '2:1:after']);
  });

  for (const fault of ['full', 'sync', 'torn', 'crash'] as const) {
    test(`keeps what was acknowledged whichever operation fails (${fault})`, async () => {
      for (let operation = 1; operation < 40; operation++) {
        const inner = openMemoryDirectory();
        const wal = await openEmpty(faultDirectory(inner, new FaultPlan().failAt(operation, fault)), 80);
        const acknowledged: string[] = [];
        for (let count = 0; count < 12; count++) {
          await wal.append(1, text(`r${count}`)).then(
            (sequence) => acknowledged.push(`${sequence}:1:r${count}`),
            () => undefined,
          );
        }
        await wal.close().catch(() => undefined);
        const { seen, report } = await contents(inner);
        const unexpected = seen.filter((entry) => !acknowledged.includes(entry));
        assert.deepEqual(seen.slice(0, acknowledged.length), acknowledged, `${fault} at ${operation}`);
        assert.ok(unexpected.length <= 1, `${fault} at ${operation}: ${unexpected}`);
        assert.deepEqual(report.gaps, []);
        assert.equal(report.corruptFileCount, 0);
      }
    });
  }

  test('killed at random moments, everything acknowledged is there once', async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed} (MARIO_SEED=${seed} repeats it)`);
    const random = seededRandom(seed);
    const script = fileURLToPath(new URL('./testing/wal-crash-child.ts', import.meta.url));
    await withTemporaryFolder(async (path) => {
      const acknowledged = new Map<string, string>();
      for (let round = 0; round < 5; round++) {
        const run = await runUntilKilled({ script, args: [path], random, livesMsMax: 100 });
        for (const line of run.acknowledged) {
          const space = line.indexOf(' ');
          acknowledged.set(line.slice(0, space), line.slice(space + 1));
        }
      }
      const directory = await openDiskDirectory(path);
      const lock = await directory.lock();
      const { seen, report } = await contents(directory);
      await lock.release();
      const bySequence = new Map(seen.map((entry) => [entry.split(':')[0]!, entry.split(':')[2]!]));
      assert.equal(bySequence.size, seen.length, 'no number twice');
      for (const [sequence, value] of acknowledged) assert.equal(bySequence.get(sequence), value);
      assert.deepEqual(report.gaps, []);
      t.diagnostic(`${acknowledged.size} acknowledged, ${seen.length} found`);
    });
  });
});
