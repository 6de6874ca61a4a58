/** A segment of logs: the blocks of many streams with their index and filters (layout: docs/format/logs-segment.md). */
import { crc32 } from 'node:zlib';
import {
  type BlockTable,
  decodeBlockTable,
  encodeBlocks,
  readBlock,
  type Segment,
  type SegmentInput,
  StorageError,
  StringDictionary,
  StringDictionaryBuilder,
} from '@mario/storage';
import type { LogEntries, Needles } from '../logql/evaluation/log-source.ts';
import type { Label, Labels } from '../logql/labels.ts';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import { ByteReader, FormatError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { buildGramFilter, mayContain } from './gram-filter.ts';

export const SEGMENT_KIND = 'LOGS';
export const SEGMENT_VERSION = 1;

/** Text of one block: large enough to compress well, small enough to read for one line. */
const BLOCK_TEXT_BYTES_MAX = 256 * 1024;

/** 52 days: far below the 2^53 nanoseconds that a double holds exactly. */
const BLOCK_SPAN_NS_MAX = 2n ** 52n;

/** Cutting a long stream yields to everything else after each block. */
const yieldTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface SegmentStream {
  readonly labels: Labels;
  readonly entries: LogEntries;
}

export interface SegmentSummary {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly entryCount: number;
  readonly lineBytes: number;
}

/** Builds the sections. Streams must not repeat; their entries are in order of time, and there is at least one. */
export async function buildSegment(
  streams: AsyncIterable<SegmentStream> | Iterable<SegmentStream>,
): Promise<{ input: SegmentInput; summary: SegmentSummary }> {
  const strings = new StringDictionaryBuilder();
  const streamTable = new ByteWriter();
  const index = new ByteWriter();
  const filters = new ByteWriter();
  const blocks: Uint8Array[] = [];
  const totals = { minNs: 2n ** 63n - 1n, maxNs: -(2n ** 63n), entryCount: 0, lineBytes: 0 };
  let streamCount = 0;
  for await (const { labels, entries } of streams) {
    const streamId = streamCount++;
    streamTable.varint(labels.length);
    for (const [name, value] of labels) {
      streamTable.varint(strings.intern(name));
      streamTable.varint(strings.intern(value));
    }
    for (const [from, to] of cutBlocks(entries)) {
      const { bytes, text, metadata } = encodeBlock(entries, from, to);
      blocks.push(bytes);
      const row = {
        minNs: entries.timesNs[from]!,
        maxNs: entries.timesNs[to - 1]!,
        count: to - from,
        textBytes: text.length,
      };
      index.varint(streamId);
      index.varint(row.count);
      index.i64(row.minNs);
      index.i64(row.maxNs);
      index.varint(row.textBytes);
      for (const filter of [buildGramFilter(text), buildGramFilter(metadata)]) {
        index.varint(filters.length);
        index.varint(filter.length);
        index.u32(crc32(filter));
        filters.bytes(filter);
      }
      if (row.minNs < totals.minNs) totals.minNs = row.minNs;
      if (row.maxNs > totals.maxNs) totals.maxNs = row.maxNs;
      totals.entryCount += row.count;
      totals.lineBytes += row.textBytes - row.count;
      await yieldTurn();
    }
  }
  const streamHead = new ByteWriter();
  streamHead.varint(streamCount);
  const sections: SegmentInput['sections'] = [
    { name: 'strings', data: strings.encode(), compression: 'zstd' },
    { name: 'streams', data: Buffer.concat([streamHead.view(), streamTable.view()]), compression: 'zstd' },
    { name: 'index', data: index.view(), compression: 'zstd' },
    { name: 'filters', data: filters.view() },
    ...(await encodeBlocks('blocks', blocks)),
  ];
  return { input: { kind: SEGMENT_KIND, version: SEGMENT_VERSION, sections }, summary: totals };
}

function* cutBlocks(entries: LogEntries): Iterable<readonly [number, number]> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < entries.count; i++) {
    // Times are kept as differences that a double holds exactly.
    if (i > from && entries.timesNs[i]! - entries.timesNs[from]! > BLOCK_SPAN_NS_MAX) {
      yield [from, i];
      from = i;
      bytes = 0;
    }
    bytes += Buffer.byteLength(entries.line(i)) + 1;
    if (bytes < BLOCK_TEXT_BYTES_MAX) continue;
    yield [from, i + 1];
    from = i + 1;
    bytes = 0;
  }
  if (from < entries.count) yield [from, entries.count];
}

