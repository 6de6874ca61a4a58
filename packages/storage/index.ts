/**
 * The storage floor of the three stores: folders, write-ahead log, immutable segments, manifest, retention, budgets.
 *
 * A store is put together like this (traces/store/ is an example):
 *
 *   const lock = await directory.lock();
 *   const manifest = await openManifest({ directory });
 *   const segments = await directory.subdirectory('segments');
 *   await manifest.removeOrphans(segments, (name) => name.endsWith('.seg'));
 *   const wal = await openWriteAheadLog({ directory: await directory.subdirectory('wal') });
 *   await wal.replay((record) => head.apply(record), manifest.state.walSequence);
 *   …
 *   const sequence = await wal.append(RECORD_BATCH, bytes);   // durable now: acknowledge
 *   head.apply(…, sequence);
 *   …
 *   await writeSegment(segments, name, { kind, version, sections });
 *   await manifest.commit((state) => ({ ...state, walSequence, entries: [...state.entries, entry] }));
 *   await wal.rotate();
 *   await wal.truncateThrough(walSequence);
 */

export { type BlockTable, decodeBlockTable, encodeBlocks, readBlock } from './blocks.ts';
export { BUDGET_WEIGHTS, type BudgetOptions, type BudgetShare, splitBudget } from './budget.ts';
export type { AppendFile, DirectoryLock, ReadFile, StorageDirectory } from './directory.ts';
export { checkFileName, QUARANTINE } from './directory.ts';
export { openDiskDirectory } from './disk-directory.ts';
export type { Manifest, ManifestEntry, ManifestState } from './manifest.ts';
export { openManifest } from './manifest-file.ts';
export { openMemoryDirectory } from './memory-directory.ts';
export { decideRetention, type RetentionDecision, type RetentionPolicy } from './retention.ts';
export type { SectionInfo, SectionInput, Segment, SegmentInput } from './segment.ts';
export { openSegment, openSegmentOrQuarantine } from './segment-reader.ts';
export { beginSegment, type SegmentStream } from './segment-stream.ts';
export { writeSegment } from './segment-writer.ts';
export { isStorageError, StorageError, type StorageErrorCode, storageErrorOf } from './storage-error.ts';
export { encodeStrings, StringDictionary, StringDictionaryBuilder } from './string-dictionary.ts';
export type { WalRecord, WalReplayReport, WalStats, WriteAheadLog, WriteAheadLogOptions } from './write-ahead-log.ts';
export { openWriteAheadLog } from './write-ahead-log-file.ts';
