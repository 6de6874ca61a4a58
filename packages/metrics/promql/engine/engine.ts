// The engine: parses, evaluates, and gives results in the shapes of the query API.

import type { FloatHistogram } from '../../model/histogram.ts';
import { Labels } from '../../model/labels.ts';
import type { Queryable } from '../../queryable.ts';
import { type Expr, unwrapParens } from '../parse/ast.ts';
import { DEFAULT_FEATURES, parseExpr } from '../parse/parser.ts';
import type { LanguageFeatures } from '../parse/token-stream.ts';
import { documentedType, typeOf } from '../parse/type-check.ts';
import type { Annotation } from './annotations.ts';
import { unwrapArguments } from './arguments.ts';
import { type EvaluationOptions, QueryContext, type SharedHoldings } from './context.ts';
import { Evaluator } from './evaluator.ts';
import { QueryError } from './query-error.ts';
import { rawSeries } from './raw-series.ts';
import { sortByLabels } from './sort-by-labels.ts';
import {
  ABSENT,
  FLOAT,
  mergeEqualSeries,
  type StepSeries,
  type Steps,
  sampleAt,
  stepTime,
  type Value,
  withoutName,
} from './value.ts';

export interface EngineOptions extends Partial<EvaluationOptions> {
  readonly features?: LanguageFeatures;
  /** Monotonic milliseconds, for timeouts. */
  readonly now?: () => number;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** The range that `start()`, `@ end()` and the like stand for, where only some steps of a query are evaluated. */
  readonly window?: { readonly startMs: number; readonly endMs: number };
  readonly lookbackMs?: number;
  readonly timeoutMs?: number;
  /** Where only a part of a query is evaluated: what all its parts hold, which the limit of samples is for. */
  readonly holdings?: SharedHoldings;
}

export interface InstantSample {
  readonly labels: Labels;
  readonly value: number | FloatHistogram;
}

/** Points of one series at ascending times; where `histograms[i]` is set, `values[i]` means nothing. */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | null;
}

export type QueryData =
  | { readonly type: 'vector'; readonly timestampMs: number; readonly samples: readonly InstantSample[] }
  | { readonly type: 'matrix'; readonly series: readonly MatrixSeries[] }
  | { readonly type: 'scalar'; readonly timestampMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timestampMs: number; readonly value: string };

export interface QueryResult {
  readonly data: QueryData;
  /** Texts with positions, not yet limited in number. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly annotations: readonly Annotation[];
  /** Most samples held at once. */
  readonly samplesPeak: number;
  /** Samples that selectors gave, over all steps. */
  readonly samplesTotal: number;
}

export interface Engine {
  readonly options: EvaluationOptions;
  readonly features: LanguageFeatures;
  /** Throws ParseError. */
  parse(expression: string): Expr;
  /** Rejects with ParseError or QueryError. */
  instant(queryable: Queryable, expression: string, timeMs: number, options?: QueryOptions): Promise<QueryResult>;
  /** Evaluates at startMs, startMs + stepMs, … up to endMs; series come sorted by labels. */
  range(
    queryable: Queryable,
    expression: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    options?: QueryOptions,
  ): Promise<QueryResult>;
}

const DEFAULT_OPTIONS: EvaluationOptions = {
  lookbackMs: 300_000,
  defaultSubqueryStepMs: 60_000,
  samplesMax: 50_000_000,
  timeoutMs: 120_000,
  delayedNameRemoval: false,
  typeAndUnitLabels: false,
  startTimestamps: false,
};

