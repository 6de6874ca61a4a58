/** A section of compressed blocks that are read one at a time (layout: docs/format/segment.md, "Block sections"). */

import { promisify } from 'node:util';
import { crc32, zstdCompress, zstdDecompress } from 'node:zlib';
import type { SectionInput, Segment } from './segment.ts';
import { StorageError } from './storage-error.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Where each block lies in its section. */
export interface BlockTable {
  readonly count: number;
  readonly offsets: Float64Array;
  readonly storedBytes: Uint32Array;
  readonly rawBytes: Uint32Array;
  readonly checksums: Uint32Array;
}

/** Bytes of one table row: offset (f64), stored length, raw length, CRC-32 of the stored bytes (u32 each), 4 of zero. */
const ROW_BYTES = 24;

/**
 * Compresses each block by itself, off the main thread, and gives two sections: `name` with the blocks and
 * `name + '.table'`. An empty block costs a table row only.
 */
export async function encodeBlocks(name: string, blocks: readonly Uint8Array[]): Promise<readonly SectionInput[]> {
  const table = new Uint8Array(ROW_BYTES * blocks.length);
  const view = new DataView(table.buffer);
  const stored: Uint8Array[] = [];
  for (const block of blocks) stored.push(block.length === 0 ? block : await compress(block));
  let offset = 0;
  for (const [index, bytes] of stored.entries()) {
    const row = ROW_BYTES * index;
    view.setFloat64(row, offset, true);
    view.setUint32(row + 8, bytes.length, true);
    view.setUint32(row + 12, blocks[index]!.length, true);
    view.setUint32(row + 16, crc32(bytes), true);
    offset += bytes.length;
  }
  const data = new Uint8Array(offset);
  let at = 0;
  for (const bytes of stored) {
    data.set(bytes, at);
    at += bytes.length;
  }
  return [
    { name, data },
    { name: `${name}.table`, data: table },
  ];
}

/** Decodes what `segment.read(name + '.table')` gave. */
export function decodeBlockTable(bytes: Uint8Array): BlockTable {
  if (bytes.length % ROW_BYTES !== 0) {
    throw new StorageError('STORAGE_CORRUPT', 'A block table is not a whole number of rows: the segment is damaged.');
  }
  const count = bytes.length / ROW_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = {
    count,
    offsets: new Float64Array(count),
    storedBytes: new Uint32Array(count),
    rawBytes: new Uint32Array(count),
    checksums: new Uint32Array(count),
  };
  for (let index = 0; index < count; index++) {
    const row = ROW_BYTES * index;
    table.offsets[index] = view.getFloat64(row, true);
    table.storedBytes[index] = view.getUint32(row + 8, true);
    table.rawBytes[index] = view.getUint32(row + 12, true);
    table.checksums[index] = view.getUint32(row + 16, true);
  }
  return table;
}

/** Reads, verifies and decompresses one block. The result starts on an 8-byte boundary and belongs to the caller. */
export async function readBlock(segment: Segment, name: string, table: BlockTable, index: number): Promise<Uint8Array> {
  const rawBytes = table.rawBytes[index];
  if (rawBytes === undefined) throw new Error(`BUG: block ${index} of ${table.count} in ${segment.name}`);
  if (rawBytes === 0) return new Uint8Array(0);
  const stored = await segment.readRange(name, table.offsets[index]!, table.storedBytes[index]!);
  if (crc32(stored) !== table.checksums[index]) {
    throw new StorageError('STORAGE_CORRUPT', `Block ${index} of ${name} in ${segment.name} is damaged.`);
  }
  const raw = await decompress(stored, { maxOutputLength: rawBytes });
  if (raw.length !== rawBytes) {
    throw new StorageError('STORAGE_CORRUPT', `Block ${index} of ${name} in ${segment.name} has a wrong length.`);
  }
  return raw.byteOffset % 8 === 0 ? new Uint8Array(raw.buffer, raw.byteOffset, rawBytes) : new Uint8Array(raw);
}
