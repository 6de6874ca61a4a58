/** Writes a head as a block (docs/format/metrics-block.md), in slices, so that intake goes on beside it. */
import type { SectionInput } from '@mario/storage';
import type { FloatHistogram } from '../model/histogram.ts';
import type { ExemplarSeries, MetricMetadata } from '../queryable.ts';
import { encodeStarts } from './block-starts.ts';
import type { Chunk } from './chunk.ts';
import { ByteWriter } from './column/byte-writer.ts';
import { Cell, CHUNK_ROWS_MAX } from './column/column-format.ts';
import { ColumnReader } from './column/decode-column.ts';
import { encodeColumn, encodeTimestamps } from './column/encode-column.ts';
import { expandColumn } from './expand-column.ts';
import { gatherSamples } from './gather-samples.ts';
import type { Head } from './head.ts';
import { histogramSizeBytes, writeHistogram } from './histogram-bytes.ts';
import { lookupOf } from './histogram-table.ts';
import { containsTime, type Intervals } from './intervals.ts';
import type { SampleGroup } from './sample-group.ts';
import type { SeriesIndex } from './series-index.ts';
import { SeriesWriter } from './series-writer.ts';
import { Slices } from './slices.ts';
import type { StartSteps } from './start-times.ts';
import type { Tombstones } from './tombstones.ts';

export const BLOCK_KIND = 'MTRC';
export const BLOCK_VERSION = 2;

/** What can be read. */
export const BLOCK_FORMAT = { kind: BLOCK_KIND, versionMax: BLOCK_VERSION };

/** Rows of one chunk of a block: an hour of scrapes packs well, and a short query need not decode more. */
const ROWS_MAX = 240;

export interface BlockContent {
  readonly sections: readonly SectionInput[];
  readonly seriesCount: number;
  readonly sampleCount: number;
}

export interface BlockExtras {
  readonly exemplars: readonly ExemplarSeries[];
  readonly metadata: ReadonlyMap<string, readonly MetricMetadata[]>;
}

/** Seals the head's open rows; the head must not take samples any more. */
export async function encodeBlock(head: Head, index: SeriesIndex, extras: BlockExtras): Promise<BlockContent> {
  const refs = index.sort(Int32Array.from(head.refs()).filter((ref) => head.has(ref)));
  const writer = new BlockEncoder(refs);
  const slices = new Slices();
  const breathe = () => slices.breathe();
  const alone = new Set<number>();
  for (const ref of refs) if (head.late.of(ref) !== undefined || head.homes(ref).length > 1) alone.add(ref);
  for (const group of head.groups) {
    group.seal();
    await writer.group(group, alone, head.tombstones, breathe);
  }
  for (const ref of alone) {
    writer.single(ref, head);
    await breathe();
  }
  return {
    sections: [
      ...seriesSections(refs, index),
      ...writer.sections(),
      ...startsSection(refs, head),
      ...extraSections(extras),
    ],
    seriesCount: refs.length,
    sampleCount: writer.sampleCount,
  };
}

interface GroupPass {
  /** Series that are written elsewhere. */
  readonly skip: ReadonlySet<number>;
  readonly tombstones: Tombstones;
  readonly breathe: () => Promise<void>;
}

class BlockEncoder {
  sampleCount = 0;
  readonly #local = new Map<number, number>();
  readonly #columns = new ByteWriter(1 << 16);
  readonly #chunks = new ByteWriter(1024);
  readonly #index = new ByteWriter(1 << 12);
  readonly #histograms = new ByteWriter(16);
  #chunkCount = 0;
  #columnCount = 0;
  #histogramCount = 0;
  readonly #reader = new ColumnReader();

