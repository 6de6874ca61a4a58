/** The samples of selected series, put together from a snapshot when they are read, in whatever thread. */
import type { FloatHistogram } from '../model/histogram.ts';
import { storedHint } from '../model/histogram-reset.ts';
import type { Labels } from '../model/labels.ts';
import type { SeriesSamples, SeriesSet } from '../queryable.ts';
import type { Chunk, OpenSnapshot, Source } from './chunk.ts';
import { Cell } from './column/column-format.ts';
import { ColumnReader } from './column/decode-column.ts';
import { expandColumn } from './expand-column.ts';
import { collectCells, type LooseSample, looseOf, noted, sortSamples } from './gather-samples.ts';
import { type HistogramLookup, lookupOf } from './histogram-table.ts';
import type { LateSample } from './late-samples.ts';
import { OpenColumns, type TurnedRows } from './open-columns.ts';
import type { RunNote, SelectSnapshot } from './select-snapshot.ts';
import type { StartSteps } from './start-times.ts';
import { buildTimeline, type Timeline } from './timeline.ts';

/** What the runs read so far gave; one object is reused for all series. */
interface Gathered {
  from: number;
  to: number;
  stale: number[] | null;
  histograms: (FloatHistogram | undefined)[] | null;
  /** How many positions of values below the one before were found; -1 when nobody looked. */
  resets: number;
}

/** The same of a series with timestamps of its own. */
interface Compacted {
  readonly timestamps: Float64Array;
  length: number;
  readonly stale: number[];
  histograms: (FloatHistogram | undefined)[] | null;
}

