/** The contract of the write-ahead log: what was acknowledged is there after any crash, in order, once. */

import type { StorageDirectory } from './directory.ts';

/**
 * An append-only log of typed records, numbered 1, 2, 3 … without a gap over the life of the folder.
 *
 * Order: appends become durable in the order of the calls, and their promises resolve in that order; the sequence
 * number is given when the record is durable, so a failed append leaves no hole.
 * Use: `open`, `replay` once, then append. Apply a record to memory after its promise resolves; then the memory always
 * holds exactly the records up to the last sequence applied, and a store that wrote those into segments commits that
 * sequence in its manifest and calls `truncateThrough` with it.
 * Crash: what was acknowledged is replayed; what was not may or may not be (its sender had no answer and sends again).
 * A torn tail is cut. Damage in the middle sets the rest of that file aside (`quarantine/`), is reported, and replay goes
 * on with the next file; a record that refers to a lost one must be tolerated by whoever replays.
 * Layout: docs/format/wal.md.
 */
export interface WriteAheadLog {
  /**
   * Visits every record after `afterSequence` in order. Must be called once, before the first append (`BUG:` otherwise).
   * The payload is valid only during the visit: copy what is kept. A visitor that throws stops the replay.
   */
  replay(visit: (record: WalRecord) => void | Promise<void>, afterSequence?: number): Promise<WalReplayReport>;
  /**
   * Appends one record; resolves with its sequence number once it is durable. Calls that arrive while a sync runs share
   * the next one. The payload (or its parts, written one after the other) must not change until the promise settles.
   * Rejects with STORAGE_FULL or STORAGE_IO (the record was not acknowledged; later appends work again when the disk
   * does), STORAGE_LIMIT (record larger than `recordSizeBytesMax`, or `pendingBytesMax` waiting), STORAGE_CLOSED.
   */
  append(type: number, payload: Uint8Array | readonly Uint8Array[]): Promise<number>;
  /** The sequence of the last durable record; 0 when there never was one. */
  readonly lastSequence: number;
  /** Bytes of all files of the log, and their number. */
  readonly sizeBytes: number;
  readonly fileCount: number;
  /** Starts a new file, so that everything before can be dropped by `truncateThrough`. */
  rotate(): Promise<void>;
  /** Drops whole files whose records all have sequence ≤ `sequence`. The newest file stays. */
  truncateThrough(sequence: number): Promise<void>;
  readonly stats: WalStats;
  /** Makes pending appends durable, then closes. Calling twice is harmless. */
  close(): Promise<void>;
}

export interface WalRecord {
  readonly sequence: number;
  /** 0 … 255, the store's own. */
  readonly type: number;
  readonly payload: Uint8Array;
}

export interface WalReplayReport {
  readonly recordCount: number;
  readonly sizeBytes: number;
  /** Bytes of torn, never acknowledged tails that were cut. */
  readonly tornBytes: number;
  /** Files of which a damaged rest was set aside. */
  readonly corruptFileCount: number;
  /** Sequences that should be there and are not (first and last, inclusive). Empty on a sound log. */
  readonly gaps: readonly { readonly first: number; readonly last: number }[];
}

/** Counters since open, for the store's own metrics. */
export interface WalStats {
  readonly appendCount: number;
  readonly appendFailureCount: number;
  readonly appendedBytes: number;
  readonly syncCount: number;
  /** Time until the disk had what was appended. */
  readonly syncDurationMs: number;
}

export interface WriteAheadLogOptions {
  readonly directory: StorageDirectory;
  /** A file is closed when it has reached this size. Default 64 MiB: short replays, few files. */
  readonly fileSizeBytesMax?: number;
  /** Default 64 MiB, above any request body that intake accepts. */
  readonly recordSizeBytesMax?: number;
  /** Bytes of appends that wait for the disk. Default 256 MiB; beyond, appends are refused, which is back-pressure. */
  readonly pendingBytesMax?: number;
}
