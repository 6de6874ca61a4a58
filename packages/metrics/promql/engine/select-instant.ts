// Instant selectors: for every step the latest sample within the look-back, unless the series is stale there.
import { type FloatHistogram, usesCustomBuckets } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { SeriesSamples, SeriesSet } from '../../queryable.ts';
import { interpolate, interpolateHistogram } from '../functions/range/extended-rate.ts';
import type { RangeCall } from '../functions/range/window.ts';
import type { VectorSelector } from '../parse/ast.ts';
import { detectHints, splitColumns, withoutStale } from './columns.ts';
import type { Evaluator, ResolvedShift } from './evaluator.ts';
import { endTime, FLOAT, SeriesBuilder, type StepSeries, type Steps, type VectorValue } from './value.ts';
import { WindowBounds } from './windows.ts';

/** `what` chooses between the samples, their timestamps and their start timestamps, both in seconds. */
export type Aspect = 'value' | 'timestamp' | 'start';

export async function selectInstant(
  evaluator: Evaluator,
  selector: VectorSelector,
  steps: Steps,
  what: Aspect,
): Promise<VectorValue> {
  const out: StepSeries[] = [];
  await visitInstant(evaluator, selector, steps, what, (series) => {
    evaluator.keep(series);
    out.push(series);
    return false;
  });
  return { type: 'vector', series: out };
}

/**
 * Hands every series that has a sample at some step to `take`, in order of labels. When `take` returns true, it does
 * not keep the series, whose buffers then serve the next one. It is told the place of the series among all `selected`.
 */
export async function visitInstant(
  evaluator: Evaluator,
  selector: VectorSelector,
  steps: Steps,
  what: Aspect,
  take: (series: StepSeries, place: number, selected: readonly Labels[]) => boolean,
): Promise<void> {
  const { context } = evaluator;
  const { lookbackMs } = context.options;
  const shift = evaluator.resolveShift(selector);
  const smoothed = selector.modifier === 'smoothed';
  const leadMs = smoothed ? lookbackMs : 0;
  const set = await selectSeries(evaluator, selector, steps, shift, lookbackMs, leadMs);
  const bounds = new WindowBounds(steps, lookbackMs, shift.offsetMs, shift.fixedMs, leadMs);
  const startMs = (shift.fixedMs ?? steps.startMs) - shift.offsetMs - lookbackMs;
  const stats = evaluator.statsSelectors.has(selector);
  let builder = new SeriesBuilder(steps.count);
  await context.inSlices(set.labels.length, steps.count, (i) => {
    const samples = stats ? detectHints(set.read(i), startMs) : set.read(i);
    const labels = set.labels[i]!;
    if (smoothed) smooth(evaluator, selector, samples, bounds, builder, labels.metricName);
    else pickLatest(samples, bounds, builder, what);
    if (builder.points === 0) return;
    context.samplesTotal += builder.points;
    if (take(builder.build(labels, false), i, set.labels)) builder.clear();
    else builder = new SeriesBuilder(steps.count);
  });
}

