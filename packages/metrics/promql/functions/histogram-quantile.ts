// histogram_quantile, histogram_quantiles and histogram_fraction, over classic and native histograms alike.

import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { QueryError } from '../engine/query-error.ts';
import {
  FLOAT,
  filterSteps,
  HISTOGRAM,
  SeriesBuilder,
  type StepSeries,
  stepTime,
  type VectorValue,
} from '../engine/value.ts';
import { formatGoG } from '../format.ts';
import type { Expr } from '../parse/ast.ts';
import { ClassicBuckets, classicFraction, classicQuantile } from './classic-buckets.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';
import { nativeFraction, nativeQuantile } from './native-quantile.ts';

const BUCKET_LABEL = 'le';
const BUCKET_LABELS: ReadonlySet<string> = new Set([BUCKET_LABEL]);

/** Series of one histogram: classic buckets in ascending order of bounds, and native series of the same labels. */
interface HistogramGroup {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly classic: { readonly upper: number; readonly series: StepSeries }[];
  readonly native: StepSeries[];
}

/** The label that tells of which quantile a series is, and the quantile at every step. */
interface QuantileLabel {
  readonly name: string;
  readonly q: Float64Array;
}

interface LabelledComputation {
  readonly label: QuantileLabel | null;
  readonly computation: Computation;
}

/** How one step of a histogram becomes a number. */
interface Computation {
  classic(buckets: ClassicBuckets, step: number, name: string): number;
  native(h: FloatHistogram, step: number, name: string): number;
}

function groupHistograms({ evaluator }: FunctionCall, series: readonly StepSeries[], argument: Expr): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const bounds = new Map<string, number | null>();
  const boundOf = (text: string): number | null => {
    let bound = bounds.get(text);
    if (bound === undefined) bounds.set(text, (bound = parseBound(text)));
    return bound;
  };
  const groupFor = (one: StepSeries, key: string, labelsOf: () => Labels): HistogramGroup => {
    let group = groups.get(key);
    if (group === undefined)
      groups.set(key, (group = { labels: labelsOf(), dropName: one.dropName, classic: [], native: [] }));
    return group;
  };
  // Buckets of one histogram mostly follow one another: `le` is often the last label by which series differ.
  let last: { readonly labels: Labels; readonly group: HistogramGroup } | null = null;
  for (const one of series) {
    const { labels } = one;
    const hasHistograms = one.histograms !== null && one.presence.includes(HISTOGRAM);
    if (one.histograms === null || one.presence.includes(FLOAT)) {
      const text = labels.get(BUCKET_LABEL);
      const upper = boundOf(text);
      if (upper === null)
        evaluator.context.annotations.badBucketLabel(shownName(evaluator, labels), text, argument.span);
      else {
        const group: HistogramGroup =
          last !== null && differOnlyInBound(last.labels, labels)
            ? last.group
            : groupFor(one, labels.keyWithout(BUCKET_LABELS), () => labels.dropOne(BUCKET_LABEL));
        last = { labels, group };
        group.classic.push({ upper, series: one });
      }
    }
    if (hasHistograms) groupFor(one, labels.key, () => labels).native.push(one);
  }
  for (const group of groups.values()) group.classic.sort((a, b) => a.upper - b.upper);
  return [...groups.values()];
}

function differOnlyInBound({ pairs: a }: Labels, { pairs: b }: Labels): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 2) {
    if (a[i] !== b[i] || (a[i + 1] !== b[i + 1] && a[i] !== BUCKET_LABEL)) return false;
  }
  return true;
}

function parseBound(text: string): number | null {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (text.trim() !== text || text === '') return null;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}

function computeGroup(
  call: FunctionCall,
  group: HistogramGroup,
  argument: Expr,
  computation: Computation,
): SeriesBuilder {
  const { evaluator, steps } = call;
  const builder = new SeriesBuilder(steps.count);
  const name = shownName(evaluator, group.labels);
  const { annotations } = evaluator.context;
  const buckets = new ClassicBuckets(group.classic.length);
  for (let step = 0; step < steps.count; step++) {
    buckets.length = 0;
    for (let i = 0; i < group.classic.length; i++) {
      const { upper, series } = group.classic[i]!;
      if (series.presence[step] === FLOAT) buckets.add(upper, series.values[step]!);
    }
    const native = group.native.find((one) => one.presence[step] === HISTOGRAM)?.histograms?.[step];
    if (native !== undefined && buckets.length > 0) annotations.mixedClassicNative(name, argument.span);
    else if (native !== undefined) builder.setFloat(step, computation.native(native, step, name));
    else if (buckets.length > 0) builder.setFloat(step, computation.classic(buckets, step, name));
  }
  return builder;
}

