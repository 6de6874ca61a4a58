/** All samples of one series of a head in time order, whatever groups and late arrivals they come from. */
import type { FloatHistogram } from '../model/histogram.ts';
import { Cell } from './column/column-format.ts';
import { ColumnReader } from './column/decode-column.ts';
import { expandColumn } from './expand-column.ts';
import type { Head } from './head.ts';
import { lookupOf } from './histogram-table.ts';

export interface GatheredSamples {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** A code of `Cell` for each sample. */
  readonly states: Uint8Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | null;
}

/** One sample on its way; `order` breaks ties of time: what came first stays. */
export interface LooseSample {
  readonly timestampMs: number;
  readonly value: number;
  readonly state: number;
  readonly histogram: FloatHistogram | undefined;
}

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
  for (const late of head.late.of(ref) ?? []) {
    const state = late.stale ? Cell.stale : late.histogram === undefined ? Cell.float : Cell.histogram;
    loose.push({ timestampMs: late.timestampMs, value: late.value, state, histogram: late.histogram });
  }
  return sortSamples(loose);
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
  };
}
