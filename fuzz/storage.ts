/** Fuzz target: files of the storage floor. Whatever is in them, logs, segments and manifests open or say STORAGE_… . */

import {
  isStorageError,
  openManifest,
  openMemoryDirectory,
  openSegment,
  openWriteAheadLog,
  StringDictionary,
  StringDictionaryBuilder,
  writeSegment,
} from '../packages/storage/index.ts';
import { mutate, timeBox } from './time-box.ts';

async function soundFiles() {
  const directory = openMemoryDirectory();
  const wal = await openWriteAheadLog({ directory });
  await wal.replay(() => undefined);
  for (let count = 0; count < 5; count++) await wal.append(count, new Uint8Array(count * 40).fill(count));
  await wal.close();
  const manifest = await openManifest({ directory });
  await manifest.commit((state) => ({ ...state, walSequence: 3 }));
  const sections = [
    { name: 'a', data: new Uint8Array(1000), compression: 'zstd' as const },
    { name: 'b', data: new Uint8Array(33).fill(7) },
  ];
  await writeSegment(directory, 's.seg', { kind: 'FUZZ', version: 1, sections });
  return directory;
}

const sound = await soundFiles();
const names = await sound.list();
const strings = new StringDictionaryBuilder();
for (const text of ['a', 'bb', 'ccc']) strings.intern(text);
const dictionary = strings.encode();

await timeBox('storage', async (random) => {
  const directory = openMemoryDirectory();
  for (const name of names) {
    const bytes = await sound.read(name);
    await directory.writeAtomic(name, [random() < 0.5 ? mutate(random, bytes) : bytes]);
  }
  const attempt = async (work: () => unknown) => {
    try {
      await work();
    } catch (error) {
      if (!isStorageError(error)) throw error;
    }
  };
  await attempt(async () => {
    const wal = await openWriteAheadLog({ directory });
    await wal.replay(() => undefined);
    await wal.append(1, new Uint8Array(3));
    await wal.close();
  });
  await attempt(() => openManifest({ directory }));
  await attempt(() => openSegment(directory, 's.seg', { kind: 'FUZZ', versionMax: 1 }, { verify: 'all' }));
  await attempt(() => new StringDictionary(mutate(random, dictionary)).toArray());
});