/** The name in an annotation; without delayed name removal it is already gone. */
function shownName({ context }: Evaluator, labels: Labels): string {
  return context.options.delayedNameRemoval ? labels.metricName : '';
}

function quantileComputation(call: FunctionCall, q: Float64Array, argument: Expr): Computation {
  const { annotations } = call.evaluator.context;
  return {
    classic: (buckets, step, name) => {
      const { value, forced } = classicQuantile(q[step]!, buckets);
      if (forced !== null) annotations.forcedMonotonicity(name, forced, stepTime(call.steps, step), argument.span);
      return value;
    },
    native: (h, step, name) => {
      const { value, nan } = nativeQuantile(q[step]!, h);
      if (nan !== 'none') annotations.quantileOfNaN(name, nan === 'skew', argument.span);
      return value;
    },
  };
}

function checkQuantiles({ evaluator }: FunctionCall, q: Float64Array, expr: Expr): void {
  for (const value of q)
    if (!(value >= 0 && value <= 1)) evaluator.context.annotations.invalidQuantile(value, expr.span);
}

async function runOver(
  call: FunctionCall,
  argument: Expr,
  computations: readonly LabelledComputation[],
  noteArguments: () => void = () => {},
): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const input = await evaluator.vector(argument, steps);
  noteArguments();
  const out: StepSeries[] = [];
  const groups = groupHistograms(call, input.series, argument);
  const cells = (steps.count * input.series.length) / Math.max(1, groups.length);
  await evaluator.context.inSlices(groups.length, cells * computations.length, (i) => {
    const group = groups[i]!;
    for (const { label, computation } of computations) {
      const builder = computeGroup(call, group, argument, computation);
      if (builder.points === 0) continue;
      const results = builder.build(group.labels, group.dropName);
      for (const one of label === null ? [results] : byQuantile(results, label)) out.push(evaluator.nameless(one));
    }
  });
  evaluator.releaseAll(input);
  return evaluator.finish(out);
}

async function histogramQuantile(call: FunctionCall): Promise<VectorValue> {
  const [qExpr, argument] = call.call.args as [Expr, Expr];
  const q = await call.evaluator.scalar(qExpr, call.steps);
  const computations = [{ label: null, computation: quantileComputation(call, q, argument) }];
  return runOver(call, argument, computations, () => checkQuantiles(call, q, qExpr));
}

/** Several quantiles at once, each series labelled with its quantile. */
async function histogramQuantiles(call: FunctionCall): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const [argument, labelExpr, ...qExprs] = call.call.args as [Expr, Expr, ...Expr[]];
  const label = evaluator.string(labelExpr);
  if (label === '' || !label.isWellFormed()) throw new QueryError('execution', `invalid label name "${label}"`);
  const computations: LabelledComputation[] = [];
  const all: (readonly [Float64Array, Expr])[] = [];
  for (const qExpr of qExprs) {
    const q = await evaluator.scalar(qExpr, steps);
    all.push([q, qExpr]);
    computations.push({ label: { name: label, q }, computation: quantileComputation(call, q, argument) });
  }
  return runOver(call, argument, computations, () => {
    for (const [q, qExpr] of all) checkQuantiles(call, q, qExpr);
  });
}

/** One series for each value that the quantile takes, which it may change from step to step. */
function byQuantile(series: StepSeries, { name, q }: QuantileLabel): StepSeries[] {
  return [...new Set(q)].map((value) => ({
    ...filterSteps(series, (_presence, step) => Object.is(q[step], value)),
    labels: series.labels.with(name, formatQuantile(value)),
  }));
}

function formatQuantile(q: number): string {
  const text = formatGoG(q);
  return Number.isFinite(q) && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

async function histogramFraction(call: FunctionCall): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const [lowerExpr, upperExpr, argument] = call.call.args as [Expr, Expr, Expr];
  const lower = await evaluator.scalar(lowerExpr, steps);
  const upper = await evaluator.scalar(upperExpr, steps);
  const computation: Computation = {
    classic: (buckets, step) => classicFraction(lower[step]!, upper[step]!, buckets),
    native: (h, step, name) => {
      const { value, nan } = nativeFraction(lower[step]!, upper[step]!, h);
      if (nan) evaluator.context.annotations.fractionOfNaN(name, argument.span);
      return value;
    },
  };
  return runOver(call, argument, [{ label: null, computation }]);
}

export const HISTOGRAM_QUANTILES: readonly (readonly [string, InstantFunction])[] = [
  ['histogram_quantile', histogramQuantile],
  ['histogram_quantiles', histogramQuantiles],
  ['histogram_fraction', histogramFraction],
];
