/**
 * Writes several blocks as one. Columns go over as they are; only those of which something is deleted are written anew,
 * and series whose samples overlap in time get a chunk of their own. Series of which nothing is left are left out.
 */
import { beginSegment, type Segment, type SegmentStream, type StorageDirectory } from '@mario/storage';
import type { FloatHistogram } from '../../model/histogram.ts';
import { type BlockContent, readBlockContent } from '../block-content.ts';
import { encodeStarts } from '../block-starts.ts';
import { BLOCK_KIND, BLOCK_VERSION, eraseCells } from '../block-writer.ts';
import type { Chunk } from '../chunk.ts';
import { ByteWriter } from '../column/byte-writer.ts';
import { Cell, CHUNK_ROWS_MAX } from '../column/column-format.ts';
import { countSamples } from '../column/count-samples.ts';
import { ColumnReader } from '../column/decode-column.ts';
import { encodeColumn, encodeTimestamps } from '../column/encode-column.ts';
import { type Deletion, deletionTakes } from '../deletion.ts';
import { expandColumn } from '../expand-column.ts';
import { collectCells, type LooseSample, noted, sortSamples } from '../gather-samples.ts';
import { histogramSizeBytes, writeHistogram } from '../histogram-bytes.ts';
import { lookupOf } from '../histogram-table.ts';
import { addInterval, coversRange, type Intervals, touchesRange } from '../intervals.ts';
import { Slices } from '../slices.ts';
import { type StartSteps, StartStepsBuilder, startAt } from '../start-times.ts';
import { type MergedSeries, mergeSeries } from './merge-series.ts';

/** Bytes of columns that are collected before they are written. */
const PIECE_BYTES = 1 << 20;

export interface MergeSource {
  readonly segment: Segment;
  readonly deletions: readonly Deletion[];
}

export interface MergedBlock {
  readonly sizeBytes: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
}

export interface MergeOptions {
  /** Number of the source whose exemplars and metadata stay. */
  readonly newest: number;
  /** Nothing is written unless of more than this share of the series something is deleted; -1 writes in any case. */
  readonly deletedShareMin: number;
}

/** `empty`: nothing was left to write; `kept`: too little is deleted. */
export type MergeOutcome =
  | { readonly kind: 'written'; readonly block: MergedBlock }
  | { readonly kind: 'empty' }
  | { readonly kind: 'kept'; readonly deletedShare: number };

/** `sources` by time. Plain data comes back, which can be sent between threads. */
export async function mergeBlocks(
  directory: StorageDirectory,
  name: string,
  sources: readonly MergeSource[],
  options: MergeOptions,
): Promise<MergeOutcome> {
  const slices = new Slices();
  const parts: MergePart[] = [];
  for (const source of sources) {
    parts.push(new MergePart(await readBlockContent(source.segment), source.deletions));
    await slices.breathe();
  }
  const deletedShare = deletedShareOf(parts);
  if (deletedShare <= options.deletedShareMin) return { kind: 'kept', deletedShare };
  const tables = parts.map(({ content, alive }) => ({ labels: content.labels, alive }));
  const merge = new Merge(parts, await mergeSeries(tables, slices), slices);
  if (merge.seriesCount === 0) return { kind: 'empty' };
  const newest = sources[options.newest]!;
  const stream = await beginSegment(directory, name, { kind: BLOCK_KIND, version: BLOCK_VERSION });
  try {
    await merge.write(stream);
    for (const section of ['exemplars', 'metadata']) {
      if (!newest.segment.sections.has(section)) continue;
      await stream.add({ name: section, data: await newest.segment.read(section), compression: 'zstd' });
    }
    const { sizeBytes } = await stream.finish();
    const { minTimeMs, maxTimeMs, seriesCount, sampleCount } = merge;
    return { kind: 'written', block: { sizeBytes, minTimeMs, maxTimeMs, seriesCount, sampleCount } };
  } catch (error) {
    await stream.abandon();
    throw error;
  }
}

/** Of how many of the series something is deleted that they have; above 0 as soon as it is one. */
function deletedShareOf(parts: readonly MergePart[]): number {
  const touched = parts.reduce((sum, part) => sum + part.touchedCount, 0);
  const series = parts.reduce((sum, { content }) => sum + content.labels.length, 0);
  return series === 0 ? 0 : touched / series;
}

