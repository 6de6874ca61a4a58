/** The sections of a block, decoded as far as readers and compaction need them (docs/format/metrics-block.md). */
import { type Segment, StringDictionary } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import { BlockStarts } from './block-starts.ts';
import { type Chunk, nextSourceId } from './chunk.ts';
import { decodeTimestamps } from './column/decode-column.ts';
import type { HistogramTable } from './histogram-table.ts';
import { sharedUint32 } from './shared-memory.ts';

const CHUNK_BYTES = 28;
const INDEX_BYTES = 12;

/** Where the columns of each series are: those of series i are pieces[starts[i]] … pieces[starts[i + 1] - 1]. */
export interface PieceTable {
  readonly starts: Int32Array;
  /** Number of the chunk, in time order for each series. */
  readonly chunks: Int32Array;
  readonly columns: Int32Array;
}

export interface BlockContent {
  /** Labels of each series, sorted. */
  readonly labels: readonly Labels[];
  readonly chunks: readonly Chunk[];
  readonly pieces: PieceTable;
  readonly starts: BlockStarts | undefined;
  /** The number of the series that has a column of a chunk. */
  seriesOf(chunk: number, column: number): number;
}

/** Throws STORAGE_CORRUPT for damaged sections. */
export async function readBlockContent(segment: Segment): Promise<BlockContent> {
  const [strings, series, chunkTable, columnIndex, columns] = await Promise.all([
    segment.read('strings'),
    segment.read('series'),
    segment.read('chunks'),
    segment.read('index'),
    segment.readShared('columns'),
  ]);
  const histograms = segment.sections.has('histograms') ? await segment.readShared('histograms') : undefined;
  const starts = segment.sections.has('starts') ? await segment.readShared('starts') : undefined;
  const labels = readSeries(new StringDictionary(strings), series);
  const placed = readChunks(chunkTable, columnIndex, columns, histograms);
  const index = viewOf(columnIndex);
  return {
    labels,
    chunks: placed.map(({ chunk }) => chunk),
    pieces: readPieces(labels.length, placed, columnIndex),
    starts: starts === undefined ? undefined : new BlockStarts(starts),
    seriesOf: (chunk, column) => index.getUint32((placed[chunk]!.firstColumn + column) * INDEX_BYTES, true),
  };
}

interface PlacedChunk {
  readonly chunk: Chunk;
  /** Number of its first column in the block's index. */
  readonly firstColumn: number;
}

function readPieces(seriesCount: number, chunks: readonly PlacedChunk[], columnIndex: Uint8Array): PieceTable {
  const view = viewOf(columnIndex);
  const starts = new Int32Array(seriesCount + 1);
  const local = (firstColumn: number, column: number) => view.getUint32((firstColumn + column) * INDEX_BYTES, true);
  for (const { chunk, firstColumn } of chunks) {
    for (let column = 0; column + 1 < chunk.offsets.length; column++) starts[local(firstColumn, column) + 1]!++;
  }
  for (let i = 0; i < seriesCount; i++) starts[i + 1]! += starts[i]!;
  const total = starts[seriesCount]!;
  const pieces = { starts, chunks: new Int32Array(total), columns: new Int32Array(total) };
  const next = starts.slice(0, seriesCount);
  chunks.forEach(({ chunk, firstColumn }, number) => {
    for (let column = 0; column + 1 < chunk.offsets.length; column++) {
      const at = next[local(firstColumn, column)]!++;
      pieces.chunks[at] = number;
      pieces.columns[at] = column;
    }
  });
  return pieces;
}

function readSeries(strings: StringDictionary, bytes: Uint8Array): Labels[] {
  const view = viewOf(bytes);
  const count = view.getUint32(0, true);
  const pairsAt = 4 * (count + 2);
  return Array.from({ length: count }, (_, i) => {
    const pairs: string[] = [];
    const end = view.getUint32(8 + 4 * i, true);
    for (let p = view.getUint32(4 + 4 * i, true); p < end; p++) {
      pairs.push(
        strings.get(view.getUint32(pairsAt + 8 * p, true)),
        strings.get(view.getUint32(pairsAt + 8 * p + 4, true)),
      );
    }
    return Labels.fromSortedPairs(pairs);
  });
}

function readChunks(
  table: Uint8Array,
  columnIndex: Uint8Array,
  columns: Uint8Array,
  histograms: Uint8Array | undefined,
): PlacedChunk[] {
  const view = viewOf(table);
  const indexView = viewOf(columnIndex);
  const bytesView = viewOf(columns);
  const count = view.getUint32(0, true);
  const memory = chunkMemory(view, count);
  const tables = readHistograms(histograms);
  return Array.from({ length: count }, (_, i) => {
    const at = 4 + i * CHUNK_BYTES;
    const rows = view.getUint32(at, true);
    const width = view.getUint32(at + 4, true);
    const start = view.getFloat64(at + 16, true);
    const firstColumn = view.getUint32(at + 24, true);
    const offsets = memory.offsets(width + 1);
    for (let c = 0; c < width; c++) {
      const entry = (firstColumn + c) * INDEX_BYTES;
      offsets[c] = start + indexView.getUint32(entry + 4, true);
      offsets[c + 1] = offsets[c]! + indexView.getUint32(entry + 8, true);
    }
    const chunk: Chunk = {
      kind: 'chunk',
      id: nextSourceId(),
      rows,
      timestamps: decodeTimestamps(columns, bytesView, view.getUint32(at + 8, true), rows, memory.timestamps(rows)),
      bytes: columns,
      view: bytesView,
      offsets,
      histograms: tables.of(firstColumn, width),
    };
    return { chunk, firstColumn };
  });
}

/** One piece of shared memory for the timestamps and offsets of all chunks of a block. */
function chunkMemory(table: DataView, count: number) {
  let rows = 0;
  let offsets = 0;
  for (let i = 0; i < count; i++) {
    rows += table.getUint32(4 + i * CHUNK_BYTES, true);
    offsets += table.getUint32(8 + i * CHUNK_BYTES, true) + 1;
  }
  const memory = new SharedArrayBuffer(8 * rows + 4 * offsets);
  let timestampsAt = 0;
  let offsetsAt = 8 * rows;
  return {
    timestamps(length: number): Float64Array {
      const array = new Float64Array(memory, timestampsAt, length);
      timestampsAt += 8 * length;
      return array;
    },
    offsets(length: number): Uint32Array {
      const array = new Uint32Array(memory, offsetsAt, length);
      offsetsAt += 4 * length;
      return array;
    },
  };
}

/** The histograms of a block, which stand in the order of its columns, as tables of its chunks. */
function readHistograms(bytes: Uint8Array | undefined) {
  const columns: number[] = [];
  const rows: number[] = [];
  const positions: number[] = [];
  if (bytes !== undefined) {
    const view = viewOf(bytes);
    let at = 4;
    for (let n = view.getUint32(0, true); n > 0; n--) {
      columns.push(view.getUint32(at, true));
      rows.push(view.getUint32(at + 4, true));
      positions.push(at + 12);
      at += 12 + view.getUint32(at + 8, true);
    }
  }
  let next = 0;
  return {
    /** Called chunk by chunk, in order. */
    of(firstColumn: number, width: number): HistogramTable | null {
      const from = next;
      while (next < columns.length && columns[next]! < firstColumn + width) next++;
      if (next === from) return null;
      const entries = sharedUint32(3 * (next - from));
      for (let i = from; i < next; i++) {
        entries.set([columns[i]! - firstColumn, rows[i]!, positions[i]!], 3 * (i - from));
      }
      return { entries, count: next - from, bytes: bytes! };
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
