/** What a select gives: the samples of each series, put together from blocks and heads when they are read. */
import type { FloatHistogram } from '../model/histogram.ts';
import { storedHint } from '../model/histogram-reset.ts';
import type { Labels } from '../model/labels.ts';
import type { SeriesSamples, SeriesSet } from '../queryable.ts';
import type { LoadedBlock, Piece } from './block.ts';
import { Cell } from './column/column-format.ts';
import { ColumnReader } from './column/decode-column.ts';
import { expandColumn } from './expand-column.ts';
import { collectCells, type LooseSample, sortSamples } from './gather-samples.ts';
import type { Head } from './head.ts';
import type { LateSample } from './late-samples.ts';
import type { OpenRows } from './open-rows.ts';
import type { SampleGroup } from './sample-group.ts';

/** The open rows of a group as they were at the select: arrays that are never overwritten, and how far they went. */
interface OpenSnapshot {
  readonly id: number;
  readonly rows: number;
  readonly stride: number;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly states: Uint8Array;
  readonly histograms: OpenRows['histograms'];
}

interface GroupSnapshot {
  readonly chunks: readonly { readonly chunk: Piece['chunk'] }[];
  readonly open: OpenSnapshot | undefined;
  readonly width: number;
}

/** One run of rows of one series. */
type Run =
  | { readonly piece: Piece; readonly open?: undefined }
  | { readonly open: OpenSnapshot; readonly column: number; readonly piece?: undefined };

/** Concatenated timestamps of several runs, shared by all series that have the same runs. */
interface Timeline {
  readonly timestamps: Float64Array;
  readonly starts: readonly number[];
  /** False when the runs overlap in time, and rows must be merged one by one. */
  readonly ascending: boolean;
}

export interface SelectSources {
  /** Oldest first. */
  readonly blocks: readonly LoadedBlock[];
  readonly heads: readonly Head[];
}

export class StoreSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly #refs: Int32Array;
  readonly #blocks: readonly LoadedBlock[];
  readonly #heads: readonly { readonly head: Head; readonly groups: ReadonlyMap<SampleGroup, GroupSnapshot> }[];
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #timelines = new Map<string, Timeline>();
  readonly #reader = new ColumnReader();
  #values = new Float64Array(1024);

  constructor(
    refs: Int32Array,
    labels: readonly Labels[],
    sources: SelectSources,
    range: { readonly startMs: number; readonly endMs: number },
    warnings: readonly string[],
  ) {
    this.#refs = refs;
    this.labels = labels;
    this.warnings = warnings;
    this.#startMs = range.startMs;
    this.#endMs = range.endMs;
    this.#blocks = sources.blocks;
    this.#heads = sources.heads.map((head) => ({
      head,
      groups: new Map(head.groups.map((group) => [group, snapshotOf(group)])),
    }));
  }

  read(index: number): SeriesSamples {
    const samples = this.#samples(index);
    const { histograms } = samples;
    return histograms === null ? samples : { ...samples, histograms: withHints(histograms, samples.from, samples.to) };
  }

  #samples(index: number): SeriesSamples {
    const ref = this.#refs[index]!;
    const runs: Run[] = [];
    let late: readonly LateSample[] | undefined;
    for (const block of this.#blocks)
      for (const piece of block.pieces(ref)) if (this.#overlaps(piece)) runs.push({ piece });
    for (const { head, groups } of this.#heads) {
      for (const { group, column } of head.homes(ref)) this.#addRuns(runs, groups.get(group), column);
      const more = head.late.of(ref);
      if (more !== undefined) late = late === undefined ? more : [...late, ...more];
    }
    const timeline = this.#timeline(runs);
    if (late !== undefined || !timeline.ascending) return this.#merged(runs, late ?? []);
    return this.#aligned(runs, timeline) ?? this.#merged(runs, []);
  }

  #addRuns(runs: Run[], group: GroupSnapshot | undefined, column: number): void {
    if (group === undefined) return;
    for (const { chunk } of group.chunks) {
      if (column + 1 >= chunk.offsets.length) continue;
      const piece = { chunk, column };
      if (this.#overlaps(piece)) runs.push({ piece });
    }
    const { open } = group;
    if (open === undefined || column >= open.stride || open.rows === 0) return;
    if (open.timestamps[0]! <= this.#endMs && open.timestamps[open.rows - 1]! >= this.#startMs)
      runs.push({ open, column });
  }

  #overlaps({ chunk }: Piece): boolean {
    return chunk.timestamps[0]! <= this.#endMs && chunk.timestamps[chunk.rows - 1]! >= this.#startMs;
  }

  #timeline(runs: readonly Run[]): Timeline {
    let key = '';
    for (const run of runs) key += (run.piece?.chunk.id ?? run.open!.id) + ',';
    let timeline = this.#timelines.get(key);
    if (timeline === undefined) this.#timelines.set(key, (timeline = buildTimeline(runs)));
    return timeline;
  }

  /** Samples on the shared timestamps; undefined when the series has holes and needs timestamps of its own. */
  #aligned(runs: readonly Run[], timeline: Timeline): SeriesSamples | undefined {
    const total = timeline.timestamps.length;
    if (this.#values.length < total) this.#values = new Float64Array(total * 2);
    const values = this.#values;
    let from = -1;
    let to = 0;
    let stale: number[] | null = null;
    let histograms: (FloatHistogram | undefined)[] | null = null;
    for (let r = 0; r < runs.length; r++) {
      const run = runs[r]!;
      const base = timeline.starts[r]!;
      let first: number;
      let count: number;
      if (run.piece !== undefined) {
        const reader = this.#readPiece(run.piece, values, base);
        if (reader.rows !== null) return undefined;
        ({ first, count } = reader);
        if (reader.stale !== null) for (const row of reader.stale) (stale ??= []).push(base + row);
        if (reader.histograms) histograms = placeHistograms(histograms, total, run.piece, base);
      } else {
        const { open, column } = run;
        first = 0;
        while (first < open.rows && open.states[first * open.stride + column] === Cell.absent) first++;
        count = 0;
        for (let row = first; row < open.rows; row++) {
          const cell = row * open.stride + column;
          const state = open.states[cell]!;
          if (state === Cell.absent) continue;
          if (row !== first + count) return undefined;
          count++;
          values[base + row] = open.values[cell]!;
          if (state === Cell.stale) (stale ??= []).push(base + row);
          else if (state === Cell.histogram) {
            histograms ??= new Array(total);
            histograms[base + row] = open.histograms?.get(column)?.get(row);
          }
        }
      }
      if (count === 0) continue;
      if (from < 0) from = base + first;
      else if (to !== base + first) return undefined;
      to = base + first + count;
    }
    return {
      timestamps: timeline.timestamps,
      from: Math.max(0, from),
      to,
      values,
      stale: stale === null ? null : Int32Array.from(stale),
      histograms,
      startTimestamps: null,
    };
  }

  #readPiece({ chunk, column }: Piece, values: Float64Array, base: number): ColumnReader {
    const reader = this.#reader;
    reader.read(chunk.bytes, chunk.view, chunk.offsets[column]!, chunk.offsets[column + 1]!, chunk.rows, values, base);
    return reader;
  }

  /** Samples one by one, in time order, with timestamps of their own. */
  #merged(runs: readonly Run[], late: readonly LateSample[]): SeriesSamples {
    const loose: LooseSample[] = [];
    for (const run of runs) {
      if (run.piece !== undefined) {
        const { chunk, column } = run.piece;
        const values = new Float64Array(chunk.rows);
        const states = new Uint8Array(chunk.rows);
        expandColumn(this.#reader, chunk, column, values, states, 0);
        collectCells(loose, chunk.timestamps, values, states, chunk.rows, 0, 1, chunk.histograms?.get(column));
      } else {
        const { open, column } = run;
        const histograms = open.histograms?.get(column);
        collectCells(loose, open.timestamps, open.values, open.states, open.rows, column, open.stride, histograms);
      }
    }
    for (const { timestampMs, value, stale, histogram } of late) {
      const state = stale ? Cell.stale : histogram === undefined ? Cell.float : Cell.histogram;
      loose.push({ timestampMs, value, state, histogram });
    }
    const { timestamps, values, states, histograms } = sortSamples(loose);
    const stale: number[] = [];
    for (let i = 0; i < states.length; i++) if (states[i] === Cell.stale) stale.push(i);
    return {
      timestamps,
      from: 0,
      to: timestamps.length,
      values,
      stale: stale.length > 0 ? Int32Array.from(stale) : null,
      histograms,
      startTimestamps: null,
    };
  }
}

