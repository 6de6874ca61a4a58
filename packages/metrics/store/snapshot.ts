/** Snapshots: a copy of the blocks below the store's directory that opens as a store by itself. */
import { randomBytes } from 'node:crypto';
import { openManifest, type StorageDirectory } from '@mario/storage';
import type { BlockList } from './block-list.ts';

/** Gives the name of the folder in `snapshots/`. Blocks are shared with the store where the disk can (hard links). */
export async function writeSnapshot(root: StorageDirectory, blocks: BlockList, nowMs: number): Promise<string> {
  // As the real server names them: 20261122T190000Z-0123456789abcdef.
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `${time}-${randomBytes(8).toString('hex')}`;
  const snapshot = await (await root.subdirectory('snapshots')).subdirectory(name);
  const target = await snapshot.subdirectory('blocks');
  const { entries, walSequence } = blocks;
  for (const entry of entries) await blocks.directory.linkInto(entry.name, target);
  // Last, because it makes the folder a store. The numbering of the log goes on, as names of blocks come from it.
  const manifest = await openManifest({ directory: snapshot });
  await manifest.commit((state) => ({ ...state, entries, walSequence }));
  return name;
}
