/** A block on disk, and what of it is in memory. Its series join the store's index when it is first read. */
import type { ManifestEntry, Segment } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import type { ExemplarSeries, MetricMetadata } from '../queryable.ts';
import { type PieceTable, readBlockContent } from './block-content.ts';
import type { BlockStarts } from './block-starts.ts';
import type { Chunk } from './chunk.ts';
import { Cell } from './column/column-format.ts';
import { ColumnReader } from './column/decode-column.ts';
import { type Deletion, deletionsOf, deletionTakes } from './deletion.ts';
import { expandColumn } from './expand-column.ts';
import { addInterval, containsTime, coversRange, type Intervals, touchesRange } from './intervals.ts';
import type { SeriesIndex } from './series-index.ts';
import type { StartSteps } from './start-times.ts';

export class Block {
  #entry: ManifestEntry;
  readonly #segment: Segment;
  #loaded: LoadedBlock | undefined;
  #loading: Promise<LoadedBlock> | undefined;
  /** For dropping the longest unused content. */
  lastUsed = 0;

  constructor(entry: ManifestEntry, segment: Segment) {
    this.#entry = entry;
    this.#segment = segment;
  }

  get entry(): ManifestEntry {
    return this.#entry;
  }

  get segment(): Segment {
    return this.#segment;
  }

  /** The entry has other deletions now. Reads that began keep what they have. */
  changeEntry(entry: ManifestEntry, index: SeriesIndex): void {
    this.#entry = entry;
    if (this.#loaded === undefined) return;
    this.#loaded = this.#loaded.without(deletionsOf(entry.meta), index);
    this.#loading = Promise.resolve(this.#loaded);
  }

  get loaded(): LoadedBlock | undefined {
    return this.#loaded;
  }

  /** Reads the block into memory; its series get refs in `index`. Throws STORAGE_CORRUPT for damaged sections. */
  async load(index: SeriesIndex): Promise<LoadedBlock> {
    this.#loading ??= readBlock(this.#segment, index).then(
      (loaded) => (this.#loaded = loaded.without(deletionsOf(this.#entry.meta), index)),
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

interface LoadedContent {
  readonly chunks: readonly Chunk[];
  readonly pieces: PieceTable;
  readonly starts: BlockStarts | undefined;
  readonly sizeBytes: number;
}

export class LoadedBlock {
  readonly sizeBytes: number;
  readonly chunks: readonly Chunk[];
  readonly pieces: PieceTable;
  readonly #starts: BlockStarts | undefined;
  readonly #deleted: ReadonlyMap<number, Intervals>;
  /** By number of the series; -1 where nothing is left of it: its ref may come to stand for another one. */
  readonly #refs: Int32Array;
  /** Number of a series in this block, by its ref, in a table from the smallest ref on; -1 for none. */
  readonly #locals: Int32Array;
  readonly #firstRef: number;

  constructor(
    refs: Int32Array,
    { chunks, pieces, starts, sizeBytes }: LoadedContent,
    deleted: ReadonlyMap<number, Intervals> = new Map(),
  ) {
    this.chunks = chunks;
    this.pieces = pieces;
    this.sizeBytes = sizeBytes;
    this.#starts = starts;
    this.#deleted = deleted;
    this.#refs = refs.map((ref, local) => (this.#hasSamples(local) ? ref : -1));
    let first = Number.POSITIVE_INFINITY;
    let last = -1;
    for (const ref of this.#refs) {
      if (ref >= 0 && ref < first) first = ref;
      if (ref > last) last = ref;
    }
    this.#firstRef = last >= 0 ? first : 0;
    this.#locals = new Int32Array(last >= 0 ? last - first + 1 : 0).fill(-1);
    for (let i = 0; i < refs.length; i++) if (this.#refs[i]! >= 0) this.#locals[this.#refs[i]! - first] = i;
  }

  /** The block without what the deletions take. */
  without(deletions: readonly Deletion[], index: SeriesIndex): LoadedBlock {
    if (deletions.length === 0) return this;
    const deleted = new Map<number, Intervals>();
    this.#deleted.forEach((intervals, local) => {
      if (this.#refs[local]! < 0) deleted.set(local, intervals);
    });
    for (const deletion of deletions) {
      const takes = deletionTakes(deletion);
      this.#refs.forEach((ref, local) => {
        if (ref < 0) return;
        const labels = index.labelsOf(ref);
        if (!takes((name) => labels.get(name))) return;
        deleted.set(local, addInterval(deleted.get(local), deletion.startMs, deletion.endMs));
      });
    }
    return new LoadedBlock(
      this.#refs,
      { chunks: this.chunks, pieces: this.pieces, starts: this.#starts, sizeBytes: this.sizeBytes },
      deleted,
    );
  }

  /** What of the samples of a series (its number in `pieces`) is deleted. */
  deleted(local: number): Intervals | undefined {
    return this.#deleted.get(local);
  }

  starts(local: number): StartSteps | undefined {
    return this.#starts?.of(local);
  }

  #hasSamples(local: number): boolean {
    const { starts, chunks, columns } = this.pieces;
    const deleted = this.#deleted.get(local);
    if (deleted === undefined) return starts[local + 1]! > starts[local]!;
    for (let i = starts[local]!; i < starts[local + 1]!; i++) {
      if (!isDeleted(this.chunks[chunks[i]!]!, columns[i]!, deleted)) return true;
    }
    return false;
  }

  refs(): Int32Array {
    return this.#refs;
  }

  has(ref: number): boolean {
    return this.local(ref) >= 0;
  }

  /** The number of a series in `pieces`, or -1. */
  local(ref: number): number {
    const at = ref - this.#firstRef;
    return at >= 0 && at < this.#locals.length ? this.#locals[at]! : -1;
  }
}

async function readBlock(segment: Segment, index: SeriesIndex): Promise<LoadedBlock> {
  const content = await readBlockContent(segment);
  const refs = Int32Array.from(content.labels, (labels) => index.add(labels));
  return new LoadedBlock(refs, { ...content, sizeBytes: segment.sizeBytes });
}

/** Whether all samples of a column are deleted. */
function isDeleted(chunk: Chunk, column: number, deleted: Intervals): boolean {
  const { timestamps, rows } = chunk;
  if (coversRange(deleted, timestamps[0]!, timestamps[rows - 1]!)) return true;
  if (!touchesRange(deleted, timestamps[0]!, timestamps[rows - 1]!)) return false;
  const states = new Uint8Array(rows);
  expandColumn(new ColumnReader(), chunk, column, new Float64Array(rows), states, 0);
  return states.every((state, row) => state === Cell.absent || containsTime(deleted, timestamps[row]!));
}
