/** The contract of the manifest: which segments are live, changed atomically, one generation after another. */

import type { StorageDirectory } from './directory.ts';

/** One live file. `meta` is the store's own, plain JSON. */
export interface ManifestEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Time range of the content in Unix milliseconds, both inclusive. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface ManifestState {
  /** Counts up with each commit; 0 is a new folder. */
  readonly generation: number;
  readonly entries: readonly ManifestEntry[];
  /** Records of the write-ahead log up to this sequence are in the entries; replay starts after it. */
  readonly walSequence: number;
  /** The store's own, plain JSON. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/**
 * `commit` is durable when it resolves and all or nothing; commits are serialised in call order. The newest two
 * generations stay on disk: a damaged newest one falls back to the one before, and is counted in `corruptCount`.
 */
export interface Manifest {
  readonly state: ManifestState;
  readonly corruptCount: number;
  /** `change` gets the state at its turn and gives the next one (without the generation). Resolves with what was written. */
  commit(change: (state: ManifestState) => Omit<ManifestState, 'generation'>): Promise<ManifestState>;
  /**
   * Removes files of `directory` that `isSegment` recognises and no entry names: leftovers of a crash between write and
   * commit. Call once after open, before the first segment is written. Gives the removed names.
   */
  removeOrphans(directory: StorageDirectory, isSegment: (name: string) => boolean): Promise<readonly string[]>;
}