  constructor(refs: Int32Array) {
    refs.forEach((ref, i) => void this.#local.set(ref, i));
    this.#histograms.u32(0);
  }

  /** The columns of a group, several of the head's chunks made one; `skip` are written elsewhere. */
  async group(
    group: SampleGroup,
    skip: ReadonlySet<number>,
    tombstones: Tombstones,
    breathe: () => Promise<void>,
  ): Promise<void> {
    for (let from = 0; from < group.chunks.length; ) {
      let to = from;
      let rows = 0;
      while (to < group.chunks.length && (to === from || rows + group.chunks[to]!.rows <= ROWS_MAX)) {
        rows += group.chunks[to++]!.rows;
      }
      await this.#merged(group, group.chunks.slice(from, to), rows, { skip, tombstones, breathe });
      from = to;
    }
  }

  /** A series with samples out of order or from several groups, in a chunk of its own. */
  single(ref: number, head: Head): void {
    const samples = gatherSamples(head, ref);
    for (let from = 0; from < samples.timestamps.length; from += CHUNK_ROWS_MAX) {
      const to = Math.min(from + CHUNK_ROWS_MAX, samples.timestamps.length);
      this.#beginChunk(samples.timestamps.subarray(from, to), 1);
      const histograms = new Map<number, FloatHistogram>();
      for (let i = from; i < to; i++) {
        const histogram = samples.histograms?.[i];
        if (histogram !== undefined) histograms.set(i - from, histogram);
      }
      this.#column(ref, to - from, samples.values.subarray(from, to), samples.states.subarray(from, to), histograms);
    }
  }

  sections(): SectionInput[] {
    const chunks = new ByteWriter(this.#chunks.length + 4);
    chunks.u32(this.#chunkCount);
    chunks.raw(this.#chunks.bytes.subarray(0, this.#chunks.length));
    const sections: SectionInput[] = [
      { name: 'chunks', data: chunks.take(), compression: 'zstd' },
      { name: 'columns', data: this.#columns.take() },
      { name: 'index', data: this.#index.take(), compression: 'zstd' },
    ];
    if (this.#histogramCount > 0) {
      const data = this.#histograms.take();
      new DataView(data.buffer).setUint32(0, this.#histogramCount, true);
      sections.push({ name: 'histograms', data, compression: 'zstd' });
    }
    return sections;
  }

  async #merged(
    group: SampleGroup,
    chunks: readonly Chunk[],
    rows: number,
    { skip, tombstones, breathe }: GroupPass,
  ): Promise<void> {
    const timestamps = new Float64Array(rows);
    let at = 0;
    for (const chunk of chunks) {
      timestamps.set(chunk.timestamps, at);
      at += chunk.rows;
    }
    this.#beginChunk(timestamps, 0);
    const values = new Float64Array(rows);
    const states = new Uint8Array(rows);
    let width = 0;
    for (let column = 0; column < group.width; column++) {
      const ref = group.refs[column]!;
      if (skip.has(ref) || !this.#local.has(ref)) continue;
      const histograms = this.#expand(chunks, column, values, states);
      const deleted = tombstones.of(ref);
      if (deleted !== undefined) eraseCells(timestamps, states, histograms, deleted);
      if (this.#column(ref, rows, values, states, histograms)) width++;
      if ((column & 63) === 0) await breathe();
    }
    this.#setWidth(width);
  }

  /** Puts a column of several chunks into cells. */
  #expand(
    chunks: readonly Chunk[],
    column: number,
    values: Float64Array,
    states: Uint8Array,
  ): Map<number, FloatHistogram> {
    states.fill(Cell.absent);
    const histograms = new Map<number, FloatHistogram>();
    let base = 0;
    for (const chunk of chunks) {
      if (column + 1 < chunk.offsets.length) {
        expandColumn(this.#reader, chunk, column, values, states, base);
        const from = base;
        lookupOf(chunk.histograms)?.forEach(column, 0, chunk.rows, (row, histogram) => {
          histograms.set(from + row, histogram);
          states[from + row] = Cell.histogram;
        });
      }
      base += chunk.rows;
    }
    return histograms;
  }

  #beginChunk(timestamps: Float64Array, width: number): void {
    const timesOffset = this.#columns.length;
    const timesBytes = encodeTimestamps(this.#columns, timestamps, timestamps.length);
    const chunks = this.#chunks;
    chunks.u32(timestamps.length);
    chunks.u32(width);
    chunks.u32(timesOffset);
    chunks.u32(timesBytes);
    chunks.f64(this.#columns.length);
    chunks.u32(this.#columnCount);
    this.#chunkCount++;
    this.#columnsStart = this.#columns.length;
  }
  #columnsStart = 0;

  #setWidth(width: number): void {
    new DataView(this.#chunks.bytes.buffer).setUint32(this.#chunks.length - 24, width, true);
  }

  #column(
    ref: number,
    rows: number,
    values: Float64Array,
    states: Uint8Array,
    histograms: ReadonlyMap<number, FloatHistogram>,
  ): boolean {
    const offset = this.#columns.length - this.#columnsStart;
    const bytes = encodeColumn(this.#columns, rows, values, states, 0, 1);
    if (bytes === 0) return false;
    for (let row = 0; row < rows; row++) if (states[row] !== Cell.absent) this.sampleCount++;
    this.#index.u32(this.#local.get(ref)!);
    this.#index.u32(offset);
    this.#index.u32(bytes);
    for (const [row, histogram] of histograms) {
      this.#histograms.u32(this.#columnCount);
      this.#histograms.u32(row);
      this.#histograms.u32(histogramSizeBytes(histogram));
      writeHistogram(this.#histograms, histogram);
      this.#histogramCount++;
    }
    this.#columnCount++;
    return true;
  }
}

/** Makes deleted cells absent ones. */
export function eraseCells(
  timestamps: Float64Array,
  states: Uint8Array,
  histograms: Map<number, FloatHistogram>,
  deleted: Intervals,
): void {
  for (let row = 0; row < timestamps.length; row++) {
    if (states[row] === Cell.absent || !containsTime(deleted, timestamps[row]!)) continue;
    states[row] = Cell.absent;
    histograms.delete(row);
  }
}

function startsSection(refs: Int32Array, head: Head): SectionInput[] {
  if (!head.starts.any) return [];
  const steps: [number, StartSteps][] = [];
  refs.forEach((ref, series) => {
    const own = head.starts.of(ref);
    if (own !== undefined) steps.push([series, own]);
  });
  return steps.length === 0 ? [] : [{ name: 'starts', data: encodeStarts(steps), compression: 'zstd' }];
}

function seriesSections(refs: Int32Array, index: SeriesIndex): SectionInput[] {
  const writer = new SeriesWriter();
  for (const ref of refs) writer.add(index.labelsOf(ref));
  const { strings, table } = writer.finish();
  return [
    { name: 'strings', data: strings, compression: 'zstd' },
    { name: 'series', data: table, compression: 'zstd' },
  ];
}

function extraSections(extras: BlockExtras): SectionInput[] {
  const sections: SectionInput[] = [];
  const json = (name: string, value: unknown) =>
    sections.push({ name, data: new TextEncoder().encode(JSON.stringify(value)), compression: 'zstd' });
  if (extras.exemplars.length > 0) {
    json(
      'exemplars',
      extras.exemplars.map(({ seriesLabels, exemplars }) => ({
        series: seriesLabels.pairs,
        exemplars: exemplars.map(({ timestampMs, value, labels }) => [timestampMs, value, labels.pairs]),
      })),
    );
  }
  json('metadata', Object.fromEntries(extras.metadata));
  return sections;
}
