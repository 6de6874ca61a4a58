/** The blocks of a store and the manifest that names them: opened at start, added, replaced, dropped, deleted from. */

import type { Log } from '@mario/service';
import {
  decideRetention,
  isStorageError,
  type Manifest,
  type ManifestEntry,
  openManifest,
  openSegment,
  openSegmentOrQuarantine,
  type RetentionPolicy,
  type StorageDirectory,
  StorageError,
} from '@mario/storage';
import { Block } from './block.ts';
import { BLOCK_FORMAT } from './block-writer.ts';
import { type Deletion, deletionsOf, withDeletions } from './deletion.ts';
import type { SeriesIndex } from './series-index.ts';
import { removeInterruptedSnapshots } from './snapshot.ts';

/** Decoded blocks in memory; the longest unused go first. */
const LOADED_BYTES_MAX = 256 * 1024 * 1024;

/** How long a block that was replaced or dropped stays open, for reads that are about to load it. */
const RETIRED_MS = 60_000;

export class BlockList {
  readonly directory: StorageDirectory;
  readonly #manifest: Manifest;
  readonly #index: SeriesIndex;
  readonly #log: Log;
  /** By time. A new array with every change. */
  #blocks: readonly Block[] = [];
  #retired: { readonly block: Block; readonly sinceMs: number }[] = [];
  #corruptCount = 0;

  static async open(root: StorageDirectory, index: SeriesIndex, log: Log): Promise<BlockList> {
    const manifest = await openManifest({ directory: root });
    await removeInterruptedSnapshots(root, log);
    const directory = await root.subdirectory('blocks');
    await manifest.removeOrphans(directory, (name) => name.endsWith('.seg'));
    const list = new BlockList(directory, manifest, index, log);
    for (const entry of manifest.state.entries) await list.#openAtStart(entry);
    return list;
  }

  private constructor(directory: StorageDirectory, manifest: Manifest, index: SeriesIndex, log: Log) {
    this.directory = directory;
    this.#manifest = manifest;
    this.#index = index;
    this.#log = log;
  }

  /** By time. The array is never changed. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  get entries(): readonly ManifestEntry[] {
    return this.#manifest.state.entries;
  }

  get walSequence(): number {
    return this.#manifest.state.walSequence;
  }

  /** The block that was written last: its name has the largest sequence. */
  get newest(): Block | undefined {
    return this.#blocks.toSorted((a, b) => (a.entry.name < b.entry.name ? -1 : 1)).at(-1);
  }

  get stats() {
    return {
      blockCount: this.#blocks.length,
      blockEntries: this.entries,
      blockBytes: this.#blocks.reduce((sum, block) => sum + block.entry.sizeBytes, 0),
      corruptSegmentCount: this.#corruptCount,
    };
  }

  /** Makes the log up to `walSequence` dispensable: nothing of it was left to write. */
  async advance(walSequence: number): Promise<void> {
    await this.#manifest.commit((state) => ({ ...state, walSequence: Math.max(state.walSequence, walSequence) }));
  }

  /**
   * Makes a written file a block of the store and the log up to `walSequence` dispensable. `deletions` is asked in the
   * turn of the commit. `appeared` runs in the same turn in which readers see the block for the first time.
   */
  async add(
    written: ManifestEntry,
    walSequence: number,
    deletions: () => readonly Deletion[],
    appeared: () => void,
  ): Promise<void> {
    // Read back before the log lets go of what is in it.
    const block = new Block(written, await openSegment(this.directory, written.name, BLOCK_FORMAT));
    try {
      await block.load(this.#index);
      let entry = written;
      await this.#manifest.commit((state) => {
        entry = { ...written, meta: withDeletions(written.meta, deletions()) };
        return { ...state, entries: [...state.entries, entry], walSequence };
      });
      block.changeEntry(entry, this.#index);
    } catch (error) {
      await block.close();
      throw error;
    }
    this.#insert(block);
    appeared();
  }

