/** All samples of one series of a head in time order, whatever groups and late arrivals they come from. */
import type { FloatHistogram } from '../model/histogram.ts';
import { Cell } from './column/column-format.ts';
import { ColumnReader } from './column/decode-column.ts';
import { expandColumn } from './expand-column.ts';
import type { Head } from './head.ts';
import { lookupOf } from './histogram-table.ts';
import { containsTime, type Intervals } from './intervals.ts';
import type { LateSample } from './late-samples.ts';
import { type StartSteps, startAt } from './start-times.ts';

export interface GatheredSamples {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** A code of `Cell` for each sample. */
  readonly states: Uint8Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | null;
  /** Start timestamps, 0 where unknown; null when none is known. */
  readonly startTimes: Float64Array | null;
}

/** One sample on its way; `order` breaks ties of time: what came first stays. */
export interface LooseSample {
  readonly timestampMs: number;
  readonly value: number;
  readonly state: number;
  readonly histogram: FloatHistogram | undefined;
  /** 0 where unknown. */
  startMs: number;
}

/** Without what is deleted. */
export function gatherSamples(head: Head, ref: number): GatheredSamples {
  const loose: LooseSample[] = [];
  const reader = new ColumnReader();
  for (const { group, column } of head.homes(ref)) {
    for (const chunk of group.chunks) {
      if (column + 1 >= chunk.offsets.length) continue;
      const values = new Float64Array(chunk.rows);
      const states = new Uint8Array(chunk.rows);
      expandColumn(reader, chunk, column, values, states, 0);
      const histograms = lookupOf(chunk.histograms)?.column(column);
      collectCells(loose, chunk.timestamps, values, states, chunk.rows, 0, 1, histograms);
    }
    const open = group.open?.snapshot();
    if (open !== undefined) {
      const histograms = lookupOf(open.histograms)?.column(column);
      collectCells(loose, open.timestamps, open.values, open.states, open.rows, column, open.stride, histograms);
    }
  }
  const starts = head.starts.of(ref);
  const kept = noted(loose, head.tombstones.of(ref), starts);
  for (const late of head.late.of(ref) ?? []) kept.push(looseOf(late, startAt(starts, late.timestampMs)));
  return sortSamples(kept);
}

/** The samples without the deleted ones, their start timestamps told. Late samples are never deleted. */
export function noted(
  loose: LooseSample[],
  deleted: Intervals | undefined,
  starts: StartSteps | undefined,
): LooseSample[] {
  if (starts !== undefined) for (const sample of loose) sample.startMs = startAt(starts, sample.timestampMs);
  return deleted === undefined ? loose : loose.filter(({ timestampMs }) => !containsTime(deleted, timestampMs));
}

export function looseOf({ timestampMs, value, stale, histogram }: LateSample, startMs: number): LooseSample {
  const state = stale ? Cell.stale : histogram === undefined ? Cell.float : Cell.histogram;
  return { timestampMs, value, state, histogram, startMs };
}

/** Adds the cells that are there. */
export function collectCells(
  loose: LooseSample[],
  timestamps: Float64Array,
  values: Float64Array,
  states: Uint8Array,
  rows: number,
  offset: number,
  stride: number,
  histograms: ReadonlyMap<number, FloatHistogram> | undefined,
): void {
  for (let row = 0, at = offset; row < rows; row++, at += stride) {
    const state = states[at]!;
    if (state === Cell.absent) continue;
    const histogram = histograms?.get(row);
    // Being written by the store's thread at this moment: newer than what the reader may expect to see.
    if (state === Cell.histogram && histogram === undefined) continue;
    loose.push({
      timestampMs: timestamps[row]!,
      value: values[at]!,
      state: histogram !== undefined ? Cell.histogram : state,
      histogram,
      startMs: 0,
    });
  }
}

/** By time, each time once: of two samples at one time the first stays. */
export function sortSamples(loose: LooseSample[]): GatheredSamples {
  loose.sort((a, b) => a.timestampMs - b.timestampMs);
  const kept = loose.filter((sample, i) => i === 0 || sample.timestampMs !== loose[i - 1]!.timestampMs);
  return {
    timestamps: Float64Array.from(kept, (sample) => sample.timestampMs),
    values: Float64Array.from(kept, (sample) => sample.value),
    states: Uint8Array.from(kept, (sample) => sample.state),
    histograms: kept.some((sample) => sample.histogram !== undefined) ? kept.map((sample) => sample.histogram) : null,
    startTimes: kept.some((sample) => sample.startMs !== 0) ? Float64Array.from(kept, (each) => each.startMs) : null,
  };
}
