/** What a store is opened with, its limits, and what it tells about itself. */
import type { Clock, Log } from '@mario/service';
import type { ManifestEntry, StorageDirectory } from '@mario/storage';
import type { RefusalReason } from './series-gate.ts';

export interface MetricsStoreOptions {
  readonly directory: StorageDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<StoreLimits>;
  readonly retentionMs?: number;
  readonly retentionSizeBytes?: number;
  readonly outOfOrderTimeWindowMs?: number;
  readonly exemplarsMax?: number;
  /** Blocks of so many bytes together are merged in a thread; fewer are not worth one. */
  readonly mergeThreadBytesMin?: number;
  /** Present: a sample of zero is stored where a series began; `kept` tells whether start timestamps stay as well. */
  readonly starts?: { readonly kept: boolean } | undefined;
}

export interface StoreLimits {
  /** Series known at once: at about a kilobyte each they must fit into memory. */
  readonly series: number;
  /** Series of one value of the label `job`; 0 sets no limit, as there is no number that suits all. */
  readonly seriesPerJob: number;
  /** A series without a sample for this long gives way to new ones when a limit is met. */
  readonly idleMs: number;
  /** Labels of one series; the real world stays below 60. */
  readonly labelsPerSeries: number;
  /** A label longer than this is a document that lost its way. */
  readonly labelChars: number;
}

export const STORE_LIMITS: StoreLimits = {
  series: 2_000_000,
  seriesPerJob: 0,
  idleMs: 30 * 60_000,
  labelsPerSeries: 256,
  labelChars: 16_384,
};

export interface StoreStats {
  readonly seriesCount: number;
  readonly headSeriesCount: number;
  readonly headMinTimeMs: number;
  readonly headMaxTimeMs: number;
  readonly headChunkCount: number;
  readonly blockCount: number;
  /** What the manifest says of the blocks. */
  readonly blockEntries: readonly ManifestEntry[];
  readonly blockBytes: number;
  readonly walBytes: number;
  readonly appendedCount: number;
  readonly outOfOrderCount: number;
  readonly duplicateCount: number;
  readonly outOfBoundsCount: number;
  readonly seriesRefused: ReadonlyMap<RefusalReason, number>;
  readonly exemplarCount: number;
  readonly exemplarAppendedCount: number;
  readonly corruptSegmentCount: number;
  readonly flushCount: number;
  readonly flushFailureCount: number;
  readonly walCorruptionCount: number;
  readonly replayDurationMs: number;
  /** Requests of intake that could not be written. */
  readonly appendFailureCount: number;
  readonly compactionCount: number;
  readonly compactionFailureCount: number;
  readonly deletionCount: number;
  readonly tombstoneCount: number;
  readonly clockJumpCount: number;
}
