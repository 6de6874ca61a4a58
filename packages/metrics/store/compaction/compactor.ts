/** What is written anew when: blocks that belong together become one, and those of which much is deleted lose it. */
import type { ManifestEntry } from '@mario/storage';
import type { Block } from '../block.ts';
import type { BlockList } from '../block-list.ts';
import { deletionsOf } from '../deletion.ts';
import { type MergedBlock, type MergeOutcome, mergeBlocks } from './merge-blocks.ts';
import { planMerge } from './merge-plan.ts';
import { mergeInThread } from './merge-thread.ts';

/**
 * A block of which more series than this have lost something is written without it, as the real server does; with less,
 * the work would be more than what it saves.
 */
const DELETED_SHARE_MIN = 0.05;

/** For less than this a thread costs more than it takes from the main thread, where the work goes on in slices. */
const THREAD_BYTES_MIN = 4 * 1024 * 1024;

export class Compactor {
  readonly #blocks: BlockList;
  readonly #threadBytesMin: number;
  /** Blocks of which too little is deleted. An entry is a new one when a deletion comes to it. */
  readonly #judged = new WeakSet<ManifestEntry>();
  #count = 0;
  #failureCount = 0;

  constructor(blocks: BlockList, threadBytesMin = THREAD_BYTES_MIN) {
    this.#blocks = blocks;
    this.#threadBytesMin = threadBytesMin;
  }

  get stats() {
    return { compactionCount: this.#count, compactionFailureCount: this.#failureCount };
  }

  /** Merges the blocks that are to be one next, or frees one of what is deleted. False when there is nothing to do. */
  async mergeNext(retentionMs: number, nowMs: number): Promise<boolean> {
    const plan = planMerge(this.#blocks.entries, retentionMs);
    if (plan !== undefined) {
      const names = new Set(plan.map(({ name }) => name));
      const sources = this.#blocks.blocks.filter(({ entry }) => names.has(entry.name));
      await this.#merge(sources, -1, nowMs);
      return true;
    }
    const next = this.#blocks.blocks.find(
      ({ entry }) => deletionsOf(entry.meta).length > 0 && !this.#judged.has(entry),
    );
    if (next === undefined) return false;
    await this.#merge([next], DELETED_SHARE_MIN, nowMs);
    return true;
  }

  /** Writes all blocks of which something is deleted anew, without it. */
  async clean(nowMs: number): Promise<void> {
    for (const block of this.#blocks.blocks) {
      if (deletionsOf(block.entry.meta).length > 0) await this.#merge([block], 0, nowMs);
    }
  }

  /** Writes blocks as one without what is deleted of them, and puts that in their place. `sources` by time. */
  async #merge(sources: readonly Block[], deletedShareMin: number, nowMs: number): Promise<void> {
    const known = new Set(sources.flatMap(({ entry }) => deletionsOf(entry.meta).map(({ id }) => id)));
    const newest = sources.toSorted((a, b) => (a.entry.name < b.entry.name ? -1 : 1)).at(-1)!;
    const name = nameAfter(newest.entry.name);
    const { entry } = newest;
    try {
      const outcome = await this.#write(name, sources, { newest: sources.indexOf(newest), deletedShareMin });
      if (outcome.kind === 'kept') {
        // Of several, something is always written.
        if (outcome.deletedShare === 0) await this.#blocks.forgetDeletions(newest, known);
        else this.#judged.add(entry);
        return;
      }
      const written = outcome.kind === 'empty' ? undefined : entryOf(name, outcome.block);
      await this.#blocks.replace(sources, known, written, nowMs);
      this.#count++;
    } catch (error) {
      this.#failureCount++;
      throw error;
    }
  }

  #write(
    name: string,
    sources: readonly Block[],
    options: { readonly newest: number; readonly deletedShareMin: number },
  ): Promise<MergeOutcome> {
    const { directory } = this.#blocks;
    const sizeBytes = sources.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
    if (directory.diskPath !== undefined && sizeBytes >= this.#threadBytesMin) {
      const named = sources.map(({ entry }) => ({ name: entry.name, deletions: deletionsOf(entry.meta) }));
      return mergeInThread({ path: directory.diskPath, name, sources: named, options });
    }
    const parts = sources.map(({ segment, entry }) => ({ segment, deletions: deletionsOf(entry.meta) }));
    return mergeBlocks(directory, name, parts, options);
  }
}

/** b-000000000012.seg, b-000000000012-1.seg, b-000000000012-2.seg …: the sequence stays, and no name comes twice. */
function nameAfter(name: string): string {
  const [, sequence, count] = /^(b-\d+)(?:-(\d+))?\.seg$/.exec(name)!;
  return `${sequence}-${Number(count ?? 0) + 1}.seg`;
}

function entryOf(name: string, merged: MergedBlock): ManifestEntry {
  const { sizeBytes, minTimeMs, maxTimeMs, seriesCount, sampleCount } = merged;
  return { name, sizeBytes, minTimeMs, maxTimeMs, meta: { series: seriesCount, samples: sampleCount } };
}
