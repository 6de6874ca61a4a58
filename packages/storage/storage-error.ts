/** The errors of the storage floor: what went wrong on the disk, with a stable code that callers may switch on. */

import { defineError, type ErrorKind, OperatingError } from '@mario/service';

const KINDS = {
  STORAGE_FULL: defineError(
    'MARIO_STORAGE_FULL',
    'There is no space on the disk. Nothing of the failed write was acknowledged, and the same write works once there is space: free some, or lower --disk.',
  ),
  STORAGE_IO: defineError(
    'MARIO_STORAGE_IO',
    'The disk refused a read, write or sync. Nothing of the failed write was acknowledged. Check the disk and the rights on the folder of --data.',
  ),
  STORAGE_LOCKED: defineError(
    'MARIO_STORAGE_LOCKED',
    'Another process uses the folder. Stop it, or choose another folder with --data.',
  ),
  STORAGE_CORRUPT: defineError(
    'MARIO_STORAGE_CORRUPT',
    'Bytes on the disk are not what was written. Damaged files are moved to a folder named quarantine beside them, and the rest goes on.',
  ),
  STORAGE_VERSION: defineError(
    'MARIO_STORAGE_VERSION',
    'A file was written by a newer version of the program. Use that version, or another folder with --data.',
  ),
  STORAGE_NOT_FOUND: defineError(
    'MARIO_STORAGE_NOT_FOUND',
    'A file of the store is not there: something else removed it.',
  ),
  STORAGE_LIMIT: defineError(
    'MARIO_STORAGE_LIMIT',
    'A named limit would be exceeded: a record is too large, or too much waits for the disk. Send smaller batches, or later.',
  ),
  STORAGE_CLOSED: defineError(
    'MARIO_STORAGE_CLOSED',
    'The store is shutting down or closed. Send again after its restart.',
  ),
} as const satisfies Record<string, ErrorKind>;

export type StorageErrorCode = keyof typeof KINDS;

/**
 * An operating error of storage. `message` says what happened, where, and what to do about it; `code` is the code with
 * `MARIO_` before it, as every operating error has.
 */
export class StorageError extends OperatingError {
  declare readonly code: `MARIO_${StorageErrorCode}`;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(KINDS[code], message, options);
    this.name = 'StorageError';
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
  return error instanceof StorageError && (code === undefined || error.code === `MARIO_${code}`);
}
