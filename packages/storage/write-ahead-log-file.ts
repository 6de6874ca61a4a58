/** The write-ahead log over a directory: one writer loop, many appends to one sync. */

import { randomBytes } from 'node:crypto';
import type { AppendFile, StorageDirectory } from './directory.ts';
import { StorageError, storageErrorOf } from './storage-error.ts';
import { encodeFileHeader, encodeRecordHeader, RECORD_HEADER_BYTES, walFileName } from './wal-record.ts';
import { replayFiles, type WalFile } from './wal-replay.ts';
import type { WalRecord, WalReplayReport, WalStats, WriteAheadLog, WriteAheadLogOptions } from './write-ahead-log.ts';

const FILE_SIZE_BYTES_MAX = 64 * 1024 * 1024;
const RECORD_SIZE_BYTES_MAX = 64 * 1024 * 1024;
const PENDING_BYTES_MAX = 256 * 1024 * 1024;

/** Bytes written before one sync: more would make the first of a group wait long for the last. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024;

/** Opens the log of a folder that the caller has locked. `replay` comes next. */
export async function openWriteAheadLog(options: WriteAheadLogOptions): Promise<WriteAheadLog> {
  return new FileWriteAheadLog(options);
}

interface Pending {
  readonly type: number;
  readonly parts: readonly Uint8Array[];
  readonly length: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: StorageError) => void;
}

interface OpenFile {
  readonly name: string;
  readonly first: number;
  readonly salt: number;
  readonly file: AppendFile;
  /** Bytes up to the last acknowledged record. */
  soundBytes: number;
}

class FileWriteAheadLog implements WriteAheadLog {
  readonly #directory: StorageDirectory;
  readonly #fileSizeBytesMax: number;
  readonly #recordSizeBytesMax: number;
  readonly #pendingBytesMax: number;
  /** Files that are not written any more, oldest first. */
  #closedFiles: WalFile[] = [];
  #open: OpenFile | undefined;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #lastSequence = 0;
  #replayed = false;
  #closed = false;
  /** The one chain on which everything that touches the open file runs. */
  #turn: Promise<void> = Promise.resolve();
  #writing = false;
  #stats = { appendCount: 0, appendFailureCount: 0, appendedBytes: 0, syncCount: 0, syncDurationMs: 0 };

  constructor(options: WriteAheadLogOptions) {
    this.#directory = options.directory;
    this.#fileSizeBytesMax = options.fileSizeBytesMax ?? FILE_SIZE_BYTES_MAX;
    this.#recordSizeBytesMax = options.recordSizeBytesMax ?? RECORD_SIZE_BYTES_MAX;
    this.#pendingBytesMax = options.pendingBytesMax ?? PENDING_BYTES_MAX;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  get sizeBytes(): number {
    return this.#closedFiles.reduce((sum, file) => sum + file.sizeBytes, this.#open?.file.sizeBytes ?? 0);
  }

  get fileCount(): number {
    return this.#closedFiles.length + (this.#open === undefined ? 0 : 1);
  }

