/** Puts series on top of one another. */
import type { ChartSeries, Values } from './chart-series.ts';

export interface Stacked {
  /** What is drawn, by series. */
  readonly values: readonly Values[];
  /** Pairs of series between which is filled: upper and lower, by index. */
  readonly bands: readonly { readonly upper: number; readonly lower: number }[];
}

/** Series stack with those of the same group, scale and sign; the first is at the bottom. */
export function stackSeries(series: readonly ChartSeries[], length: number): Stacked {
  const below = new Map<string, { sums: Float64Array; known: Uint8Array; index: number }>();
  const totals = percentTotals(series, length);
  const bands: { upper: number; lower: number }[] = [];
  const values = series.map((one, index) => {
    const mode = one.draw.stacking?.mode ?? 'none';
    if (mode === 'none') return one.values;
    const key = groupKey(one);
    const previous = below.get(key);
    const sums = new Float64Array(length);
    const known = new Uint8Array(length);
    const drawn: (number | null)[] = new Array(length);
    for (let i = 0; i < length; i++) {
      const raw = one.values[i] ?? 0;
      const value = mode === 'percent' ? share(raw, totals.get(key)![i]!) : raw;
      sums[i] = (previous?.sums[i] ?? 0) + value;
      // A series without a value here adds nothing; only where none below has one either is there a gap.
      known[i] = one.values[i] == null ? (previous?.known[i] ?? 0) : 1;
      drawn[i] = known[i] === 1 ? sums[i]! : null;
    }
    if (previous !== undefined) bands.push({ upper: index, lower: previous.index });
    below.set(key, { sums, known, index });
    return drawn;
  });
  return { values, bands };
}

function groupKey(series: ChartSeries): string {
  const { stacking, transform, axisPlacement } = series.draw;
  return `${stacking?.mode} ${stacking?.group ?? 'A'} ${transform === 'negative-Y'} ${series.unit} ${axisPlacement ?? ''}`;
}

function percentTotals(series: readonly ChartSeries[], length: number): ReadonlyMap<string, Float64Array> {
  const totals = new Map<string, Float64Array>();
  for (const one of series) {
    if (one.draw.stacking?.mode !== 'percent') continue;
    const key = groupKey(one);
    const sums = totals.get(key) ?? new Float64Array(length);
    for (let i = 0; i < length; i++) sums[i]! += one.values[i] ?? 0;
    totals.set(key, sums);
  }
  return totals;
}

function share(value: number, total: number): number {
  return total === 0 ? 0 : value / Math.abs(total);
}
