// Calls of functions over ranges: windows over stored series or over the steps of a subquery.
import { type FloatHistogram, withHint } from '../../model/histogram.ts';
import { Labels, METRIC_TYPE } from '../../model/labels.ts';
import { MODIFIER_FUNCTIONS } from '../functions/range/index.ts';
import type { RangeCall, RangeFunction, Window } from '../functions/range/window.ts';
import { type Call, type MatrixSelector, type Span, type Subquery, unwrapParens } from '../parse/ast.ts';
import {
  detectHints,
  type FloatColumn,
  fillFloats,
  type HistogramColumn,
  NO_FLOATS,
  NO_HISTOGRAMS,
  pickPositions,
  splitColumns,
  withoutStale,
} from './columns.ts';
import { durationMs } from './duration-value.ts';
import type { Evaluator } from './evaluator.ts';
import { QueryError } from './query-error.ts';
import { selectSeries } from './select-instant.ts';
import {
  FLOAT,
  HISTOGRAM,
  isDense,
  SeriesBuilder,
  type StepSeries,
  type Steps,
  stepTime,
  type VectorValue,
} from './value.ts';
import { samplesWithin, WindowBounds } from './windows.ts';

const NOWHERE: Span = { start: 0, end: 0 };

/** One series of a range argument. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly floats: FloatColumn;
  readonly histograms: HistogramColumn;
}

/** The range argument of a call: its series one after the other, and where their windows lie. */
export interface RangeArgument {
  readonly rangeMs: number;
  readonly bounds: WindowBounds;
  readonly modifier: 'anchored' | 'smoothed' | null;
  readonly labels: readonly Labels[];
  /** The series of labels[index]; it and the buffers behind it are reused for the next. */
  at(index: number): RangeSeries;
  /** Gives back what the argument holds, once all its series have been looked at. */
  release(): void;
}

/** Hands the series of a range argument to `visit`, in order, and lets the event loop run in between. */
export async function visitSeries(
  { context }: Evaluator,
  argument: RangeArgument,
  steps: Steps,
  visit: (series: RangeSeries, place: number) => void,
): Promise<void> {
  await context.inSlices(argument.labels.length, steps.count, (i) => visit(argument.at(i), i));
  argument.release();
}

export async function callRangeFunction(
  evaluator: Evaluator,
  call: Call,
  func: RangeFunction,
  steps: Steps,
): Promise<VectorValue> {
  const prepared = await prepareRangeCall(evaluator, call, func, steps);
  const out: StepSeries[] = [];
  await prepared.visit((series) => {
    evaluator.keep(series);
    out.push(func.keepsName === true ? series : evaluator.nameless(series));
    return false;
  });
  const value: VectorValue = { type: 'vector', series: out };
  if (prepared.staysDistinct) return value;
  evaluator.releaseAll(value);
  return evaluator.finish(out);
}

/** A call whose arguments are known; its results come series by series, names still on. */
export interface PreparedRangeCall {
  /** Whether the results still differ from one another without their metric name. */
  readonly staysDistinct: boolean;
  /** Of the series of its argument. */
  readonly labels: readonly Labels[];
  /**
   * Hands every result that is not empty to `take`, in order, with the place of its series in `labels`. When `take` returns true, it does not keep the series,
   * whose buffers then serve the next one.
   */
  visit(take: (series: StepSeries, place: number) => boolean): Promise<void>;
}

export async function prepareRangeCall(
  evaluator: Evaluator,
  call: Call,
  func: RangeFunction,
  steps: Steps,
): Promise<PreparedRangeCall> {
  const { context } = evaluator;
  const scalars: Float64Array[] = [];
  let rangeExpr: MatrixSelector | Subquery | undefined;
  for (const arg of call.args) {
    const inner = unwrapParens(arg);
    if (inner.type === 'matrix' || inner.type === 'subquery') rangeExpr = inner;
    else scalars.push(await evaluator.scalar(arg, steps));
  }
  const argument = await rangeArgument(evaluator, rangeExpr!, steps, call.func);
  const rangeCall: RangeCall = {
    func: call.func,
    metricName: '',
    rangeSeconds: argument.rangeMs / 1000,
    modifier: argument.modifier,
    scalars,
    annotations: context.annotations,
    // The steps of a subquery stand nowhere in the query.
    span: call.args[0]!.type === 'subquery' ? NOWHERE : call.args[0]!.span,
    useStartTimestamps: context.options.startTimestamps,
  };
  return {
    staysDistinct: staysDistinct(rangeExpr!, argument.labels),
    labels: argument.labels,
    async visit(take) {
      let builder = new SeriesBuilder(steps.count);
      // Not looked up in the labels of each series, which lie all over memory.
      const metricName = rangeExpr!.type === 'matrix' ? rangeExpr!.vector.name : '';
      const checkName = counterNameCheck(evaluator, call.func, rangeCall);
      await visitSeries(evaluator, argument, steps, (series, place) => {
        rangeCall.metricName = metricName || series.labels.metricName;
        context.samplesTotal += evaluateWindows(func, rangeCall, series, argument, steps, builder);
        if (builder.points === 0) return;
        checkName(series.labels, builder);
        const reusable = take(builder.build(series.labels, series.dropName), place);
        if (reusable) builder.clear();
        else builder = new SeriesBuilder(steps.count);
      });
    },
  };
}

