/** The contract of a folder that a store owns; on disk, in memory and fault-injecting ones behave alike (one shared suite). */

/**
 * A flat folder of files with sub-folders.
 *
 * Ownership: one store owns a directory from `lock()` until the lock's release; nothing else writes there.
 * Names: `[A-Za-z0-9._-]+`, never `.` or `..`; anything else throws (`BUG:`), so no name can leave the folder.
 * Durability: `writeAtomic`, `rename` and `remove` are durable when their promise resolves (the folder entry is synced);
 * an `AppendFile` is durable up to its last `sync`.
 * Errors: every method rejects with a `StorageError`.
 */
export interface StorageDirectory {
  /** For messages only: the folder's path, or `memory:…`. */
  readonly path: string;
  /** Where another thread can open the same folder; absent when it is on no disk. */
  readonly diskPath?: string | undefined;
  /** Opens a sub-folder, creating it when absent. Calling twice gives two handles of the same folder. */
  subdirectory(name: string): Promise<StorageDirectory>;
  /** The names of files (not of folders), sorted by code point. */
  list(): Promise<readonly string[]>;
  /** The names of sub-folders, sorted. */
  listDirectories(): Promise<readonly string[]>;
  /** Bytes of all files here and below. */
  sizeBytes(): Promise<number>;
  /** The whole file. The bytes belong to the caller. */
  read(name: string): Promise<Uint8Array>;
  /** Opens a file for random reads. It may be removed while open: readers that have it keep reading (as on POSIX). */
  openRead(name: string): Promise<ReadFile>;
  /** Opens a file for appending, creating it when absent (the new entry is synced). One writer a file, which the caller guarantees. */
  openAppend(name: string, options?: AppendOptions): Promise<AppendFile>;
  /**
   * Writes a whole file so that readers see the old content or the new, never a part: temporary file, fsync, rename,
   * fsync of the folder. `chunks` must not change until the promise settles.
   */
  writeAtomic(name: string, chunks: readonly Uint8Array[]): Promise<void>;
  /** Renames within this folder, replacing the target. */
  rename(from: string, to: string): Promise<void>;
  /** Moves a file into a direct sub-folder (created when absent) under a name that is free there; gives that name. */
  moveInto(name: string, subdirectory: string): Promise<string>;
  /**
   * Gives a file that is not appended to any more a second name: the same in `target`, durable when it resolves. Both
   * share their bytes where the disk can do that (hard links), otherwise it is a copy. A file of that name is replaced.
   */
  linkInto(name: string, target: StorageDirectory): Promise<void>;
  /** Removes a file; absent files are no error. */
  remove(name: string): Promise<void>;
  /** Removes a sub-folder with all that is in it; absent ones are no error. Nothing may have it open. */
  removeDirectory(name: string): Promise<void>;
  /**
   * Takes the exclusive lock of the folder. A lock whose holder is dead is taken over.
   * Throws STORAGE_LOCKED naming the holder's pid.
   */
  lock(): Promise<DirectoryLock>;
}

export interface DirectoryLock {
  /** Gives the lock back. Calling twice is harmless. */
  release(): Promise<void>;
}

export interface AppendOptions {
  /**
   * Each append is followed by a `sync`: a disk may then make it durable while it writes, which is one way to a thread and
   * back less, and its `sync` has nothing left to do.
   */
  readonly syncsEach?: boolean;
}

/** A file that only grows. Calls must not overlap: the caller awaits one before the next. */
export interface AppendFile {
  /** Bytes in the file, including those not yet synced. */
  readonly sizeBytes: number;
  /** Appends all chunks, or throws; after a failure the file may hold a part of them: `truncate` before going on. */
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Makes everything appended durable (fdatasync). After a failure nothing since the last success may be assumed durable. */
  sync(): Promise<void>;
  /** Cuts the file to `sizeBytes` and syncs. */
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface ReadFile {
  readonly sizeBytes: number;
  /** Reads exactly `target.length` bytes from `offset`; a shorter file throws STORAGE_CORRUPT. Reads may overlap. */
  readInto(target: Uint8Array, offset: number): Promise<void>;
  close(): Promise<void>;
}

/** Where damaged files are moved, below the folder that they were found in. Never read again, never deleted by us. */
export const QUARANTINE = 'quarantine';

/** Throws unless `name` is a plain file name: the caller chooses names, so a bad one is the programmer's error. */
export function checkFileName(name: string): void {
  if (!/^[A-Za-z0-9._-]+$/.test(name) || name === '.' || name === '..') {
    throw new Error(`BUG: "${name}" is not a plain file name`);
  }
}