/** What the index says about a block. */
export interface BlockInfo {
  readonly stream: number;
  readonly entryCount: number;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly textBytes: number;
  readonly lineFilter: FilterInfo;
  readonly metadataFilter: FilterInfo;
}

export interface FilterInfo {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly checksum: number;
}

/** An open segment. */
export class SegmentFile {
  readonly segment: Segment;
  readonly streams: readonly Labels[];
  readonly blocks: readonly BlockInfo[];
  readonly #table: BlockTable;

  private constructor(segment: Segment, streams: readonly Labels[], blocks: readonly BlockInfo[], table: BlockTable) {
    this.segment = segment;
    this.streams = streams;
    this.blocks = blocks;
    this.#table = table;
  }

  /** Reads the index; throws STORAGE_CORRUPT when it does not fit together. */
  static async open(segment: Segment): Promise<SegmentFile> {
    try {
      const strings = new StringDictionary(await segment.read('strings'));
      const streams = decodeStreams(await segment.read('streams'), strings);
      const blocks = decodeIndex(await segment.read('index'));
      const table = decodeBlockTable(await segment.read('blocks.table'));
      if (blocks.length !== table.count || blocks.some((block) => block.stream >= streams.length)) {
        throw new FormatError('the index does not fit the blocks');
      }
      return new SegmentFile(segment, streams, blocks, table);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new StorageError('STORAGE_CORRUPT', `The index of ${segment.name} is damaged: ${error.message}.`, {
        cause: error,
      });
    }
  }

  /** Gives undefined when no entry of the block can have all needles. `stream`: the labels of the block's stream. */
  async read(block: number, needles: Needles, stream: ReadonlyMap<string, string>): Promise<LogEntries | undefined> {
    const info = this.blocks[block];
    if (info === undefined) throw new Error(`BUG: block ${block} of ${this.blocks.length} in ${this.segment.name}`);
    // A label of the stream hides metadata of the same name: whether it fits is the pipeline's to say.
    const labels = needles.labels.filter(([name]) => !stream.has(name));
    if (!(await this.#mayContain(info.lineFilter, needles.line))) return undefined;
    const values = labels.map(([, value]) => value);
    if (!(await this.#mayContain(info.metadataFilter, values))) return undefined;
    const bytes = await readBlock(this.segment, 'blocks', this.#table, block);
    try {
      return decodeBlock(bytes, { line: needles.line, labels });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new StorageError(
        'STORAGE_CORRUPT',
        `Block ${block} of ${this.segment.name} is damaged: ${error.message}.`,
        { cause: error },
      );
    }
  }

  async #mayContain(info: FilterInfo, needles: readonly string[]): Promise<boolean> {
    if (needles.length === 0) return true;
    const filter = await this.segment.readRange('filters', info.offset, info.sizeBytes);
    // A damaged filter could hide lines: without it the block is read.
    if (crc32(filter) !== info.checksum) return true;
    return needles.every((needle) => mayContain(filter, Buffer.from(needle)));
  }
}

function decodeStreams(bytes: Uint8Array, strings: StringDictionary): readonly Labels[] {
  const reader = new ByteReader(bytes);
  const streams: Labels[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const labels: Label[] = [];
    for (let more = reader.varint(); more > 0; more--)
      labels.push([strings.get(reader.varint()), strings.get(reader.varint())]);
    streams.push(labels);
  }
  return streams;
}

function decodeIndex(bytes: Uint8Array): readonly BlockInfo[] {
  const reader = new ByteReader(bytes);
  const blocks: BlockInfo[] = [];
  while (reader.remaining > 0) {
    blocks.push({
      stream: reader.varint(),
      entryCount: reader.varint(),
      minNs: reader.i64(),
      maxNs: reader.i64(),
      textBytes: reader.varint(),
      lineFilter: { offset: reader.varint(), sizeBytes: reader.varint(), checksum: reader.u32() },
      metadataFilter: { offset: reader.varint(), sizeBytes: reader.varint(), checksum: reader.u32() },
    });
  }
  return blocks;
}