/** One metric's series still differ without their name, unless they differ in nothing but type or unit. */
function staysDistinct(expr: MatrixSelector | Subquery, labels: readonly Labels[]): boolean {
  if (expr.type !== 'matrix' || expr.vector.name === '') return false;
  let plain = plainNames.get(labels);
  if (plain === undefined) {
    plain = !labels.some(({ pairs }) => pairs[2]?.startsWith('__') === true);
    plainNames.set(labels, plain);
  }
  return plain;
}

/** Arrays of labels, of which stores give the same for the same series, without type or unit in any. */
const plainNames = new WeakMap<readonly Labels[], boolean>();

/** Notes a rate of something whose name (or, with type labels, whose type) does not look like a counter's. */
function counterNameCheck(
  evaluator: Evaluator,
  func: string,
  call: RangeCall,
): (labels: Labels, out: SeriesBuilder) => void {
  if (func !== 'rate' && func !== 'increase') return () => {};
  const { typeAndUnitLabels } = evaluator.context.options;
  let goodName = '';
  return (labels, out) => {
    const { metricName } = call;
    if (metricName === goodName || metricName === '') return;
    if (!typeAndUnitLabels && /_(?:total|sum|count|bucket)$/.test(metricName)) {
      goodName = metricName;
      return;
    }
    if (!out.presence.includes(FLOAT)) return;
    if (typeAndUnitLabels) {
      const type = labels.get(METRIC_TYPE);
      if (type === 'counter' || type === 'histogram') return;
      call.annotations.possibleNonCounterType(metricName, type, call.span);
    } else call.annotations.possibleNonCounter(metricName, call.span);
  };
}

/** Gives the number of samples looked at. */
function evaluateWindows(
  func: RangeFunction,
  call: RangeCall,
  series: RangeSeries,
  argument: RangeArgument,
  steps: Steps,
  out: SeriesBuilder,
): number {
  const { floats, histograms } = series;
  const plain = histograms.to === histograms.from && call.modifier === null;
  if (plain && func.allFloats !== undefined && (floats.startTimes === null || !call.useStartTimestamps)) {
    const { bounds } = argument;
    if (floats.stale === null) {
      const shared = bounds.of(floats.times);
      func.allFloats(floats, shared, bounds, call, out);
      return samplesWithin(shared, floats.from, floats.to);
    }
    const clean = bounds.clean(floats.times, floats.stale);
    func.allFloats(floats, clean, bounds, call, out);
    const samples = samplesWithin(clean, floats.from, floats.to);
    if (clean.touched.length === 0) return samples;
    return samples + evaluateSteps(func, call, series, argument, steps, clean.touched, out);
  }
  return evaluateSteps(func, call, series, argument, steps, null, out);
}

/** Window by window, at the given steps (null: all). */
function evaluateSteps(
  func: RangeFunction,
  call: RangeCall,
  series: RangeSeries,
  argument: RangeArgument,
  steps: Steps,
  wanted: readonly number[] | null,
  out: SeriesBuilder,
): number {
  const { bounds, rangeMs } = argument;
  const { floats, histograms } = series;
  const floatBounds = bounds.of(floats.times);
  const histogramBounds = bounds.of(histograms.times);
  const window: Window = {
    floats,
    floatLo: 0,
    floatHi: 0,
    histograms,
    histogramLo: 0,
    histogramHi: 0,
    startMs: 0,
    endMs: 0,
    step: 0,
    evaluationMs: 0,
  };
  let samples = 0;
  const count = wanted === null ? steps.count : wanted.length;
  for (let n = 0; n < count; n++) {
    const step = wanted === null ? n : wanted[n]!;
    window.floats = floats;
    window.floatLo = Math.max(floatBounds.lo[step]!, floats.from);
    window.floatHi = Math.max(window.floatLo, Math.min(floatBounds.hi[step]!, floats.to));
    if (floats.stale !== null) {
      window.floats = withoutStale(floats, window.floatLo, window.floatHi);
      window.floatLo = window.floats.from;
      window.floatHi = window.floats.to;
    }
    window.histogramLo = histogramBounds.lo[step]!;
    window.histogramHi = histogramBounds.hi[step]!;
    if (window.floatHi === window.floatLo && window.histogramHi === window.histogramLo) continue;
    samples += window.floatHi - window.floatLo + window.histogramHi - window.histogramLo;
    window.step = step;
    window.endMs = bounds.endsMs[step]!;
    window.startMs = window.endMs - Math.trunc(rangeMs);
    window.evaluationMs = stepTime(steps, step);
    const result = func.evaluate(window, call);
    if (result !== undefined) out.set(step, result);
  }
  return samples;
}