export function createEngine(given: EngineOptions = {}): Engine {
  const { features = DEFAULT_FEATURES, now = () => performance.now(), ...rest } = given;
  const options: EvaluationOptions = { ...DEFAULT_OPTIONS, ...rest };
  const merged = (query: QueryOptions | undefined): EvaluationOptions => ({
    ...options,
    lookbackMs: query?.lookbackMs ?? options.lookbackMs,
    timeoutMs: Math.min(query?.timeoutMs ?? options.timeoutMs, options.timeoutMs),
  });
  return {
    options,
    features,
    parse: (expression) => parseExpr(expression, features),
    async instant(queryable, expression, timeMs, query) {
      const expr = unwrapArguments(parseExpr(expression, features));
      const range = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
      const context = new QueryContext(queryable, merged(query), range, query, now);
      const data = await evaluateInstant(new Evaluator(context, expr), expr, timeMs);
      return finishQuery(context, expression, data);
    },
    async range(queryable, expression, startMs, endMs, stepMs, query) {
      const expr = unwrapArguments(parseExpr(expression, features));
      const type = typeOf(expr);
      if (type !== 'scalar' && type !== 'vector') {
        const shown = documentedType(type);
        const message = `invalid expression type "${shown}" for range query, must be Scalar or instant Vector`;
        throw new QueryError('bad_data', message);
      }
      if (!(stepMs > 0)) {
        const message = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
        throw new QueryError('bad_data', message);
      }
      const window = { startMs, endMs, ...query?.window, stepMs };
      const context = new QueryContext(queryable, merged(query), window, query, now);
      const steps: Steps = { startMs, stepMs, count: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) };
      const value = await new Evaluator(context, expr).evaluate(expr, steps);
      return finishQuery(context, expression, { type: 'matrix', series: matrixOf(value, steps) });
    },
  };
}

function finishQuery(context: QueryContext, expression: string, data: QueryData): QueryResult {
  const { annotations } = context;
  return {
    data,
    warnings: annotations.texts('warning', expression),
    infos: annotations.texts('info', expression),
    annotations: annotations.list,
    samplesPeak: context.samplesPeak,
    samplesTotal: context.samplesTotal,
  };
}

async function evaluateInstant(evaluator: Evaluator, expr: Expr, timeMs: number): Promise<QueryData> {
  // The step is never taken, but a subquery inside may align to it.
  const steps: Steps = { startMs: timeMs, stepMs: 1, count: 1 };
  const inner = unwrapParens(expr);
  if (inner.type === 'matrix' || inner.type === 'subquery') {
    return { type: 'matrix', series: await rawSeries(evaluator, inner, steps) };
  }
  const value = await evaluator.evaluate(expr, steps);
  if (value.type === 'string') return { type: 'string', timestampMs: timeMs, value: value.value };
  if (value.type === 'scalar') return { type: 'scalar', timestampMs: timeMs, value: value.values[0]! };
  const samples: InstantSample[] = [];
  for (const series of dropNames(value.series)) {
    const sample = sampleAt(series, 0);
    if (sample !== undefined) samples.push({ labels: series.labels, value: sample });
  }
  return { type: 'vector', timestampMs: timeMs, samples };
}

/** Carries out the delayed removal of names. */
function dropNames(series: readonly StepSeries[]): readonly StepSeries[] {
  if (!series.some((one) => one.dropName)) return series;
  return mergeEqualSeries(
    series.map((one) => (one.dropName ? { ...one, labels: withoutName(one.labels), dropName: false } : one)),
  );
}

function matrixOf(value: Value, steps: Steps): MatrixSeries[] {
  const times = Float64Array.from({ length: steps.count }, (_, i) => stepTime(steps, i));
  if (value.type === 'scalar') {
    const labels = Labels.EMPTY;
    return steps.count === 0 ? [] : [{ labels, timestamps: times, values: value.values, histograms: null }];
  }
  if (value.type === 'string') throw new Error('BUG: a range query of a string');
  const out: MatrixSeries[] = [];
  for (const one of dropNames(value.series)) {
    const series = compactSeries(one, times);
    if (series.timestamps.length > 0) out.push(series);
  }
  return sortByLabels(out);
}

function compactSeries(
  { labels, values, presence, histograms, points }: StepSeries,
  times: Float64Array,
): MatrixSeries {
  const hasHistograms = histograms !== null && presence.some((p) => p !== ABSENT && p !== FLOAT);
  if (points === presence.length && !hasHistograms) return { labels, timestamps: times, values, histograms: null };
  const timestamps = new Float64Array(points);
  const compact = new Float64Array(points);
  const some = hasHistograms ? new Array<FloatHistogram | undefined>(points) : null;
  for (let i = 0, n = 0; i < presence.length; i++) {
    if (presence[i] === ABSENT) continue;
    timestamps[n] = times[i]!;
    if (presence[i] === FLOAT) compact[n] = values[i]!;
    else some![n] = histograms![i];
    n++;
  }
  return { labels, timestamps, values: compact, histograms: some };
}
