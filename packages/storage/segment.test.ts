import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeBlockTable, encodeBlocks, readBlock } from './blocks.ts';
import type { StorageDirectory } from './directory.ts';
import { openDiskDirectory } from './disk-directory.ts';
import { openMemoryDirectory } from './memory-directory.ts';
import { openSegment, openSegmentOrQuarantine } from './segment-reader.ts';
import { beginSegment } from './segment-stream.ts';
import { writeSegment } from './segment-writer.ts';
import { StorageError } from './storage-error.ts';
import { StringDictionary, StringDictionaryBuilder } from './string-dictionary.ts';
import { withTemporaryFolder } from './testing/index.ts';

const expected = { kind: 'TEST', versionMax: 1 };
const repetitive = new TextEncoder().encode('pizza '.repeat(500));
const numbers = new Uint8Array(new Float64Array([1, 2.5, -3]).buffer);

async function writeSample(directory: StorageDirectory): Promise<void> {
  await writeSegment(directory, 's.seg', {
    kind: 'TEST',
    version: 1,
    sections: [
      { name: 'text', data: repetitive, compression: 'zstd' },
      { name: 'odd', data: new Uint8Array([1, 2, 3]) },
      { name: 'numbers', data: numbers },
      { name: 'empty', data: new Uint8Array(0), compression: 'zstd' },
      ...(await encodeBlocks('blocks', [repetitive, new Uint8Array(0), numbers])),
    ],
  });
}

describe('segment', () => {
  test('gives back what was written, on disk, in shared memory too', () =>
    withTemporaryFolder(async (path) => {
      const directory = await openDiskDirectory(path);
      await writeSample(directory);
      const segment = await openSegment(directory, 's.seg', expected, { verify: 'all' });
      assert.deepEqual(await segment.read('text'), repetitive);
      assert.ok(segment.sections.get('text')!.storedBytes < 100);
      assert.deepEqual(await segment.read('odd'), new Uint8Array([1, 2, 3]));
      assert.deepEqual(await segment.read('empty'), new Uint8Array(0));
      const shared = await segment.readShared('numbers');
      assert.ok(shared.buffer instanceof SharedArrayBuffer);
      assert.deepEqual([...new Float64Array(shared.buffer)], [1, 2.5, -3]);
      assert.ok((await segment.readShared('text')).buffer instanceof SharedArrayBuffer);
      assert.deepEqual(await segment.readRange('odd', 1, 2), new Uint8Array([2, 3]));
      const table = decodeBlockTable(await segment.read('blocks.table'));
      assert.deepEqual(await readBlock(segment, 'blocks', table, 0), repetitive);
      assert.deepEqual(await readBlock(segment, 'blocks', table, 1), new Uint8Array(0));
      assert.deepEqual(await readBlock(segment, 'blocks', table, 2), numbers);
      await assert.rejects(segment.read('absent'), { code: 'MARIO_STORAGE_CORRUPT' });
      await segment.close();
    }));

  test('written piece by piece it is the same file, and an abandoned one is no file', () =>
    withTemporaryFolder(async (path) => {
      const directory = await openDiskDirectory(path);
      await writeSegment(directory, 'whole.seg', {
        kind: 'TEST',
        version: 1,
        sections: [
          { name: 'text', data: repetitive, compression: 'zstd' },
          { name: 'pieces', data: new Uint8Array([1, 2, 3, 4, 5]) },
          { name: 'numbers', data: numbers },
        ],
      });
      const stream = await beginSegment(directory, 'pieces.seg', { kind: 'TEST', version: 1 });
      await stream.add({ name: 'text', data: repetitive, compression: 'zstd' });
      stream.begin('pieces');
      await stream.append(new Uint8Array([1, 2]));
      await stream.append(new Uint8Array([3, 4, 5]));
      await stream.end();
      await stream.add({ name: 'numbers', data: numbers });
      const { sizeBytes } = await stream.finish();
      const bytes = await directory.read('pieces.seg');
      assert.deepEqual(bytes, await directory.read('whole.seg'));
      assert.equal(sizeBytes, bytes.length);
      await (await beginSegment(directory, 'gone.seg', { kind: 'TEST', version: 1 })).abandon();
      assert.deepEqual(await directory.list(), ['pieces.seg', 'whole.seg']);
    }));

  test('no damaged byte goes unnoticed, and a damaged file is set aside', async () => {
    const sound = openMemoryDirectory();
    await writeSample(sound);
    const bytes = await sound.read('s.seg');
    const segment = await openSegment(sound, 's.seg', expected);
    const padding = new Set<number>();
    const ends = [...segment.sections.values()].map((info) => info.offset + info.storedBytes);
    for (const end of ends) for (let at = end; at % 8 !== 0; at++) padding.add(at);
    for (let at = 0; at < bytes.length; at++) {
      if (padding.has(at)) continue;
      const directory = openMemoryDirectory();
      const damaged = bytes.slice();
      damaged[at] = damaged[at]! ^ 0x10;
      await directory.writeAtomic('s.seg', [damaged]);
      const result = await openSegmentOrQuarantine(directory, 's.seg', expected, { verify: 'all' }).catch(
        (error) => error,
      );
      assert.ok(result instanceof StorageError, `byte ${at}`);
      if (result.code === 'MARIO_STORAGE_CORRUPT') {
        assert.deepEqual(await (await directory.subdirectory('quarantine')).list(), ['s.seg']);
      } else assert.equal(result.code, 'MARIO_STORAGE_VERSION');
    }
  });

  test('refuses a cut file, another kind and a newer version', async () => {
    const directory = openMemoryDirectory();
    await writeSample(directory);
    const bytes = await directory.read('s.seg');
    await directory.writeAtomic('cut.seg', [bytes.subarray(0, bytes.length - 5)]);
    await assert.rejects(openSegment(directory, 'cut.seg', expected), { code: 'MARIO_STORAGE_CORRUPT' });
    await assert.rejects(openSegment(directory, 's.seg', { kind: 'ELSE', versionMax: 1 }), {
      code: 'MARIO_STORAGE_CORRUPT',
    });
    await assert.rejects(openSegment(directory, 's.seg', { kind: 'TEST', versionMax: 0 }), {
      code: 'MARIO_STORAGE_VERSION',
    });
    await assert.rejects(openSegment(directory, 'none.seg', expected), { code: 'MARIO_STORAGE_NOT_FOUND' });
  });
});

describe('string dictionary', () => {
  test('interns, encodes and decodes', () => {
    const builder = new StringDictionaryBuilder();
    const ids = ['a', 'ü€😀', '', 'a'].map((value) => builder.intern(value));
    assert.deepEqual(ids, [1, 2, 0, 1]);
    const dictionary = new StringDictionary(builder.encode());
    assert.deepEqual(dictionary.toArray(), ['', 'a', 'ü€😀']);
    assert.equal(dictionary.find('ü€😀'), 2);
    assert.equal(dictionary.find('b'), undefined);
    assert.throws(() => dictionary.get(3), { code: 'MARIO_STORAGE_CORRUPT' });
  });

  test('refuses bytes that are none', () => {
    const sound = new StringDictionaryBuilder().encode();
    assert.throws(() => new StringDictionary(sound.subarray(1)), { code: 'MARIO_STORAGE_CORRUPT' });
    assert.throws(() => new StringDictionary(new Uint8Array(0)), { code: 'MARIO_STORAGE_CORRUPT' });
    assert.throws(() => new StringDictionary(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0])), {
      code: 'MARIO_STORAGE_CORRUPT',
    });
  });
});
