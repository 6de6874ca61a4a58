import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { StorageDirectory } from './directory.ts';
import { openDiskDirectory } from './disk-directory.ts';
import { openMemoryDirectory } from './memory-directory.ts';
import { FaultPlan, faultDirectory, withTemporaryFolder } from './testing/index.ts';

const text = (value: string) => new TextEncoder().encode(value);
const string = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** One suite for every implementation of the contract. */
function directorySuite(name: string, within: (use: (directory: StorageDirectory) => Promise<void>) => Promise<void>) {
  describe(name, () => {
    test('writes, lists, reads, renames and removes', () =>
      within(async (directory) => {
        await directory.writeAtomic('b', [text('one'), text(''), text('two')]);
        await directory.writeAtomic('a', [text('x')]);
        assert.deepEqual(await directory.list(), ['a', 'b']);
        assert.equal(string(await directory.read('b')), 'onetwo');
        await directory.writeAtomic('b', [text('new')]);
        await directory.rename('b', 'a');
        assert.equal(string(await directory.read('a')), 'new');
        await directory.remove('a');
        await directory.remove('a');
        assert.deepEqual(await directory.list(), []);
        await assert.rejects(directory.read('a'), { code: 'MARIO_STORAGE_NOT_FOUND' });
      }));

    test('a second name in another folder outlives the first', () =>
      within(async (directory) => {
        const target = await directory.subdirectory('copies');
        await directory.writeAtomic('f', [text('content')]);
        await directory.linkInto('f', target);
        await directory.remove('f');
        assert.equal(string(await target.read('f')), 'content');
        await directory.writeAtomic('f', [text('newer')]);
        await directory.linkInto('f', target);
        assert.equal(string(await target.read('f')), 'newer');
        assert.deepEqual(await target.list(), ['f']);
        await assert.rejects(directory.linkInto('absent', target), { code: 'MARIO_STORAGE_NOT_FOUND' });
      }));

    test('a folder goes with all that is in it; its neighbours stay', () =>
      within(async (directory) => {
        const [gone, kept] = [await directory.subdirectory('gone'), await directory.subdirectory('kept')];
        await (await gone.subdirectory('below')).writeAtomic('f', [text('x')]);
        await gone.writeAtomic('f', [text('x')]);
        await kept.writeAtomic('f', [text('x')]);
        await directory.removeDirectory('gone');
        await directory.removeDirectory('gone');
        assert.deepEqual(await directory.listDirectories(), ['kept']);
        assert.deepEqual(await (await directory.subdirectory('gone')).list(), []);
        assert.deepEqual(await kept.list(), ['f']);
      }));

    test('appends, truncates, and appends again at the end', () =>
      within(async (directory) => {
        for (const [name, options] of [
          ['log', {}],
          ['synced', { syncsEach: true }],
        ] as const) {
          const file = await directory.openAppend(name, options);
          await file.append([text('hello '), text('world')]);
          await file.sync();
          await file.truncate(6);
          await file.append([text('there')]);
          assert.equal(file.sizeBytes, 11);
          await file.close();
          await file.close();
          const again = await directory.openAppend(name, options);
          assert.equal(again.sizeBytes, 11);
          await again.append([text('!')]);
          await again.close();
          assert.equal(string(await directory.read(name)), 'hello there!');
        }
      }));

    test('reads ranges, also of a removed file, and refuses to read past the end', () =>
      within(async (directory) => {
        await directory.writeAtomic('f', [text('0123456789')]);
        const file = await directory.openRead('f');
        await directory.remove('f');
        const target = new Uint8Array(4);
        await file.readInto(target, 3);
        assert.equal(string(target), '3456');
        assert.equal(file.sizeBytes, 10);
        await assert.rejects(file.readInto(target, 8), { code: 'MARIO_STORAGE_CORRUPT' });
        await file.close();
      }));

    test('keeps sub-folders apart and moves files into them under a free name', () =>
      within(async (directory) => {
        const child = await directory.subdirectory('child');
        await child.writeAtomic('f', [text('inner')]);
        await directory.writeAtomic('f', [text('outer')]);
        assert.equal(await directory.moveInto('f', 'child'), 'f.1');
        assert.deepEqual(await directory.list(), []);
        assert.deepEqual(await directory.listDirectories(), ['child']);
        assert.deepEqual(await (await directory.subdirectory('child')).list(), ['f', 'f.1']);
        assert.equal(await directory.sizeBytes(), 10);
      }));

    test('refuses names that leave the folder', () =>
      within(async (directory) => {
        for (const bad of ['../x', 'a/b', '.', '..', '', 'a\0']) {
          await assert.rejects(directory.writeAtomic(bad, []), /BUG/);
        }
      }));

    test('is locked by one holder at a time', () =>
      within(async (directory) => {
        const lock = await directory.lock();
        await assert.rejects(directory.lock(), { code: 'MARIO_STORAGE_LOCKED' });
        await lock.release();
        await lock.release();
        await (await directory.lock()).release();
      }));
  });
}

directorySuite('disk directory', (use) => withTemporaryFolder(async (path) => use(await openDiskDirectory(path))));
directorySuite('memory directory', (use) => use(openMemoryDirectory()));
directorySuite('fault directory without faults', (use) => use(faultDirectory(openMemoryDirectory(), new FaultPlan())));

test('a lock whose holder is dead is taken over, one whose holder lives is not', () =>
  withTemporaryFolder(async (path) => {
    const directory = await openDiskDirectory(path);
    // Above the largest pid that Linux gives (4,194,304), so that nobody has it.
    await writeFile(join(path, 'LOCK'), '4999999 1\n');
    const lock = await directory.lock();
    await lock.release();
    await writeFile(join(path, 'LOCK'), `${process.ppid} -\n`);
    await assert.rejects(directory.lock(), {
      code: 'MARIO_STORAGE_LOCKED',
      message: new RegExp(`process ${process.ppid}`),
    });
  }));
