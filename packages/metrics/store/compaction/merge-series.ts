/** Makes one table of series out of those of several blocks, each sorted by labels. */
import { compareLabels, type Labels } from '../../model/labels.ts';
import { SeriesWriter } from '../series-writer.ts';
import type { Slices } from '../slices.ts';

export interface SeriesTable {
  readonly labels: readonly Labels[];
  /** 1 for each series that stays. */
  readonly alive: Uint8Array;
}

export interface MergedSeries {
  readonly count: number;
  /** For each table the new numbers of its series; -1 for those that go. */
  readonly ids: readonly Int32Array[];
  /** The sections `strings` and `series` (docs/format/metrics-block.md). */
  readonly strings: Uint8Array;
  readonly table: Uint8Array;
}

export async function mergeSeries(tables: readonly SeriesTable[], slices: Slices): Promise<MergedSeries> {
  const ids = tables.map(({ labels }) => new Int32Array(labels.length).fill(-1));
  const next = tables.map(({ alive }) => firstAlive(alive, 0));
  const writer = new SeriesWriter();
  for (;;) {
    const least = leastOf(tables, next);
    if (least === undefined) break;
    const id = writer.add(least);
    if ((id & 63) === 0) await slices.breathe();
    tables.forEach(({ labels, alive }, t) => {
      const at = next[t]!;
      if (at === labels.length || !labels[at]!.equals(least)) return;
      ids[t]![at] = id;
      next[t] = firstAlive(alive, at + 1);
    });
  }
  return { ids, ...writer.finish() };
}

function firstAlive(alive: Uint8Array, from: number): number {
  const at = alive.indexOf(1, from);
  return at < 0 ? alive.length : at;
}

/** The first labels in order that some table has next. */
function leastOf(tables: readonly SeriesTable[], next: readonly number[]): Labels | undefined {
  let least: Labels | undefined;
  tables.forEach(({ labels }, t) => {
    const labelsAt = labels[next[t]!];
    if (labelsAt !== undefined && (least === undefined || compareLabels(labelsAt, least) < 0)) least = labelsAt;
  });
  return least;
}