/** One source, and what of it stays. */
class MergePart {
  readonly content: BlockContent;
  /** Series of which something is deleted at a time that they have. */
  readonly touchedCount: number;
  /** By number of the series in this source. */
  readonly deleted = new Map<number, Intervals>();
  /** Series that have a column of which something may stay. */
  readonly alive: Uint8Array;

  constructor(content: BlockContent, deletions: readonly Deletion[]) {
    this.content = content;
    for (const deletion of deletions) {
      const takes = deletionTakes(deletion);
      content.labels.forEach((labels, series) => {
        if (!takes((label) => labels.get(label))) return;
        this.deleted.set(series, addInterval(this.deleted.get(series), deletion.startMs, deletion.endMs));
      });
    }
    this.alive = new Uint8Array(content.labels.length);
    const touched = new Set<number>();
    content.chunks.forEach((chunk, number) => {
      for (let column = 0; column + 1 < chunk.offsets.length; column++) {
        const series = content.seriesOf(number, column);
        if (!this.isGone(series, chunk)) this.alive[series] = 1;
        if (this.isTouched(series, chunk)) touched.add(series);
      }
    });
    this.touchedCount = touched.size;
  }

  /** Whether all that the series could have in the chunk is deleted. */
  isGone(series: number, { timestamps, rows }: Chunk): boolean {
    const deleted = this.deleted.get(series);
    return deleted !== undefined && coversRange(deleted, timestamps[0]!, timestamps[rows - 1]!);
  }

  isTouched(series: number, { timestamps, rows }: Chunk): boolean {
    const deleted = this.deleted.get(series);
    return deleted !== undefined && touchesRange(deleted, timestamps[0]!, timestamps[rows - 1]!);
  }
}

/** A column of a source. */
interface Piece {
  readonly part: MergePart;
  readonly chunk: Chunk;
  readonly column: number;
  /** The number of the series in the source. */
  readonly series: number;
}

interface BegunChunk {
  readonly rows: number;
  readonly timesAt: number;
  readonly timesBytes: number;
  readonly firstColumn: number;
}

class Merge {
  sampleCount = 0;
  minTimeMs = Number.POSITIVE_INFINITY;
  maxTimeMs = Number.NEGATIVE_INFINITY;
  readonly seriesCount: number;
  readonly #parts: readonly MergePart[];
  readonly #series: MergedSeries;
  readonly #slices: Slices;
  /** Pieces of series whose samples overlap in time. */
  readonly #alone = new Map<number, Piece[]>();
  readonly #steps = new Map<number, StartStepsBuilder>();
  readonly #columns = new ByteWriter(PIECE_BYTES * 2);
  readonly #chunks = new ByteWriter(1 << 12);
  readonly #index = new ByteWriter(1 << 14);
  readonly #histograms = new ByteWriter(16);
  readonly #reader = new ColumnReader();
  /** Bytes of columns that are written already. */
  #flushed = 0;
  #chunkCount = 0;
  #columnCount = 0;
  #histogramCount = 0;

  constructor(parts: readonly MergePart[], series: MergedSeries, slices: Slices) {
    this.#parts = parts;
    this.#series = series;
    this.#slices = slices;
    this.seriesCount = series.count;
  }