/** Histograms with the hint that follows from the one before: whether the counter went on or began anew. */
function withHints(
  histograms: readonly (FloatHistogram | undefined)[],
  from: number,
  to: number,
): readonly (FloatHistogram | undefined)[] {
  let previous: FloatHistogram | null = null;
  const hinted = histograms.slice();
  for (let p = from; p < to; p++) {
    const next: FloatHistogram | undefined = histograms[p];
    if (next !== undefined) hinted[p] = { ...next, counterResetHint: storedHint(next, previous) };
    previous = next ?? null;
  }
  return hinted;
}

function snapshotOf(group: SampleGroup): GroupSnapshot {
  const { open } = group;
  return {
    chunks: group.chunks.map((chunk) => ({ chunk })),
    width: group.width,
    open:
      open === undefined
        ? undefined
        : {
            id: open.id,
            rows: open.rows,
            stride: open.stride,
            timestamps: open.timestamps,
            values: open.values,
            states: open.states,
            histograms: open.histograms,
          },
  };
}

function buildTimeline(runs: readonly Run[]): Timeline {
  let total = 0;
  for (const run of runs) total += run.piece?.chunk.rows ?? run.open!.rows;
  const timestamps = new Float64Array(total);
  const starts: number[] = [];
  let at = 0;
  let ascending = true;
  for (const run of runs) {
    const rows = run.piece?.chunk.rows ?? run.open!.rows;
    const source = run.piece?.chunk.timestamps ?? run.open!.timestamps;
    starts.push(at);
    if (at > 0 && source[0]! <= timestamps[at - 1]!) ascending = false;
    timestamps.set(source.subarray(0, rows), at);
    at += rows;
  }
  return { timestamps, starts, ascending };
}

function placeHistograms(
  histograms: (FloatHistogram | undefined)[] | null,
  total: number,
  { chunk, column }: Piece,
  base: number,
): (FloatHistogram | undefined)[] {
  const placed = histograms ?? new Array(total);
  for (const [row, histogram] of chunk.histograms?.get(column) ?? []) placed[base + row] = histogram;
  return placed;
}
