/** The bytes around a segment's sections: header, table, footer (layout: docs/format/segment.md). */

import { crc32 } from 'node:zlib';
import type { SectionInfo } from './segment.ts';
import { StorageError } from './storage-error.ts';

const CONTAINER_VERSION = 1;
export const HEADER_BYTES = 16;
export const FOOTER_BYTES = 24;
export const ALIGNMENT_BYTES = 8;

/** A table larger than this is damage: a segment has tens of sections, not hundreds of thousands. */
const TABLE_BYTES_MAX = 16 * 1024 * 1024;

const HEAD_MAGIC = 0x4745_534d; // "MSEG", little endian
const FOOT_MAGIC = 0x4d53_4547; // "GESM", little endian
const TABLE_ROW_BYTES = 30;
const ascii = new TextDecoder('latin1');

export function encodeHeader(kind: string, version: number): Uint8Array {
  if (!/^[\x21-\x7e]{4}$/.test(kind)) throw new Error(`BUG: segment kind "${kind}" is not four ASCII characters`);
  if (!(version >= 1 && version <= 0xffff)) throw new Error(`BUG: segment version ${version}`);
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HEAD_MAGIC, true);
  view.setUint16(4, CONTAINER_VERSION, true);
  for (let at = 0; at < 4; at++) bytes[8 + at] = kind.charCodeAt(at);
  view.setUint16(12, version, true);
  return bytes;
}

export function decodeHeader(bytes: Uint8Array, name: string): { readonly kind: string; readonly version: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== HEAD_MAGIC) throw damaged(name, 'it does not start like a segment');
  if (view.getUint16(4, true) > CONTAINER_VERSION) throw tooNew(name, view.getUint16(4, true), CONTAINER_VERSION);
  return { kind: ascii.decode(bytes.subarray(8, 12)), version: view.getUint16(12, true) };
}

export function encodeTable(sections: readonly SectionInfo[]): Uint8Array {
  const bytes = new Uint8Array(sections.reduce((sum, section) => sum + TABLE_ROW_BYTES + section.name.length, 0));
  const view = new DataView(bytes.buffer);
  let row = 0;
  for (const section of sections) {
    if (!/^[\x21-\x7e]{1,64}$/.test(section.name)) throw new Error(`BUG: section name "${section.name}"`);
    view.setBigUint64(row, BigInt(section.offset), true);
    view.setBigUint64(row + 8, BigInt(section.storedBytes), true);
    view.setBigUint64(row + 16, BigInt(section.rawBytes), true);
    view.setUint32(row + 24, section.checksum, true);
    bytes[row + 28] = section.compression === 'zstd' ? 1 : 0;
    bytes[row + 29] = section.name.length;
    for (let at = 0; at < section.name.length; at++) bytes[row + 30 + at] = section.name.charCodeAt(at);
    row += TABLE_ROW_BYTES + section.name.length;
  }
  return bytes;
}

export function decodeTable(bytes: Uint8Array, count: number, dataEnd: number, name: string): Map<string, SectionInfo> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = new Map<string, SectionInfo>();
  let row = 0;
  for (let index = 0; index < count; index++) {
    const nameBytes = bytes[row + 29];
    if (nameBytes === undefined || row + TABLE_ROW_BYTES + nameBytes > bytes.length) {
      throw damaged(name, 'its table is too short');
    }
    const section: SectionInfo = {
      name: ascii.decode(bytes.subarray(row + 30, row + 30 + nameBytes)),
      compression: bytes[row + 28] === 1 ? 'zstd' : 'none',
      offset: Number(view.getBigUint64(row, true)),
      storedBytes: Number(view.getBigUint64(row + 8, true)),
      rawBytes: Number(view.getBigUint64(row + 16, true)),
      checksum: view.getUint32(row + 24, true),
    };
    if (section.offset + section.storedBytes > dataEnd) throw damaged(name, `section ${section.name} lies outside`);
    sections.set(section.name, section);
    row += TABLE_ROW_BYTES + nameBytes;
  }
  return sections;
}

export interface Footer {
  readonly tableOffset: number;
  readonly tableBytes: number;
  readonly sectionCount: number;
}

export function encodeFooter(footer: Footer, header: Uint8Array, table: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FOOTER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(footer.tableOffset), true);
  view.setUint32(8, footer.tableBytes, true);
  view.setUint32(12, footer.sectionCount, true);
  view.setUint32(16, footerChecksum(header, table, bytes), true);
  view.setUint32(20, FOOT_MAGIC, true);
  return bytes;
}

/** Reads the footer's fields; `checkFooter` follows once the table is read. */
export function decodeFooter(bytes: Uint8Array, fileBytes: number, name: string): Footer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(20, true) !== FOOT_MAGIC) throw damaged(name, 'it does not end like a segment');
  const footer = {
    tableOffset: Number(view.getBigUint64(0, true)),
    tableBytes: view.getUint32(8, true),
    sectionCount: view.getUint32(12, true),
  };
  const fits = footer.tableOffset + footer.tableBytes + FOOTER_BYTES === fileBytes;
  if (!fits || footer.tableBytes > TABLE_BYTES_MAX) throw damaged(name, 'its footer does not fit its length');
  return footer;
}

export function checkFooter(header: Uint8Array, table: Uint8Array, footer: Uint8Array, name: string): void {
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength);
  if (view.getUint32(16, true) !== footerChecksum(header, table, footer))
    throw damaged(name, 'its footer checksum differs');
}

export function damaged(name: string, how: string): StorageError {
  return new StorageError('STORAGE_CORRUPT', `Segment ${name} is damaged: ${how}.`);
}

export function tooNew(name: string, version: number, known: number): StorageError {
  return new StorageError(
    'STORAGE_VERSION',
    `Segment ${name} has version ${version}, and this program reads up to ${known}: use the newer program.`,
  );
}

function footerChecksum(header: Uint8Array, table: Uint8Array, footer: Uint8Array): number {
  return crc32(footer.subarray(0, 16), crc32(table, crc32(header)));
}
