/** Writes a segment piece by piece, for those too large to hold in memory; readers see the file when it is whole. */

import { crc32 } from 'node:zlib';
import type { AppendFile, StorageDirectory } from './directory.ts';
import type { SectionInfo, SectionInput } from './segment.ts';
import { ALIGNMENT_BYTES, encodeFooter, encodeHeader, encodeTable, HEADER_BYTES } from './segment-layout.ts';
import { storeSection } from './segment-writer.ts';

/** Begins a segment under a temporary name (`removeOrphans` knows it) that `finish` changes to `name`. */
export async function beginSegment(
  directory: StorageDirectory,
  name: string,
  format: { readonly kind: string; readonly version: number },
): Promise<SegmentStream> {
  const file = await directory.openAppend(`${name}.tmp`);
  const stream = new SegmentStream(directory, name, file, encodeHeader(format.kind, format.version));
  await stream.start();
  return stream;
}

/** Calls must not overlap. After an error only `abandon` is left. */
export class SegmentStream {
  readonly #directory: StorageDirectory;
  readonly #name: string;
  readonly #file: AppendFile;
  readonly #header: Uint8Array;
  readonly #infos: SectionInfo[] = [];
  #offset = HEADER_BYTES;
  #open: { readonly name: string; bytes: number; checksum: number } | undefined;

  constructor(directory: StorageDirectory, name: string, file: AppendFile, header: Uint8Array) {
    this.#directory = directory;
    this.#name = name;
    this.#file = file;
    this.#header = header;
  }

  async start(): Promise<void> {
    // An attempt that a crash interrupted may have left a file of this name.
    if (this.#file.sizeBytes > 0) await this.#file.truncate(0);
    await this.#file.append([this.#header]);
  }

  /** Adds a whole section. */
  async add(section: SectionInput): Promise<void> {
    const { data, compression } = await storeSection(section);
    await this.#put([data]);
    await this.#close({ name: section.name, compression, rawBytes: section.data.length, checksum: crc32(data) }, data);
  }

  /** Begins an uncompressed section that `append` fills until `end`. */
  begin(name: string): void {
    if (this.#open !== undefined) throw new Error(`BUG: section ${this.#open.name} is still open`);
    this.#open = { name, bytes: 0, checksum: 0 };
  }

  /** `bytes` must not change until it resolves. */
  async append(bytes: Uint8Array): Promise<void> {
    const open = this.#open!;
    await this.#put([bytes]);
    open.bytes += bytes.length;
    open.checksum = crc32(bytes, open.checksum);
  }

  async end(): Promise<void> {
    const { name, bytes, checksum } = this.#open!;
    this.#open = undefined;
    await this.#close({ name, compression: 'none', rawBytes: bytes, checksum }, { length: bytes });
  }

  /** Makes the segment durable under its name. */
  async finish(): Promise<{ readonly sizeBytes: number }> {
    const table = encodeTable(this.#infos);
    const layout = { tableOffset: this.#offset, tableBytes: table.length, sectionCount: this.#infos.length };
    const footer = encodeFooter(layout, this.#header, table);
    await this.#file.append([table, footer]);
    await this.#file.sync();
    await this.#file.close();
    await this.#directory.rename(`${this.#name}.tmp`, this.#name);
    return { sizeBytes: this.#offset + table.length + footer.length };
  }

  /** Removes what was written so far. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await this.#directory.remove(`${this.#name}.tmp`).catch(() => undefined);
  }

  async #put(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#file.append(chunks);
    for (const chunk of chunks) this.#offset += chunk.length;
  }

  async #close(info: Omit<SectionInfo, 'offset' | 'storedBytes'>, stored: { readonly length: number }): Promise<void> {
    this.#infos.push({ ...info, offset: this.#offset - stored.length, storedBytes: stored.length });
    const padding = (ALIGNMENT_BYTES - (this.#offset % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
    if (padding > 0) await this.#put([new Uint8Array(padding)]);
  }
}