/** Resolves the range argument of a function named `func` ("" when it is not a call). */
export async function rangeArgument(
  evaluator: Evaluator,
  expr: MatrixSelector | Subquery,
  steps: Steps,
  func: string,
): Promise<RangeArgument> {
  return expr.type === 'matrix'
    ? matrixArgument(evaluator, expr, steps, func)
    : subqueryArgument(evaluator, expr, steps);
}

async function matrixArgument(
  evaluator: Evaluator,
  expr: MatrixSelector,
  steps: Steps,
  func: string,
): Promise<RangeArgument> {
  const { context } = evaluator;
  const { vector } = expr;
  const { modifier } = vector;
  if (modifier !== null && func !== '' && !MODIFIER_FUNCTIONS[modifier].includes(func)) {
    const allowed = MODIFIER_FUNCTIONS[modifier].join(', ');
    throw new QueryError('execution', `${modifier} modifier can only be used with: ${allowed} - not with ${func}`);
  }
  const shift = evaluator.resolveShift(vector);
  const rangeMs = expr.rangeExpression === null ? expr.rangeMs : durationMs(expr.rangeExpression, context, true);
  const backMs = modifier === null ? 0 : context.options.lookbackMs;
  const leadMs = modifier === 'smoothed' ? context.options.lookbackMs : 0;
  const reachMs = Math.trunc(rangeMs) + backMs;
  const bounds = new WindowBounds(steps, reachMs, shift.offsetMs, shift.fixedMs, leadMs);
  const set = await selectSeries(evaluator, vector, steps, shift, reachMs, leadMs, rangeMs);
  const startMs = bounds.endsMs[0]! - reachMs;
  const stats = evaluator.statsSelectors.has(vector);
  // One object for all series of floats: thousands of short-lived ones are more work than what is done with them.
  const series = { labels: Labels.EMPTY, dropName: false, floats: { ...NO_FLOATS }, histograms: NO_HISTOGRAMS };
  return {
    rangeMs,
    bounds,
    modifier,
    labels: set.labels,
    at(i) {
      const samples = set.read(i);
      series.labels = set.labels[i]!;
      if (samples.histograms === null) {
        fillFloats(series.floats, samples);
        series.histograms = NO_HISTOGRAMS;
        return series;
      }
      const { floats, histograms } = splitColumns(stats ? detectHints(samples, startMs) : samples);
      return { labels: set.labels[i]!, dropName: false, floats, histograms };
    },
    release() {},
  };
}

async function subqueryArgument(evaluator: Evaluator, expr: Subquery, steps: Steps): Promise<RangeArgument> {
  const { series, inner, shift, rangeMs } = await evaluator.subquery(expr, steps);
  const bounds = new WindowBounds(steps, Math.trunc(rangeMs), shift.offsetMs, shift.fixedMs);
  const times = Float64Array.from({ length: inner.count }, (_, i) => stepTime(inner, i));
  return {
    rangeMs,
    bounds,
    modifier: null,
    labels: series.map((one) => one.labels),
    at(i) {
      const one = series[i]!;
      return { labels: one.labels, dropName: one.dropName, ...stepColumns(one, times) };
    },
    release: () => evaluator.releaseAll({ type: 'vector', series }),
  };
}

/** The samples of a subquery do not follow one another as those of the store do, of which hints tell. */
function withoutResetHint(h: FloatHistogram): FloatHistogram {
  return h.counterResetHint === 'gauge' ? h : withHint(h, 'unknown');
}

function stepColumns(series: StepSeries, times: Float64Array): { floats: FloatColumn; histograms: HistogramColumn } {
  const { presence, values } = series;
  if (isDense(series)) {
    const floats = { times, values, startTimes: null, from: 0, to: values.length, stale: null };
    return { floats, histograms: NO_HISTOGRAMS };
  }
  const floatAt: number[] = [];
  const histogramAt: number[] = [];
  for (let i = 0; i < presence.length; i++) {
    if (presence[i] === FLOAT) floatAt.push(i);
    else if (presence[i] === HISTOGRAM) histogramAt.push(i);
  }
  const pick = pickPositions;
  const to = floatAt.length;
  return {
    floats:
      to === 0
        ? NO_FLOATS
        : { times: pick(times, floatAt), values: pick(values, floatAt), startTimes: null, from: 0, to, stale: null },
    histograms:
      histogramAt.length === 0
        ? NO_HISTOGRAMS
        : {
            times: pick(times, histogramAt),
            values: histogramAt.map((i) => withoutResetHint(series.histograms![i]!)),
            startTimes: null,
            from: 0,
            to: histogramAt.length,
          },
  };
}