export class StoreSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly #snapshot: SelectSnapshot;
  readonly #timelines: (Timeline | undefined)[];
  readonly #lookups = new Map<Source, HistogramLookup>();
  readonly #reader = new ColumnReader();
  readonly #gathered: Gathered = { from: -1, to: 0, stale: null, histograms: null, resets: 0 };
  readonly #openColumns = new OpenColumns();
  #resets = new Int32Array(16);
  #values = new Float64Array(1024);
  /** What `read` gives of nearly all series, again and again. */
  readonly #samplesOfRead: SeriesSamples = {
    timestamps: new Float64Array(0),
    from: 0,
    to: 0,
    values: this.#values,
    stale: null,
    histograms: null,
    startTimestamps: null,
    resets: null,
  };

  constructor(labels: readonly Labels[], snapshot: SelectSnapshot, warnings: readonly string[]) {
    this.labels = labels;
    this.warnings = warnings;
    this.#snapshot = snapshot;
    this.#timelines = new Array(snapshot.timelineStarts.length - 1);
  }

  read(index: number): SeriesSamples {
    const samples = this.#samples(index);
    const { histograms } = samples;
    return histograms === null ? samples : { ...samples, histograms: withHints(histograms, samples.from, samples.to) };
  }

  #samples(index: number): SeriesSamples {
    const { timelineOf, columnStarts, late, notes } = this.#snapshot;
    const timeline = this.#timeline(timelineOf[index]!);
    const columnsAt = columnStarts[index]!;
    if (late === null && notes === null && timeline.ascending) {
      return this.#aligned(timeline, columnsAt) ?? this.#compacted(timeline, columnsAt);
    }
    const lateSamples = late?.get(index) ?? [];
    const seriesNotes = notes?.get(index) ?? NO_NOTES;
    const loose =
      lateSamples.length > 0 || !timeline.ascending || seriesNotes.some((note) => note.deleted !== undefined);
    if (loose) return this.#merged(timeline, columnsAt, lateSamples, seriesNotes);
    const aligned = this.#aligned(timeline, columnsAt);
    if (seriesNotes.length === 0) return aligned ?? this.#compacted(timeline, columnsAt);
    if (aligned === undefined) return this.#merged(timeline, columnsAt, lateSamples, seriesNotes);
    return { ...aligned, startTimestamps: startsOf(timeline, seriesNotes) };
  }

  #timeline(number: number): Timeline {
    let timeline = this.#timelines[number];
    if (timeline === undefined) {
      this.#timelines[number] = timeline = buildTimeline(this.#snapshot, number);
    }
    return timeline;
  }

  /** Samples on the shared timestamps; undefined when the series has holes and needs timestamps of its own. */
  #aligned(timeline: Timeline, columnsAt: number): SeriesSamples | undefined {
    const { sources, places, timestamps } = timeline;
    if (this.#values.length < timestamps.length) this.#values = new Float64Array(timestamps.length * 2);
    const gathered = this.#gathered;
    gathered.from = -1;
    gathered.to = 0;
    gathered.stale = null;
    gathered.histograms = null;
    gathered.resets = 0;
    const { columns } = this.#snapshot;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      const column = columns[columnsAt + places[i]!]!;
      const whole =
        source.kind === 'chunk'
          ? this.#fromChunk(source, column, timeline, i)
          : this.#fromOpen(source, column, timeline, i);
      if (!whole) return undefined;
    }
    const samples = this.#samplesOfRead;
    samples.timestamps = timestamps;
    samples.from = Math.max(0, gathered.from);
    samples.to = gathered.to;
    samples.values = this.#values;
    samples.stale = gathered.stale === null ? null : Int32Array.from(gathered.stale);
    samples.histograms = gathered.histograms;
    const known = gathered.resets >= 0 && gathered.histograms === null;
    samples.resets = !known ? undefined : gathered.resets === 0 ? null : this.#resets.subarray(0, gathered.resets);
    return samples;
  }

  /** Notes where values from `begin` on are below the one before, looking at each. */
  #scanFalls(begin: number, end: number): void {
    const values = this.#values;
    let previous = values[begin - 1]!;
    for (let p = begin; p < end; p++) {
      const value = values[p]!;
      if (value < previous) this.#noteFall(p);
      previous = value;
    }
  }

  #noteFall(position: number): void {
    const at = this.#gathered.resets++;
    if (at === this.#resets.length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.#resets);
      this.#resets = larger;
    }
    this.#resets[at] = position;
  }

  /** Notes the falls of a chunk's values at `begin` … `end` - 1, and of the first against what stands before it. */
  #chunkFalls(begin: number, end: number): void {
    const gathered = this.#gathered;
    if (gathered.resets < 0) return;
    const { fallCount, falls } = this.#reader;
    const values = this.#values;
    const isFirst = gathered.from < 0;
    if (fallCount < 0) {
      // A gauge, most likely: nobody will ask.
      if (isFirst) gathered.resets = -1;
      else this.#scanFalls(begin, end);
      return;
    }
    if (!isFirst && values[begin]! < values[begin - 1]!) this.#noteFall(begin);
    for (let i = 0; i < fallCount; i++) {
      const position = begin + falls[i]!;
      if (values[position]! < values[position - 1]!) this.#noteFall(position);
    }
  }

  /** Puts the rows of an encoded column in their places; false when the series has a hole. */
  #fromChunk(chunk: Chunk, column: number, timeline: Timeline, at: number): boolean {
    const reader = this.#reader;
    const base = timeline.starts[at]!;
    const fromRow = timeline.fromRows[at]!;
    const toRow = timeline.toRows[at]!;
    const { offsets } = chunk;
    const start = offsets[column]!;
    reader.read(chunk.bytes, chunk.view, start, offsets[column + 1]!, chunk.rows, fromRow, toRow, this.#values, base);
    if (reader.rows !== null) return false;
    const { first, count } = reader;
    if (count === 0) return true;
    const shift = base - fromRow;
    const gathered = this.#gathered;
    if (reader.stale !== null) for (const row of reader.stale) (gathered.stale ??= []).push(shift + row);
    if (reader.histograms) {
      const placed = (gathered.histograms ??= new Array(timeline.timestamps.length));
      this.#lookup(chunk)?.forEach(column, fromRow, toRow, (row, histogram) => void (placed[shift + row] = histogram));
    }
    this.#chunkFalls(shift + first, shift + first + count);
    return extend(gathered, shift + first, count);
  }

  #fromOpen(open: OpenSnapshot, column: number, timeline: Timeline, at: number): boolean {
    const base = timeline.starts[at]!;
    const fromRow = timeline.fromRows[at]!;
    const toRow = timeline.toRows[at]!;
    const { states, values, stride } = open;
    const out = this.#values;
    const gathered = this.#gathered;
    const known = (timeline.opens[at] ??= this.#openColumns.of(open));
    const turned = known.turned ?? known.afterRead(fromRow, toRow);
    if (turned !== undefined && turned.plain[column] === 1) return this.#fromTurned(turned, column, base);
    let row = fromRow;
    let cell = fromRow * stride + column;
    while (row < toRow && states[cell] === Cell.absent) {
      row++;
      cell += stride;
    }
    const first = row;
    let count = 0;
    const shift = base - fromRow;
    for (; row < toRow; row++, cell += stride) {
      const state = states[cell]!;
      if (state === Cell.absent) continue;
      if (row !== first + count) return false;
      count++;
      out[shift + row] = values[cell]!;
      if (state === Cell.float) continue;
      if (state === Cell.stale) (gathered.stale ??= []).push(shift + row);
      else if (!this.#placeHistogram(open, column, row, shift + row, timeline.timestamps.length)) return false;
    }
    if (count === 0) return true;
    if (gathered.resets >= 0) this.#scanFalls(shift + first + (gathered.from < 0 ? 1 : 0), shift + first + count);
    return extend(gathered, shift + first, count);
  }

  #fromTurned({ values, columnStep, rowStep, rows }: TurnedRows, column: number, base: number): boolean {
    if (rows === 0) return true;
    const out = this.#values;
    for (let p = base, at = column * columnStep; p < base + rows; p++, at += rowStep) out[p] = values[at]!;
    const gathered = this.#gathered;
    if (gathered.resets >= 0) this.#scanFalls(base + (gathered.from < 0 ? 1 : 0), base + rows);
    return extend(gathered, base, rows);
  }

  /** False when the histogram is being written at this moment: newer than what the reader may expect to see. */
  #placeHistogram(open: OpenSnapshot, column: number, row: number, position: number, total: number): boolean {
    const gathered = this.#gathered;
    let found: FloatHistogram | undefined;
    this.#lookup(open)?.forEach(column, row, row + 1, (_, histogram) => void (found = histogram));
    if (found === undefined) return false;
    gathered.histograms ??= new Array(total);
    gathered.histograms[position] = found;
    return true;
  }

  /** Samples of a series with holes: in order already, with timestamps of their own. */
  #compacted(timeline: Timeline, columnsAt: number): SeriesSamples {
    const total = timeline.timestamps.length;
    const out: Compacted = {
      timestamps: new Float64Array(total),
      length: 0,
      stale: [],
      histograms: null,
    };
    timeline.sources.forEach((source, i) => {
      const column = this.#snapshot.columns[columnsAt + timeline.places[i]!]!;
      if (source.kind === 'chunk') this.#compactChunk(source, column, timeline, i, out);
      else this.#compactOpen(source, column, timeline, i, out);
    });
    return {
      timestamps: out.timestamps.subarray(0, out.length),
      from: 0,
      to: out.length,
      values: this.#values,
      stale: out.stale.length > 0 ? Int32Array.from(out.stale) : null,
      histograms: out.histograms,
      startTimestamps: null,
    };
  }

  #compactChunk(chunk: Chunk, column: number, timeline: Timeline, at: number, out: Compacted): void {
    const reader = this.#reader;
    const values = this.#values;
    const fromRow = timeline.fromRows[at]!;
    const toRow = timeline.toRows[at]!;
    const start = chunk.offsets[column]!;
    const end = chunk.offsets[column + 1]!;
    reader.read(chunk.bytes, chunk.view, start, end, chunk.rows, fromRow, toRow, values, out.length);
    const { first, count, rows, stale } = reader;
    const decodedAt = out.length + first - fromRow;
    if (decodedAt !== out.length) values.copyWithin(out.length, decodedAt, decodedAt + count);
    const histograms = reader.histograms ? this.#lookup(chunk)?.column(column) : undefined;
    for (let i = 0, nextStale = 0; i < count; i++) {
      const row = rows === null ? first + i : rows[i]!;
      if (stale !== null && stale[nextStale] === row) {
        nextStale++;
        out.stale.push(out.length);
      }
      const histogram = histograms?.get(row);
      if (histogram !== undefined) (out.histograms ??= [])[out.length] = histogram;
      out.timestamps[out.length++] = chunk.timestamps[row]!;
    }
  }

  #compactOpen(open: OpenSnapshot, column: number, timeline: Timeline, at: number, out: Compacted): void {
    const values = this.#values;
    const histograms = this.#lookup(open)?.column(column);
    for (let row = timeline.fromRows[at]!; row < timeline.toRows[at]!; row++) {
      const cell = row * open.stride + column;
      const state = open.states[cell]!;
      if (state === Cell.absent) continue;
      if (state === Cell.stale) out.stale.push(out.length);
      else if (state === Cell.histogram) {
        const histogram = histograms?.get(row);
        if (histogram === undefined) continue;
        (out.histograms ??= [])[out.length] = histogram;
      }
      values[out.length] = open.values[cell]!;
      out.timestamps[out.length++] = open.timestamps[row]!;
    }
  }

  #lookup(source: Source): HistogramLookup | null {
    let lookup = this.#lookups.get(source) ?? null;
    if (lookup === null && source.histograms !== null) {
      lookup = lookupOf(source.histograms)!;
      this.#lookups.set(source, lookup);
    }
    return lookup;
  }

  /** Samples one by one, in time order, with timestamps of their own. */
  #merged(
    timeline: Timeline,
    columnsAt: number,
    late: readonly LateSample[],
    notes: readonly RunNote[],
  ): SeriesSamples {
    const all: LooseSample[] = [];
    timeline.sources.forEach((source, i) => {
      const loose: LooseSample[] = [];
      const column = this.#snapshot.columns[columnsAt + timeline.places[i]!]!;
      const histograms = this.#lookup(source)?.column(column);
      if (source.kind === 'chunk') {
        const values = new Float64Array(source.rows);
        const states = new Uint8Array(source.rows);
        expandColumn(this.#reader, source, column, values, states, 0);
        collectCells(loose, source.timestamps, values, states, source.rows, 0, 1, histograms);
      } else {
        const { timestamps, values, states, rows, stride } = source;
        collectCells(loose, timestamps, values, states, rows, column, stride, histograms);
      }
      const note = notes.find(({ fromRun, toRun }) => fromRun <= i && i < toRun);
      for (const sample of noted(loose, note?.deleted, note?.starts)) all.push(sample);
    });
    for (const sample of late) all.push(looseOf(sample, sample.startMs ?? 0));
    const { timestamps, values, states, histograms, startTimes } = sortSamples(all);
    const stale: number[] = [];
    for (let i = 0; i < states.length; i++) if (states[i] === Cell.stale) stale.push(i);
    return {
      timestamps,
      from: 0,
      to: timestamps.length,
      values,
      stale: stale.length > 0 ? Int32Array.from(stale) : null,
      histograms,
      startTimestamps: startTimes,
    };
  }
}

const NO_NOTES: readonly RunNote[] = [];

/** The start timestamps of a series on the shared timestamps. */
function startsOf(timeline: Timeline, notes: readonly RunNote[]): Float64Array {
  const all = new Float64Array(timeline.timestamps.length);
  for (const { fromRun, toRun, starts } of notes) {
    for (let run = fromRun; run < toRun && starts !== undefined; run++) {
      const from = timeline.starts[run]!;
      fillStarts(all, timeline.timestamps, from, from + timeline.toRows[run]! - timeline.fromRows[run]!, starts);
    }
  }
  return all;
}

function fillStarts(all: Float64Array, timestamps: Float64Array, from: number, to: number, steps: StartSteps): void {
  let step = -1;
  for (let p = from; p < to; p++) {
    while (step + 1 < steps.times.length && steps.times[step + 1]! <= timestamps[p]!) step++;
    if (step >= 0) all[p] = steps.starts[step]!;
  }
}

/** Notes `count` samples from position `first` on; false when they do not follow those before. */
function extend(gathered: Gathered, first: number, count: number): boolean {
  if (gathered.from < 0) gathered.from = first;
  else if (gathered.to !== first) return false;
  gathered.to = first + count;
  return true;
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
