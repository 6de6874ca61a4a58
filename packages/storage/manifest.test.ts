import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { splitBudget } from './budget.ts';
import type { ManifestEntry } from './manifest.ts';
import { openManifest } from './manifest-file.ts';
import { openMemoryDirectory } from './memory-directory.ts';
import { decideRetention } from './retention.ts';
import { FaultPlan, faultDirectory } from './testing/index.ts';

function entry(name: string, maxTimeMs: number, sizeBytes = 10): ManifestEntry {
  return { name, sizeBytes, minTimeMs: 0, maxTimeMs, meta: { spans: 3 } };
}

describe('manifest', () => {
  test('keeps the last commit over a restart, and two generations on disk', async () => {
    const directory = openMemoryDirectory();
    const manifest = await openManifest({ directory });
    assert.equal(manifest.state.generation, 0);
    await Promise.all(
      ['a', 'b', 'c'].map((name, index) =>
        manifest.commit((state) => ({ ...state, walSequence: index, entries: [...state.entries, entry(name, index)] })),
      ),
    );
    assert.equal((await directory.list()).length, 2);
    const again = await openManifest({ directory });
    assert.deepEqual(again.state, manifest.state);
    assert.deepEqual(
      again.state.entries.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.equal(again.state.walSequence, 2);
  });

  test('a failed commit changes nothing', async () => {
    const inner = openMemoryDirectory();
    const plan = new FaultPlan();
    const manifest = await openManifest({ directory: faultDirectory(inner, plan) });
    await manifest.commit((state) => ({ ...state, walSequence: 1 }));
    plan.failAt(1, 'full');
    await assert.rejects(
      manifest.commit((state) => ({ ...state, walSequence: 2 })),
      { code: 'MARIO_STORAGE_FULL' },
    );
    assert.equal(manifest.state.walSequence, 1);
    await manifest.commit((state) => ({ ...state, walSequence: 3 }));
    assert.equal((await openManifest({ directory: inner })).state.walSequence, 3);
  });

  test('falls back one generation when the newest is damaged, and then sets unknown segments aside', async () => {
    const directory = openMemoryDirectory();
    const manifest = await openManifest({ directory });
    await manifest.commit((state) => ({ ...state, entries: [entry('a.seg', 1)] }));
    await manifest.commit((state) => ({ ...state, entries: [entry('a.seg', 1), entry('b.seg', 1)] }));
    const newest = (await directory.list()).at(-1)!;
    const bytes = await directory.read(newest);
    bytes[30] = bytes[30]! ^ 1;
    await directory.writeAtomic(newest, [bytes]);
    const segments = await directory.subdirectory('segments');
    for (const name of ['a.seg', 'b.seg', 'c.seg.tmp', 'other']) await segments.writeAtomic(name, []);
    const again = await openManifest({ directory });
    assert.equal(again.corruptCount, 1);
    assert.equal(again.state.generation, 1);
    const removed = await again.removeOrphans(segments, (name) => name.endsWith('.seg'));
    assert.deepEqual(removed, ['b.seg', 'c.seg.tmp']);
    assert.deepEqual(await segments.list(), ['a.seg', 'other']);
    assert.deepEqual(await (await segments.subdirectory('quarantine')).list(), ['b.seg']);
  });
});

describe('retention and budget', () => {
  test('drops what is too old, then the oldest until the rest fits', () => {
    const entries = [entry('new', 100), entry('old', 10), entry('middle', 60), entry('older', 50)];
    const decision = decideRetention(entries, { ageMsMax: 60, sizeBytesMax: 25 }, 105, 5);
    assert.deepEqual(
      decision.dropByAge.map(({ name }) => name),
      ['old'],
    );
    assert.deepEqual(
      decision.dropBySize.map(({ name }) => name),
      ['older'],
    );
    assert.deepEqual(
      decision.keep.map(({ name }) => name),
      ['new', 'middle'],
    );
    assert.equal(decideRetention(entries, { ageMsMax: 0, sizeBytesMax: 0 }, 1e12).keep.length, 4);
  });

  test('splits one budget by weight', () => {
    const shares = splitBudget({ memoryBytes: 500, diskBytes: 1000 });
    assert.deepEqual(shares.get('metrics'), { memoryBytesMax: 100, diskBytesMax: 200 });
    assert.deepEqual(shares.get('logs'), { memoryBytesMax: 200, diskBytesMax: 400 });
  });
});
