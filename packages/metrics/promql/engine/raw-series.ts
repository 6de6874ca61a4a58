// What an instant query gives for a range: samples as they are, with `anchored` and `smoothed` one at each edge.
import type { FloatHistogram } from '../../model/histogram.ts';
import { anchorPosition, interpolate } from '../functions/range/extended-rate.ts';
import type { MatrixSelector, Subquery } from '../parse/ast.ts';
import { type FloatColumn, withoutStale } from './columns.ts';
import type { MatrixSeries } from './engine.ts';
import type { Evaluator } from './evaluator.ts';
import { type RangeSeries, rangeArgument, visitSeries } from './range-call.ts';
import { sortByLabels } from './sort-by-labels.ts';
import { type Steps, withoutName } from './value.ts';
import type { WindowBounds } from './windows.ts';

/** The samples of a range selector, or the steps of a subquery, as they are; sorted by labels. */
export async function rawSeries(
  evaluator: Evaluator,
  expr: MatrixSelector | Subquery,
  steps: Steps,
): Promise<MatrixSeries[]> {
  const argument = await rangeArgument(evaluator, expr, steps, '');
  const endMs = argument.bounds.endsMs[0]!;
  const startMs = endMs - Math.trunc(argument.rangeMs);
  const out: MatrixSeries[] = [];
  const { context } = evaluator;
  await visitSeries(evaluator, argument, steps, (marked) => {
    const bounds = argument.bounds;
    const plain = argument.modifier === null && marked.histograms.from === marked.histograms.to;
    if (plain) {
      const floats = floatsWithin(marked.floats, bounds);
      const length = floats.to - floats.from;
      if (length === 0) return;
      context.samplesTotal += length;
      context.hold(length, length);
      out.push({
        labels: marked.dropName ? withoutName(marked.labels) : marked.labels,
        timestamps: floats.times.slice(floats.from, floats.to),
        values: floats.values.slice(floats.from, floats.to),
        histograms: null,
      });
      return;
    }
    const series = { ...marked, floats: withoutStale(marked.floats, marked.floats.from, marked.floats.to) };
    const points =
      argument.modifier === null
        ? rawPoints(series, bounds)
        : extendedPoints(series, bounds, startMs, endMs, argument.modifier);
    points.sort((a, b) => a.timeMs - b.timeMs);
    if (points.length === 0) return;
    context.samplesTotal += points.length;
    context.hold(points.length, points.length);
    const hasHistograms = points.some(({ value }) => typeof value !== 'number');
    out.push({
      labels: series.dropName ? withoutName(series.labels) : series.labels,
      timestamps: Float64Array.from(points, ({ timeMs }) => timeMs),
      values: Float64Array.from(points, ({ value }) => (typeof value === 'number' ? value : 0)),
      histograms: hasHistograms ? points.map(({ value }) => (typeof value === 'number' ? undefined : value)) : null,
    });
  });
  return sortByLabels(out);
}

/** The floats of the only window, without staleness markers. */
function floatsWithin(floats: FloatColumn, bounds: WindowBounds): FloatColumn {
  const { lo, hi } = bounds.of(floats.times);
  return withoutStale(floats, Math.max(lo[0]!, floats.from), Math.min(hi[0]!, floats.to));
}

interface Point {
  readonly timeMs: number;
  readonly value: number | FloatHistogram;
}

function rawPoints(series: RangeSeries, bounds: WindowBounds): Point[] {
  const points: Point[] = [];
  for (const { times, values, from, to } of [series.floats, series.histograms]) {
    const { lo, hi } = bounds.of(times);
    for (let i = Math.max(lo[0]!, from); i < Math.min(hi[0]!, to); i++) {
      points.push({ timeMs: times[i]!, value: values[i]! });
    }
  }
  return points;
}

/** The samples inside the range with one at each edge: the anchor carried to the start, or interpolated values. */
function extendedPoints(
  series: RangeSeries,
  bounds: WindowBounds,
  startMs: number,
  endMs: number,
  modifier: 'anchored' | 'smoothed',
): Point[] {
  const { times, values, from, to } = series.floats;
  const { lo, hi } = bounds.of(times);
  const first = Math.max(lo[0]!, from);
  const end = Math.min(hi[0]!, to);
  const histograms = rawPoints({ ...series, floats: { ...series.floats, from: 0, to: 0 } }, bounds).filter(
    ({ timeMs }) => timeMs > startMs && timeMs <= endMs,
  );
  if (end <= first) return histograms;
  const smoothed = modifier === 'smoothed';
  const anchor = anchorPosition(times, first, end, startMs);
  let last = end - 1;
  if (smoothed) for (last = first; last < end - 1 && times[last]! < endMs; ) last++;
  if (times[last]! <= startMs) return histograms;
  const left =
    smoothed && times[anchor]! < startMs ? interpolate(times, values, anchor, startMs, false) : values[anchor]!;
  const right =
    smoothed && last > first && times[last]! > endMs
      ? interpolate(times, values, last - 1, endMs, false)
      : values[last]!;
  const points: Point[] = [{ timeMs: startMs, value: left }];
  for (let i = anchor; i <= last; i++) {
    if (times[i]! > startMs && times[i]! < endMs) points.push({ timeMs: times[i]!, value: values[i]! });
  }
  points.push({ timeMs: endMs, value: right });
  return [...points, ...histograms];
}
