/** The errors of the storage floor: what went wrong on the disk, with a stable code that callers may switch on. */

export type StorageErrorCode =
  /** No space (ENOSPC, EDQUOT). Nothing of the failed call was acknowledged; the same call works again once there is space. */
  | 'STORAGE_FULL'
  /** The device refused a read, write or sync (EIO and the like). Nothing of the failed call was acknowledged. */
  | 'STORAGE_IO'
  /** Another process holds the folder. */
  | 'STORAGE_LOCKED'
  /** Bytes on disk are not what was written: checksum, magic or length do not fit. */
  | 'STORAGE_CORRUPT'
  /** A file written by a newer version of this program. */
  | 'STORAGE_VERSION'
  /** The file is not there. */
  | 'STORAGE_NOT_FOUND'
  /** A named limit of this package would be exceeded (record too large, too many bytes waiting). */
  | 'STORAGE_LIMIT'
  /** Used after close. */
  | 'STORAGE_CLOSED';

/** An operating error of storage. `message` says what happened, where, and what to do about it. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

/** Turns an error of `node:fs` into a StorageError; a StorageError passes through as it is. */
export function storageErrorOf(error: unknown, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StorageError('STORAGE_FULL', `No space left while ${doing}: free disk space or lower --disk.`, {
      cause: error,
    });
  }
  if (code === 'ENOENT') {
    return new StorageError('STORAGE_NOT_FOUND', `File not found while ${doing}: ${text}`, { cause: error });
  }
  return new StorageError('STORAGE_IO', `The disk failed while ${doing}: ${text}`, { cause: error });
}

export function isStorageError(error: unknown, code?: StorageErrorCode): error is StorageError {
  return error instanceof StorageError && (code === undefined || error.code === code);
}
