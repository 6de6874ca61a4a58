/** Opens segments, verifies what it reads, and sets damaged files aside. */

import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import { QUARANTINE, type ReadFile, type StorageDirectory } from './directory.ts';
import type { SectionInfo, Segment } from './segment.ts';
import {
  checkFooter,
  damaged,
  decodeFooter,
  decodeHeader,
  decodeTable,
  FOOTER_BYTES,
  HEADER_BYTES,
  tooNew,
} from './segment-layout.ts';
import { isStorageError, StorageError } from './storage-error.ts';

const decompress = promisify(zstdDecompress);

/** What the opener expects: the kind, and the newest version of it that it can read. */
export interface SegmentExpectation {
  readonly kind: string;
  readonly versionMax: number;
}

/** Opens a segment after verifying header, table and footer. `verify: 'all'` also checks every section. */
export async function openSegment(
  directory: StorageDirectory,
  name: string,
  expected: SegmentExpectation,
  options: { readonly verify?: 'footer' | 'all' } = {},
): Promise<Segment> {
  const file = await directory.openRead(name);
  try {
    const segment = await openFile(file, name, expected);
    if (options.verify === 'all') await segment.verify();
    return segment;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Like `openSegment`, but a damaged file is moved to `quarantine/`; a damaged or missing one gives the error instead of
 * a segment, for the store to count. Other errors (a newer version, a failing disk) are thrown: then the file may be sound.
 */
export async function openSegmentOrQuarantine(
  directory: StorageDirectory,
  name: string,
  expected: SegmentExpectation,
  options: { readonly verify?: 'footer' | 'all' } = {},
): Promise<Segment | StorageError> {
  try {
    return await openSegment(directory, name, expected, options);
  } catch (error) {
    if (isStorageError(error, 'STORAGE_NOT_FOUND')) return error;
    if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
    await directory.moveInto(name, QUARANTINE);
    return error;
  }
}

async function openFile(file: ReadFile, name: string, expected: SegmentExpectation): Promise<Segment> {
  if (file.sizeBytes < HEADER_BYTES + FOOTER_BYTES) throw damaged(name, 'it is too short');
  const header = new Uint8Array(HEADER_BYTES);
  const footerBytes = new Uint8Array(FOOTER_BYTES);
  await file.readInto(header, 0);
  await file.readInto(footerBytes, file.sizeBytes - FOOTER_BYTES);
  const { kind, version } = decodeHeader(header, name);
  const footer = decodeFooter(footerBytes, file.sizeBytes, name);
  const table = new Uint8Array(footer.tableBytes);
  await file.readInto(table, footer.tableOffset);
  checkFooter(header, table, footerBytes, name);
  if (kind !== expected.kind) throw damaged(name, `it is of kind ${kind}, not ${expected.kind}`);
  if (version > expected.versionMax) throw tooNew(name, version, expected.versionMax);
  const sections = decodeTable(table, footer.sectionCount, footer.tableOffset, name);
  return new FileSegment(file, name, kind, version, sections);
}

class FileSegment implements Segment {
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  readonly sections: ReadonlyMap<string, SectionInfo>;
  readonly #file: ReadFile;

  constructor(file: ReadFile, name: string, kind: string, version: number, sections: ReadonlyMap<string, SectionInfo>) {
    this.#file = file;
    this.name = name;
    this.kind = kind;
    this.version = version;
    this.sections = sections;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  async read(section: string): Promise<Uint8Array> {
    return this.#readInto(this.#info(section), (length) => new Uint8Array(length));
  }

  async readShared(section: string): Promise<Uint8Array> {
    return this.#readInto(this.#info(section), (length) => new Uint8Array(new SharedArrayBuffer(length)));
  }

  async readRange(section: string, offset: number, length: number): Promise<Uint8Array> {
    const info = this.#info(section);
    if (info.compression !== 'none') throw new Error(`BUG: section ${section} of ${this.name} is compressed`);
    if (!(offset >= 0 && length >= 0 && offset + length <= info.storedBytes)) {
      throw damaged(this.name, `bytes ${offset} to ${offset + length} lie outside section ${section}`);
    }
    const bytes = new Uint8Array(length);
    await this.#file.readInto(bytes, info.offset + offset);
    return bytes;
  }

  async verify(): Promise<void> {
    for (const info of this.sections.values()) await this.#readStored(info, new Uint8Array(info.storedBytes));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #info(section: string): SectionInfo {
    const info = this.sections.get(section);
    if (info === undefined) throw damaged(this.name, `it has no section ${section}`);
    return info;
  }

  async #readInto(info: SectionInfo, allocate: (length: number) => Uint8Array): Promise<Uint8Array> {
    if (info.compression === 'none') return this.#readStored(info, allocate(info.rawBytes));
    const stored = await this.#readStored(info, new Uint8Array(info.storedBytes));
    const raw = await decompress(stored, { maxOutputLength: Math.max(1, info.rawBytes) }).catch((error: unknown) => {
      throw new StorageError('STORAGE_CORRUPT', `Section ${info.name} of ${this.name} does not decompress.`, {
        cause: error,
      });
    });
    if (raw.length !== info.rawBytes) throw damaged(this.name, `section ${info.name} has a wrong length`);
    const target = allocate(info.rawBytes);
    target.set(raw);
    return target;
  }

  async #readStored(info: SectionInfo, target: Uint8Array): Promise<Uint8Array> {
    if (target.length !== info.storedBytes) throw damaged(this.name, `section ${info.name} has a wrong length`);
    await this.#file.readInto(target, info.offset);
    if (crc32(target) !== info.checksum) throw damaged(this.name, `section ${info.name} has a wrong checksum`);
    return target;
  }
}