  async write(stream: SegmentStream): Promise<void> {
    await stream.add({ name: 'strings', data: this.#series.strings, compression: 'zstd' });
    await stream.add({ name: 'series', data: this.#series.table, compression: 'zstd' });
    this.#findOverlaps();
    stream.begin('columns');
    for (const [number, part] of this.#parts.entries()) {
      for (const [at, chunk] of part.content.chunks.entries()) {
        this.#chunk(number, part, at, chunk);
        await this.#flush(stream, PIECE_BYTES);
        await this.#slices.breathe();
      }
    }
    for (const [series, pieces] of this.#alone) {
      this.#writeAlone(series, pieces);
      await this.#flush(stream, PIECE_BYTES);
      await this.#slices.breathe();
    }
    await this.#flush(stream, 0);
    await stream.end();
    const chunks = new ByteWriter(this.#chunks.length + 4);
    chunks.u32(this.#chunkCount);
    chunks.raw(this.#chunks.bytes.subarray(0, this.#chunks.length));
    await stream.add({ name: 'chunks', data: chunks.take(), compression: 'zstd' });
    await stream.add({ name: 'index', data: this.#index.take(), compression: 'zstd' });
    if (this.#histogramCount > 0) {
      const data = new ByteWriter(this.#histograms.length + 4);
      data.u32(this.#histogramCount);
      data.raw(this.#histograms.bytes.subarray(0, this.#histograms.length));
      await stream.add({ name: 'histograms', data: data.take(), compression: 'zstd' });
    }
    const steps = this.#finishSteps();
    if (steps.length > 0) await stream.add({ name: 'starts', data: encodeStarts(steps), compression: 'zstd' });
  }

  /** Finds the series whose columns do not follow one another in time, in the order in which they are written. */
  #findOverlaps(): void {
    const endMs = new Float64Array(this.seriesCount).fill(Number.NEGATIVE_INFINITY);
    const overlaps = new Set<number>();
    this.#eachPiece((id, { chunk }) => {
      if (chunk.timestamps[0]! <= endMs[id]!) overlaps.add(id);
      endMs[id] = Math.max(endMs[id]!, chunk.timestamps[chunk.rows - 1]!);
    });
    if (overlaps.size === 0) return;
    this.#eachPiece((id, piece) => {
      if (!overlaps.has(id)) return;
      const pieces = this.#alone.get(id);
      if (pieces === undefined) this.#alone.set(id, [piece]);
      else pieces.push(piece);
    });
  }

  #eachPiece(visit: (id: number, piece: Piece) => void): void {
    this.#parts.forEach((part, number) => {
      const ids = this.#series.ids[number]!;
      part.content.chunks.forEach((chunk, at) => {
        for (let column = 0; column + 1 < chunk.offsets.length; column++) {
          const series = part.content.seriesOf(at, column);
          if (!part.isGone(series, chunk)) visit(ids[series]!, { part, chunk, column, series });
        }
      });
    });
  }

  #chunk(number: number, part: MergePart, at: number, chunk: Chunk): void {
    const ids = this.#series.ids[number]!;
    const kept: { readonly column: number; readonly series: number; readonly id: number }[] = [];
    for (let column = 0; column + 1 < chunk.offsets.length; column++) {
      const series = part.content.seriesOf(at, column);
      const id = ids[series]!;
      if (!part.isGone(series, chunk) && !this.#alone.has(id)) kept.push({ column, series, id });
    }
    if (kept.length === 0) return;
    const { timestamps, rows } = chunk;
    const begun = this.#beginChunk(timestamps, rows);
    for (const { column, series, id } of kept) {
      const piece = { part, chunk, column, series };
      const written = part.isTouched(series, chunk) ? this.#rewrite(id, piece) : this.#copy(id, piece);
      if (written) this.#addSteps(id, part.content.starts?.of(series), timestamps[0]!, timestamps[rows - 1]!);
    }
    this.#endChunk(begun);
  }

  /** Takes a column as it is. */
  #copy(id: number, { chunk, column }: Piece): boolean {
    const from = chunk.offsets[column]!;
    const to = chunk.offsets[column + 1]!;
    this.sampleCount += countSamples(chunk.view, from, to, chunk.rows);
    this.#indexColumn(id, to - from);
    this.#columns.raw(chunk.bytes.subarray(from, to));
    lookupOf(chunk.histograms)?.forEach(column, 0, chunk.rows, (row, histogram) => this.#histogram(row, histogram));
    this.#columnCount++;
    return true;
  }

  /** Writes a column without what is deleted of it. */
  #rewrite(id: number, { part, chunk, column, series }: Piece): boolean {
    const values = new Float64Array(chunk.rows);
    const { states, histograms } = this.#cells(chunk, column, values);
    eraseCells(chunk.timestamps.subarray(0, chunk.rows), states, histograms, part.deleted.get(series)!);
    return this.#encode(id, chunk.rows, values, states, histograms);
  }

  #cells(chunk: Chunk, column: number, values: Float64Array) {
    const states = new Uint8Array(chunk.rows);
    expandColumn(this.#reader, chunk, column, values, states, 0);
    const histograms = lookupOf(chunk.histograms)?.column(column) ?? new Map<number, FloatHistogram>();
    for (const row of histograms.keys()) states[row] = Cell.histogram;
    return { states, histograms };
  }

  /** A series whose pieces overlap, in chunks of its own: of two samples at one time the one written first stays. */
  #writeAlone(id: number, pieces: readonly Piece[]): void {
    const loose: LooseSample[] = [];
    for (const { part, chunk, column, series } of pieces) {
      const values = new Float64Array(chunk.rows);
      const { states, histograms } = this.#cells(chunk, column, values);
      const own: LooseSample[] = [];
      collectCells(own, chunk.timestamps, values, states, chunk.rows, 0, 1, histograms);
      for (const sample of noted(own, part.deleted.get(series), part.content.starts?.of(series))) loose.push(sample);
    }
    const { timestamps, values, states, histograms, startTimes } = sortSamples(loose);
    for (let from = 0; from < timestamps.length; from += CHUNK_ROWS_MAX) {
      const to = Math.min(from + CHUNK_ROWS_MAX, timestamps.length);
      const begun = this.#beginChunk(timestamps.subarray(from, to), to - from);
      const own = new Map<number, FloatHistogram>();
      for (let i = from; i < to; i++) {
        const histogram = histograms?.[i];
        if (histogram !== undefined) own.set(i - from, histogram);
      }
      this.#encode(id, to - from, values.subarray(from, to), states.subarray(from, to), own);
      this.#endChunk(begun);
    }
    for (let i = 0; startTimes !== null && i < startTimes.length; i++) {
      this.#stepsOf(id).add(timestamps[i]!, startTimes[i]!);
    }
  }

  #encode(
    id: number,
    rows: number,
    values: Float64Array,
    states: Uint8Array,
    histograms: ReadonlyMap<number, FloatHistogram>,
  ): boolean {
    const before = this.#columns.length;
    const bytes = encodeColumn(this.#columns, rows, values, states, 0, 1);
    if (bytes === 0) return false;
    for (const state of states) if (state !== Cell.absent) this.sampleCount++;
    this.#indexColumn(id, bytes, before);
    for (const [row, histogram] of histograms) this.#histogram(row, histogram);
    this.#columnCount++;
    return true;
  }

  #histogram(row: number, histogram: FloatHistogram): void {
    this.#histograms.u32(this.#columnCount);
    this.#histograms.u32(row);
    this.#histograms.u32(histogramSizeBytes(histogram));
    writeHistogram(this.#histograms, histogram);
    this.#histogramCount++;
  }

  #indexColumn(id: number, bytes: number, at = this.#columns.length): void {
    this.#index.u32(id);
    this.#index.u32(this.#flushed + at - this.#columnsAt);
    this.#index.u32(bytes);
  }
  #columnsAt = 0;

  /** Begins a chunk and tells its first column. */
  #beginChunk(timestamps: Float64Array, rows: number): BegunChunk {
    const timesAt = this.#flushed + this.#columns.length;
    const timesBytes = encodeTimestamps(this.#columns, timestamps, rows);
    this.#columnsAt = this.#flushed + this.#columns.length;
    this.minTimeMs = Math.min(this.minTimeMs, timestamps[0]!);
    this.maxTimeMs = Math.max(this.maxTimeMs, timestamps[rows - 1]!);
    return { rows, timesAt, timesBytes, firstColumn: this.#columnCount };
  }

  #endChunk({ rows, timesAt, timesBytes, firstColumn }: BegunChunk): void {
    const out = this.#chunks;
    out.u32(rows);
    out.u32(this.#columnCount - firstColumn);
    out.u32(timesAt);
    out.u32(timesBytes);
    out.f64(this.#columnsAt);
    out.u32(firstColumn);
    this.#chunkCount++;
  }

  /** The steps of a piece: before its first step, and behind those of the pieces before, its own function holds. */
  #addSteps(id: number, steps: StartSteps | undefined, fromMs: number, toMs: number): void {
    if (steps === undefined && !this.#steps.has(id)) return;
    const builder = this.#stepsOf(id);
    builder.add(fromMs, startAt(steps, fromMs));
    steps?.times.forEach((timeMs, i) => {
      if (timeMs > fromMs && timeMs <= toMs) builder.add(timeMs, steps.starts[i]!);
    });
  }

  #stepsOf(id: number): StartStepsBuilder {
    let builder = this.#steps.get(id);
    if (builder === undefined) this.#steps.set(id, (builder = new StartStepsBuilder()));
    return builder;
  }

  #finishSteps(): (readonly [number, StartSteps])[] {
    const all: (readonly [number, StartSteps])[] = [];
    for (const [id, builder] of [...this.#steps].sort((a, b) => a[0] - b[0])) {
      const steps = builder.finish();
      if (steps !== undefined) all.push([id, steps]);
    }
    return all;
  }

  async #flush(stream: SegmentStream, bytesMin: number): Promise<void> {
    const { length } = this.#columns;
    if (length <= bytesMin) return;
    await stream.append(this.#columns.bytes.subarray(0, length));
    this.#flushed += length;
    this.#columns.length = 0;
  }
}
