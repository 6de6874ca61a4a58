/** Writes a segment whole: sections, table, footer, in one atomic file. */

import { promisify } from 'node:util';
import { crc32, zstdCompress } from 'node:zlib';
import type { StorageDirectory } from './directory.ts';
import type { SectionInfo, SectionInput, SegmentInput } from './segment.ts';
import { ALIGNMENT_BYTES, encodeFooter, encodeHeader, encodeTable, HEADER_BYTES } from './segment-layout.ts';

const compress = promisify(zstdCompress);

/**
 * Writes `name` into the directory, durable when it resolves; compression runs off the main thread. The sections' data
 * must not change until then. Rejects with STORAGE_FULL or STORAGE_IO, and then there is no file.
 */
export async function writeSegment(
  directory: StorageDirectory,
  name: string,
  input: SegmentInput,
): Promise<{ readonly sizeBytes: number }> {
  const header = encodeHeader(input.kind, input.version);
  const chunks: Uint8Array[] = [header];
  const infos: SectionInfo[] = [];
  const names = new Set<string>();
  let offset = HEADER_BYTES;
  for (const section of input.sections) {
    if (names.has(section.name)) throw new Error(`BUG: section "${section.name}" twice in ${name}`);
    names.add(section.name);
    const stored = await storeSection(section);
    infos.push({
      name: section.name,
      compression: stored.compression,
      offset,
      storedBytes: stored.data.length,
      rawBytes: section.data.length,
      checksum: crc32(stored.data),
    });
    const padding = new Uint8Array((ALIGNMENT_BYTES - (stored.data.length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES);
    chunks.push(stored.data, padding);
    offset += stored.data.length + padding.length;
  }
  const table = encodeTable(infos);
  const footer = encodeFooter(
    { tableOffset: offset, tableBytes: table.length, sectionCount: infos.length },
    header,
    table,
  );
  chunks.push(table, footer);
  await directory.writeAtomic(name, chunks);
  return { sizeBytes: offset + table.length + footer.length };
}

/** A section as it lies in the file. */
export async function storeSection(section: SectionInput): Promise<{ data: Uint8Array; compression: 'none' | 'zstd' }> {
  if (section.compression === 'zstd' && section.data.length > 0) {
    const packed = await compress(section.data);
    if (packed.length < section.data.length) return { data: packed, compression: 'zstd' };
  }
  return { data: section.data, compression: 'none' };
}
