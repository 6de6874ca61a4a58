/** Snapshots: a copy of the blocks below the store's directory that opens as a store by itself. */
import { randomBytes } from 'node:crypto';
import type { Log } from '@mario/service';
import { openManifest, type StorageDirectory } from '@mario/storage';
import type { BlockList } from './block-list.ts';

/** The folder of snapshots in that of the store. */
const SNAPSHOTS = 'snapshots';

/** As the real server names them: 20261122T190000Z-0123456789abcdef. */
const NAME = /^\d{8}T\d{6}Z-[0-9a-f]{16}$/;

/**
 * Gives the name of the folder in `snapshots/`. Blocks are shared with the store where the disk can (hard links). What
 * was written of one that fails is removed, as far as the disk lets it.
 */
export async function writeSnapshot(root: StorageDirectory, blocks: BlockList, nowMs: number): Promise<string> {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `${time}-${randomBytes(8).toString('hex')}`;
  const snapshots = await root.subdirectory(SNAPSHOTS);
  try {
    await fillSnapshot(await snapshots.subdirectory(name), blocks);
  } catch (error) {
    // What stays is removed at the next start.
    await snapshots.removeDirectory(name).catch(() => undefined);
    throw error;
  }
  return name;
}

async function fillSnapshot(snapshot: StorageDirectory, blocks: BlockList): Promise<void> {
  const target = await snapshot.subdirectory('blocks');
  const { entries, walSequence } = blocks;
  for (const entry of entries) await blocks.directory.linkInto(entry.name, target);
  // Last, because it makes the folder a store. The numbering of the log goes on, as names of blocks come from it.
  const manifest = await openManifest({ directory: snapshot });
  await manifest.commit((state) => ({ ...state, entries, walSequence }));
}

/**
 * Call at start, before anything reads or writes: a snapshot whose manifest was not written any more is of no use. What
 * others keep beside snapshots stays. Never rejects: the store is whole without it.
 */
export async function removeInterruptedSnapshots(root: StorageDirectory, log: Log): Promise<void> {
  try {
    if (!(await root.listDirectories()).includes(SNAPSHOTS)) return;
    const snapshots = await root.subdirectory(SNAPSHOTS);
    for (const name of await snapshots.listDirectories()) {
      if (!NAME.test(name)) continue;
      const files = await (await snapshots.subdirectory(name)).list();
      if (files.some((file) => /^manifest-\d+$/.test(file))) continue;
      await snapshots.removeDirectory(name);
      log.warn('a snapshot that was interrupted is removed', { snapshot: name });
    }
  } catch (error) {
    log.warn('interrupted snapshots could not be removed; they take space until they are', { error });
  }
}