/** Selects the series that can matter for windows reaching back `reachMs` and forth `leadMs` around the steps. */
export async function selectSeries(
  evaluator: Evaluator,
  selector: VectorSelector,
  steps: Steps,
  shift: ResolvedShift,
  reachMs: number,
  leadMs: number,
  rangeMs = 0,
): Promise<SeriesSet> {
  const { context } = evaluator;
  const hints = {
    startMs: (shift.fixedMs ?? steps.startMs) - shift.offsetMs - reachMs + 1,
    endMs: (shift.fixedMs ?? endTime(steps)) - shift.offsetMs + leadMs,
    stepMs: steps.count > 1 ? steps.stepMs : 0,
    rangeMs,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
  const set = await context.queryable.select(selector.matchers, hints);
  context.check();
  return set;
}

function pickLatest(samples: SeriesSamples, bounds: WindowBounds, out: SeriesBuilder, what: Aspect): void {
  const { timestamps, values, from, to, stale, histograms } = samples;
  const { lo, hi } = bounds.of(timestamps);
  if (what === 'value' && histograms === null && stale === null) {
    pickFloats(values, lo, hi, from, to, out);
    return;
  }
  const { presence } = out;
  let points = 0;
  let staleAt = 0;
  for (let step = 0; step < lo.length; step++) {
    const last = Math.min(hi[step]!, to) - 1;
    if (last < lo[step]! || last < from) continue;
    if (stale !== null) {
      while (staleAt < stale.length && stale[staleAt]! < last) staleAt++;
      if (stale[staleAt] === last) continue;
    }
    const histogram = histograms?.[last];
    if (what === 'timestamp') out.setFloat(step, timestamps[last]! / 1000);
    else if (what === 'start') out.setFloat(step, (samples.startTimestamps?.[last] ?? 0) / 1000);
    else if (histogram !== undefined) out.setHistogram(step, histogram);
    else {
      out.values[step] = values[last]!;
      presence[step] = FLOAT;
      points++;
    }
  }
  out.points += points;
}

/** The usual case, a tight loop: floats without a staleness marker. */
function pickFloats(
  values: Float64Array,
  lo: Int32Array,
  hi: Int32Array,
  from: number,
  to: number,
  out: SeriesBuilder,
): void {
  const { values: results, presence } = out;
  let points = 0;
  for (let step = 0; step < lo.length; step++) {
    const end = hi[step]!;
    const last = Math.min(end, to) - 1;
    if (last < lo[step]! || last < from) continue;
    results[step] = values[last]!;
    presence[step] = FLOAT;
    points++;
  }
  out.points += points;
}

function smooth(
  evaluator: Evaluator,
  selector: VectorSelector,
  samples: SeriesSamples,
  bounds: WindowBounds,
  out: SeriesBuilder,
  metricName: string,
): void {
  const { floats: marked, histograms } = splitColumns(samples);
  const floats = withoutStale(marked, marked.from, marked.to);
  const { annotations } = evaluator.context;
  const floatBounds = bounds.of(floats.times);
  const histogramBounds = bounds.of(histograms.times);
  const call: RangeCall = {
    func: '',
    metricName,
    rangeSeconds: 0,
    modifier: 'smoothed',
    scalars: [],
    annotations,
    span: selector.span,
    useStartTimestamps: false,
  };
  for (let step = 0; step < out.values.length; step++) {
    const at = bounds.endsMs[step]!;
    const floatLo = Math.max(floatBounds.lo[step]!, floats.from);
    const floatHi = Math.min(floatBounds.hi[step]!, floats.to);
    const histogramLo = histogramBounds.lo[step]!;
    const histogramHi = histogramBounds.hi[step]!;
    if (floatHi > floatLo && histogramHi > histogramLo) {
      annotations.mixedFloatsHistograms(metricName, selector.span);
    } else if (floatHi > floatLo) {
      const value = around(
        floats.times,
        floatLo,
        floatHi,
        at,
        (i) => interpolate(floats.times, floats.values, i, at, false),
        (i) => floats.values[i]!,
      );
      if (value !== null) out.setFloat(step, value);
    } else if (histogramHi > histogramLo) {
      const { times, values } = histograms;
      const between = (i: number): FloatHistogram | null => {
        if (usesCustomBuckets(values[i]!) !== usesCustomBuckets(values[i + 1]!)) {
          annotations.mixedExponentialCustom(metricName, selector.span);
          return null;
        }
        const isCounter = values[i + 1]!.counterResetHint !== 'gauge';
        return interpolateHistogram(times, values, i, at, isCounter, call);
      };
      const value = around<FloatHistogram>(times, histogramLo, histogramHi, at, between, (i) => values[i]!);
      if (value !== null) out.setHistogram(step, value);
    }
  }
}

/** The sample at `at`, between the two around it, or the last one carried on; null before the first. */
function around<T>(
  times: Float64Array,
  lo: number,
  hi: number,
  at: number,
  between: (i: number) => T | null,
  exact: (i: number) => T,
): T | null {
  let next = lo;
  while (next < hi && times[next]! < at) next++;
  if (next < hi && times[next] === at) return exact(next);
  if (next === lo) return null;
  return next < hi ? between(next - 1) : exact(next - 1);
}
