/** A block on disk, and what of it is in memory. Its series join the store's index when it is first read. */
import { type ManifestEntry, type Segment, StringDictionary } from '@mario/storage';
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import type { ExemplarSeries, MetricMetadata } from '../queryable.ts';
import { type Chunk, nextChunkId } from './chunk.ts';
import { decodeTimestamps } from './column/decode-column.ts';
import { readHistogram } from './histogram-bytes.ts';
import type { SeriesIndex } from './series-index.ts';

const CHUNK_BYTES = 28;
const INDEX_BYTES = 12;

/** One column of one chunk. */
export interface Piece {
  readonly chunk: Chunk;
  readonly column: number;
}

export class Block {
  readonly entry: ManifestEntry;
  readonly #segment: Segment;
  #loaded: LoadedBlock | undefined;
  #loading: Promise<LoadedBlock> | undefined;
  /** For dropping the longest unused content. */
  lastUsed = 0;

  constructor(entry: ManifestEntry, segment: Segment) {
    this.entry = entry;
    this.#segment = segment;
  }

  get loaded(): LoadedBlock | undefined {
    return this.#loaded;
  }

  /** Reads the block into memory; its series get refs in `index`. Throws STORAGE_CORRUPT for damaged sections. */
  async load(index: SeriesIndex): Promise<LoadedBlock> {
    this.#loading ??= readBlock(this.#segment, index).then(
      (loaded) => (this.#loaded = loaded),
      (error) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  unload(): void {
    this.#loaded = undefined;
    this.#loading = undefined;
  }

  async exemplars(): Promise<readonly ExemplarSeries[]> {
    if (!this.#segment.sections.has('exemplars')) return [];
    const json = JSON.parse(new TextDecoder().decode(await this.#segment.read('exemplars'))) as readonly {
      series: string[];
      exemplars: [number, number, string[]][];
    }[];
    return json.map(({ series, exemplars }) => ({
      seriesLabels: Labels.fromSortedPairs(series),
      exemplars: exemplars.map(([timestampMs, value, pairs]) => ({
        timestampMs,
        value,
        labels: Labels.fromSortedPairs(pairs),
      })),
    }));
  }

  async metadata(): Promise<Readonly<Record<string, readonly MetricMetadata[]>>> {
    return JSON.parse(new TextDecoder().decode(await this.#segment.read('metadata')));
  }

  async close(): Promise<void> {
    this.unload();
    await this.#segment.close();
  }
}

export class LoadedBlock {
  readonly sizeBytes: number;
  readonly #refs: Int32Array;
  readonly #local: Map<number, number>;
  readonly #pieces: readonly (Piece[] | undefined)[];

  constructor(refs: Int32Array, pieces: readonly (Piece[] | undefined)[], sizeBytes: number) {
    this.#refs = refs;
    this.#local = new Map();
    refs.forEach((ref, i) => void this.#local.set(ref, i));
    this.#pieces = pieces;
    this.sizeBytes = sizeBytes;
  }

  refs(): Int32Array {
    return this.#refs;
  }

  has(ref: number): boolean {
    return this.#local.has(ref);
  }

  /** In time order. */
  pieces(ref: number): readonly Piece[] {
    const local = this.#local.get(ref);
    return local === undefined ? [] : (this.#pieces[local] ?? []);
  }
}

async function readBlock(segment: Segment, index: SeriesIndex): Promise<LoadedBlock> {
  const [strings, series, chunkTable, columnIndex, columns] = await Promise.all([
    segment.read('strings'),
    segment.read('series'),
    segment.read('chunks'),
    segment.read('index'),
    segment.readShared('columns'),
  ]);
  const histograms = segment.sections.has('histograms') ? await segment.read('histograms') : undefined;
  const refs = readSeries(new StringDictionary(strings), series, index);
  const chunks = readChunks(chunkTable, columnIndex, columns, readHistograms(histograms));
  const pieces: (Piece[] | undefined)[] = new Array(refs.length);
  const view = viewOf(columnIndex);
  for (const { chunk, firstColumn } of chunks) {
    for (let column = 0; column + 1 < chunk.offsets.length; column++) {
      const local = view.getUint32((firstColumn + column) * INDEX_BYTES, true);
      const list = pieces[local];
      if (list === undefined) pieces[local] = [{ chunk, column }];
      else list.push({ chunk, column });
    }
  }
  return new LoadedBlock(refs, pieces, segment.sizeBytes);
}

function readSeries(strings: StringDictionary, bytes: Uint8Array, index: SeriesIndex): Int32Array {
  const view = viewOf(bytes);
  const count = view.getUint32(0, true);
  const pairsAt = 4 * (count + 2);
  const refs = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const pairs: string[] = [];
    const end = view.getUint32(8 + 4 * i, true);
    for (let p = view.getUint32(4 + 4 * i, true); p < end; p++) {
      pairs.push(
        strings.get(view.getUint32(pairsAt + 8 * p, true)),
        strings.get(view.getUint32(pairsAt + 8 * p + 4, true)),
      );
    }
    refs[i] = index.add(Labels.fromSortedPairs(pairs));
  }
  return refs;
}

function readChunks(
  table: Uint8Array,
  columnIndex: Uint8Array,
  columns: Uint8Array,
  histograms: ReadonlyMap<number, ReadonlyMap<number, FloatHistogram>>,
): { chunk: Chunk; firstColumn: number }[] {
  const view = viewOf(table);
  const indexView = viewOf(columnIndex);
  const bytesView = viewOf(columns);
  return Array.from({ length: view.getUint32(0, true) }, (_, i) => {
    const at = 4 + i * CHUNK_BYTES;
    const rows = view.getUint32(at, true);
    const width = view.getUint32(at + 4, true);
    const start = view.getFloat64(at + 16, true);
    const firstColumn = view.getUint32(at + 24, true);
    const offsets = new Uint32Array(width + 1);
    const own = new Map<number, ReadonlyMap<number, FloatHistogram>>();
    for (let c = 0; c < width; c++) {
      const entry = (firstColumn + c) * INDEX_BYTES;
      offsets[c] = start + indexView.getUint32(entry + 4, true);
      offsets[c + 1] = offsets[c]! + indexView.getUint32(entry + 8, true);
      const found = histograms.get(firstColumn + c);
      if (found !== undefined) own.set(c, found);
    }
    const chunk: Chunk = {
      id: nextChunkId(),
      rows,
      timestamps: decodeTimestamps(columns, bytesView, view.getUint32(at + 8, true), rows),
      bytes: columns,
      view: bytesView,
      offsets,
      histograms: own.size > 0 ? own : null,
    };
    return { chunk, firstColumn };
  });
}

function readHistograms(bytes: Uint8Array | undefined): Map<number, Map<number, FloatHistogram>> {
  const found = new Map<number, Map<number, FloatHistogram>>();
  if (bytes === undefined) return found;
  const view = viewOf(bytes);
  let at = 4;
  for (let n = view.getUint32(0, true); n > 0; n--) {
    const column = view.getUint32(at, true);
    let byRow = found.get(column);
    if (byRow === undefined) found.set(column, (byRow = new Map()));
    byRow.set(view.getUint32(at + 4, true), readHistogram(view, at + 12));
    at += 12 + view.getUint32(at + 8, true);
  }
  return found;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