  get stats(): WalStats {
    return { ...this.#stats };
  }

  async replay(visit: (record: WalRecord) => void | Promise<void>, afterSequence = 0): Promise<WalReplayReport> {
    if (this.#replayed) throw new Error('BUG: a write-ahead log is replayed once, before the first append');
    this.#replayed = true;
    const result = await replayFiles(this.#directory, visit, afterSequence);
    this.#closedFiles = [...result.files];
    this.#lastSequence = result.lastSequence;
    return result.report;
  }

  append(type: number, payload: Uint8Array | readonly Uint8Array[]): Promise<number> {
    if (!this.#replayed) throw new Error('BUG: replay the write-ahead log before appending to it');
    if (!(Number.isInteger(type) && type >= 0 && type <= 255)) throw new Error(`BUG: record type ${type}`);
    const parts = payload instanceof Uint8Array ? [payload] : payload;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const refusal = this.#refusal(length);
    if (refusal !== undefined) {
      this.#stats.appendFailureCount++;
      return Promise.reject(refusal);
    }
    return new Promise<number>((resolve, reject) => {
      this.#pending.push({ type, parts, length, resolve, reject });
      this.#pendingBytes += length;
      if (!this.#writing) {
        this.#writing = true;
        void this.#inTurn(() => this.#writeAllPending());
      }
    });
  }

  rotate(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) throw closedError(this.#directory.path);
      if (this.#open === undefined || this.#lastSequence < this.#open.first) return;
      await this.#closeFile();
      this.#open = await this.#openFile();
    });
  }

  truncateThrough(sequence: number): Promise<void> {
    return this.#inTurn(async () => {
      const newest = this.#open === undefined ? this.#closedFiles.at(-1) : undefined;
      for (const file of Array.from(this.#closedFiles)) {
        if (file.last > sequence || file === newest) break;
        await this.#directory.remove(file.name);
        this.#closedFiles.shift();
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#turn;
    this.#closed = true;
    await this.#inTurn(() => this.#closeFile());
  }

  #refusal(length: number): StorageError | undefined {
    if (this.#closed) return closedError(this.#directory.path);
    if (length > this.#recordSizeBytesMax) {
      return new StorageError(
        'STORAGE_LIMIT',
        `A record of ${length} bytes is above the limit of ${this.#recordSizeBytesMax}: send smaller batches.`,
      );
    }
    if (this.#pendingBytes + length > this.#pendingBytesMax) {
      return new StorageError(
        'STORAGE_LIMIT',
        `${this.#pendingBytes} bytes wait for the disk at ${this.#directory.path}: send again later.`,
      );
    }
    return undefined;
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #writeAllPending(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#writeGroup(group);
      } catch (error) {
        await this.#abandonFile();
        const failure = storageErrorOf(error, `appending to ${this.#directory.path}`);
        this.#stats.appendFailureCount += group.length;
        for (const entry of group) entry.reject(failure);
      }
    }
    this.#writing = false;
  }

  #takeGroup(): Pending[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#pending.length && (count === 0 || bytes + this.#pending[count]!.length <= GROUP_BYTES_MAX)) {
      bytes += this.#pending[count++]!.length;
    }
    this.#pendingBytes -= bytes;
    return this.#pending.splice(0, count);
  }

  async #writeGroup(group: readonly Pending[]): Promise<void> {
    if (this.#open !== undefined && this.#open.file.sizeBytes >= this.#fileSizeBytesMax) await this.#closeFile();
    this.#open ??= await this.#openFile();
    const { file, salt } = this.#open;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (const { type, parts, length } of group) {
      chunks.push(encodeRecordHeader(type, parts, length, salt), ...parts);
      bytes += RECORD_HEADER_BYTES + length;
    }
    const startedMs = performance.now();
    await file.append(chunks);
    await file.sync();
    this.#stats.syncDurationMs += performance.now() - startedMs;
    this.#open.soundBytes = file.sizeBytes;
    this.#stats.syncCount++;
    this.#stats.appendCount += group.length;
    this.#stats.appendedBytes += bytes;
    for (const entry of group) entry.resolve(++this.#lastSequence);
  }

  async #openFile(): Promise<OpenFile> {
    const first = this.#lastSequence + 1;
    const name = walFileName(first);
    const salt = randomBytes(4).readUInt32LE();
    const file = await this.#directory.openAppend(name, { syncsEach: true });
    try {
      // A file of this name holds no acknowledged record: it was opened and then failed, or rotated and never used.
      if (file.sizeBytes > 0) await file.truncate(0);
      await file.append([encodeFileHeader(first, salt)]);
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    this.#closedFiles = this.#closedFiles.filter((closed) => closed.name !== name);
    return { name, first, salt, file, soundBytes: file.sizeBytes };
  }

  async #closeFile(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#closedFiles.push({
      name: open.name,
      first: open.first,
      last: this.#lastSequence,
      sizeBytes: open.file.sizeBytes,
    });
    await open.file.close();
  }

  /**
   * After a failed write or sync the file is not trusted any more (docs/adr/0010): it is cut back to what was
   * acknowledged, as far as the disk lets us, and the next group starts a new file whose name says what counts.
   */
  async #abandonFile(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const empty = this.#lastSequence < open.first;
    await open.file.truncate(open.soundBytes).catch(() => undefined);
    await open.file.close().catch(() => undefined);
    if (empty) {
      await this.#directory.remove(open.name).catch(() => undefined);
    } else {
      const { name, first, soundBytes } = open;
      this.#closedFiles.push({ name, first, last: this.#lastSequence, sizeBytes: soundBytes });
    }
  }
}

function closedError(path: string): StorageError {
  return new StorageError('STORAGE_CLOSED', `The write-ahead log at ${path} is closed.`);
}