  /**
   * Puts a written file (none: nothing was left) in the place of blocks. Deletions that came to them since they had
   * those of `known` go over to it.
   */
  async replace(
    sources: readonly Block[],
    known: ReadonlySet<number>,
    written: ManifestEntry | undefined,
    nowMs: number,
  ): Promise<void> {
    const names = new Set(sources.map((block) => block.entry.name));
    const segment = written === undefined ? undefined : await openSegment(this.directory, written.name, BLOCK_FORMAT);
    let entry = written;
    await this.#manifest.commit((state) => {
      const kept = state.entries.filter(({ name }) => !names.has(name));
      if (written === undefined) return { ...state, entries: kept };
      const later = new Map<number, Deletion>();
      for (const { name, meta } of state.entries) {
        if (!names.has(name)) continue;
        for (const deletion of deletionsOf(meta)) if (!known.has(deletion.id)) later.set(deletion.id, deletion);
      }
      entry = { ...written, meta: withDeletions(written.meta, [...later.values()]) };
      return { ...state, entries: [...kept, entry] };
    });
    this.#retire(names, nowMs);
    if (entry !== undefined && segment !== undefined) this.#insert(new Block(entry, segment));
    for (const name of names) await this.directory.remove(name);
  }

  get deletionCount(): number {
    return this.entries.reduce((sum, { meta }) => sum + deletionsOf(meta).length, 0);
  }

  /** Takes deletions, of which the block has no sample, out of its entry. */
  async forgetDeletions(block: Block, known: ReadonlySet<number>): Promise<void> {
    const { name } = block.entry;
    const without = ({ meta }: ManifestEntry) =>
      withDeletions(
        meta,
        deletionsOf(meta).filter(({ id }) => !known.has(id)),
      );
    await this.#manifest.commit((state) => ({
      ...state,
      entries: state.entries.map((entry) => (entry.name === name ? { ...entry, meta: without(entry) } : entry)),
    }));
    const entry = this.entries.find((each) => each.name === name);
    if (entry !== undefined) block.changeEntry(entry, this.#index);
  }

  /** Adds a deletion to all blocks that overlap it and do not have it yet; durable when it resolves. */
  async delete(deletion: Deletion): Promise<void> {
    const wanted = ({ minTimeMs, maxTimeMs, meta }: ManifestEntry) =>
      minTimeMs <= deletion.endMs &&
      maxTimeMs >= deletion.startMs &&
      !deletionsOf(meta).some(({ id }) => id === deletion.id);
    if (!this.entries.some(wanted)) return;
    await this.#manifest.commit((state) => ({
      ...state,
      entries: state.entries.map((entry) =>
        wanted(entry) ? { ...entry, meta: withDeletions(entry.meta, [...deletionsOf(entry.meta), deletion]) } : entry,
      ),
    }));
    for (const block of this.#blocks) {
      const entry = this.entries.find(({ name }) => name === block.entry.name);
      if (entry !== undefined && entry !== block.entry) block.changeEntry(entry, this.#index);
    }
  }

  /** True when blocks went. */
  async dropOld(policy: RetentionPolicy, nowMs: number, otherBytes: number): Promise<boolean> {
    const decision = decideRetention(this.entries, policy, nowMs, otherBytes);
    const drop = new Set([...decision.dropByAge, ...decision.dropBySize].map(({ name }) => name));
    if (drop.size === 0) return false;
    await this.#manifest.commit((state) => ({
      ...state,
      entries: state.entries.filter(({ name }) => !drop.has(name)),
    }));
    this.#retire(drop, nowMs);
    for (const name of drop) await this.directory.remove(name);
    return true;
  }

  /** Frees the longest unused until at most `bytesMax` are loaded. True when something was freed. */
  unloadUnused(bytesMax = LOADED_BYTES_MAX): boolean {
    const loaded = this.#blocks.filter((block) => block.loaded !== undefined).sort((a, b) => a.lastUsed - b.lastUsed);
    let bytes = loaded.reduce((sum, block) => sum + block.entry.sizeBytes, 0);
    let dropped = false;
    for (const block of loaded) {
      if (bytes <= bytesMax) break;
      bytes -= block.entry.sizeBytes;
      block.unload();
      dropped = true;
    }
    return dropped;
  }

  async closeRetired(nowMs: number): Promise<void> {
    const due = this.#retired.filter(({ sinceMs }) => Math.abs(nowMs - sinceMs) >= RETIRED_MS);
    this.#retired = this.#retired.filter((each) => !due.includes(each));
    for (const { block } of due) await block.close();
  }

  async close(): Promise<void> {
    for (const block of this.#blocks) await block.close();
    for (const { block } of this.#retired) await block.close();
    this.#retired = [];
  }

  #insert(block: Block): void {
    this.#blocks = [...this.#blocks, block].sort((a, b) => a.entry.minTimeMs - b.entry.minTimeMs);
  }

  #retire(names: ReadonlySet<string>, nowMs: number): void {
    for (const block of this.#blocks) if (names.has(block.entry.name)) this.#retired.push({ block, sinceMs: nowMs });
    this.#blocks = this.#blocks.filter((block) => !names.has(block.entry.name));
  }

  async #openAtStart(entry: ManifestEntry): Promise<void> {
    const segment = await openSegmentOrQuarantine(this.directory, entry.name, BLOCK_FORMAT);
    if (!(segment instanceof StorageError)) {
      this.#insert(new Block(entry, segment));
      return;
    }
    this.#corruptCount++;
    this.#log.error('a block is damaged or missing and was set aside', { block: entry.name, error: segment.message });
    await this.#manifest.commit((state) => ({
      ...state,
      entries: state.entries.filter(({ name }) => name !== entry.name),
    }));
  }

  /** Metadata and exemplars of the newest block, as far as they can be read. */
  async newestExtras() {
    const { newest } = this;
    if (newest === undefined) return undefined;
    try {
      return { metadata: await newest.metadata(), exemplars: await newest.exemplars() };
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
      this.#log.error('metadata and exemplars of a block are damaged and left out', {
        block: newest.entry.name,
        error,
      });
      return undefined;
    }
  }
}
