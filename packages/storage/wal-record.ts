/** The bytes of the write-ahead log: file headers and records (layout: docs/format/wal.md). */

import { crc32 } from 'node:zlib';
import { StorageError } from './storage-error.ts';

const WAL_VERSION = 1;
export const FILE_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 12;

const MAGIC = 0x4c41_574d; // "MWAL", little endian

export function walFileName(firstSequence: number): string {
  return `wal-${String(firstSequence).padStart(16, '0')}.log`;
}

/** The first sequence that a file name stands for, or undefined when it is no file of the log. */
export function walFileSequence(name: string): number | undefined {
  const match = /^wal-(\d{16})\.log$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function encodeFileHeader(firstSequence: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, WAL_VERSION, true);
  view.setBigUint64(8, BigInt(firstSequence), true);
  view.setUint32(16, salt, true);
  view.setUint32(28, crc32(bytes.subarray(0, 28)), true);
  return bytes;
}

/** The salt of a file, or undefined when the header is damaged. Throws STORAGE_VERSION for a newer version. */
export function decodeFileHeader(bytes: Uint8Array, name: string): number | undefined {
  if (bytes.length < FILE_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  if (view.getUint32(28, true) !== crc32(bytes.subarray(0, 28))) return undefined;
  const version = view.getUint16(4, true);
  if (version > WAL_VERSION) {
    throw new StorageError(
      'STORAGE_VERSION',
      `${name} has version ${version} of the write-ahead log, and this program reads up to ${WAL_VERSION}: use the newer program.`,
    );
  }
  if (Number(view.getBigUint64(8, true)) !== walFileSequence(name)) return undefined;
  return view.getUint32(16, true);
}

/** The header of a record whose payload is `parts`, one after the other. */
export function encodeRecordHeader(
  type: number,
  parts: readonly Uint8Array[],
  length: number,
  salt: number,
): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, length, true);
  header[4] = type;
  let checksum = crc32(header.subarray(0, 8), salt);
  for (const part of parts) checksum = crc32(part, checksum);
  view.setUint32(8, checksum, true);
  return header;
}

/** Bytes that the search for a sound record behind a damaged one may hash; beyond, the rest counts as damaged. */
const RESYNC_HASHED_BYTES_MAX = 256 * 1024 * 1024;

/** Reads the records of one file's bytes. */
export class WalFileReader {
  offset = FILE_HEADER_BYTES;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #salt: number;

  constructor(bytes: Uint8Array, salt: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#salt = salt;
  }

  get atEnd(): boolean {
    return this.offset === this.#bytes.length;
  }

  /** The next sound record, or undefined at the end or at damage; then `offset` stays before it. */
  next(): { readonly type: number; readonly payload: Uint8Array } | undefined {
    const end = this.#soundEnd(this.offset);
    if (end === undefined) return undefined;
    const type = this.#bytes[this.offset + 4]!;
    const payload = this.#bytes.subarray(this.offset + RECORD_HEADER_BYTES, end);
    this.offset = end;
    return { type, payload };
  }

  /** Whether a sound record starts anywhere behind the current offset: then the damage is not a torn tail. */
  soundRecordBehind(): boolean {
    let hashedBytes = 0;
    for (let offset = this.offset + 1; offset + RECORD_HEADER_BYTES <= this.#bytes.length; offset++) {
      if (!this.#plausible(offset)) continue;
      hashedBytes += this.#view.getUint32(offset, true);
      if (hashedBytes > RESYNC_HASHED_BYTES_MAX) return true;
      if (this.#soundEnd(offset) !== undefined) return true;
    }
    return false;
  }

  #plausible(offset: number): boolean {
    const bytes = this.#bytes;
    if (bytes[offset + 5] !== 0 || bytes[offset + 6] !== 0 || bytes[offset + 7] !== 0) return false;
    return offset + RECORD_HEADER_BYTES + this.#view.getUint32(offset, true) <= bytes.length;
  }

  #soundEnd(offset: number): number | undefined {
    if (offset + RECORD_HEADER_BYTES > this.#bytes.length || !this.#plausible(offset)) return undefined;
    const start = offset + RECORD_HEADER_BYTES;
    const end = start + this.#view.getUint32(offset, true);
    const header = crc32(this.#bytes.subarray(offset, offset + 8), this.#salt);
    const checksum = crc32(this.#bytes.subarray(start, end), header);
    return checksum === this.#view.getUint32(offset + 8, true) ? end : undefined;
  }
}
