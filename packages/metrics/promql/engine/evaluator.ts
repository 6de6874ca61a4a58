// Walks the tree: every node is evaluated once, for all steps.
import { type FloatHistogram, scaleHistogram } from '../../model/histogram.ts';
import { aggregate } from '../aggregate/aggregate.ts';
import { binary } from '../binary/binary.ts';
import { INSTANT_FUNCTIONS } from '../functions/index.ts';
import { RANGE_FUNCTIONS } from '../functions/range/index.ts';
import type { Expr, Subquery, TimeShift, VectorSelector } from '../parse/ast.ts';
import { children, unwrapParens } from '../parse/ast.ts';
import { findStatsSelectors, isStepInvariant } from './analysis.ts';
import type { QueryContext } from './context.ts';
import { durationMs } from './duration-value.ts';
import { QueryError } from './query-error.ts';
import { callRangeFunction } from './range-call.ts';
import { selectInstant } from './select-instant.ts';
import {
  endTime,
  HISTOGRAM,
  mergeEqualSeries,
  type ScalarValue,
  type StepSeries,
  type Steps,
  type Value,
  type VectorValue,
  withoutName,
} from './value.ts';

/** How a selector or subquery is moved in time: to a fixed instant (@), then back by an offset. */
export interface ResolvedShift {
  readonly offsetMs: number;
  readonly fixedMs: number | null;
}

export class Evaluator {
  readonly context: QueryContext;
  /** Selectors whose histograms are only asked for count and sum; see detectHints. */
  readonly statsSelectors: ReadonlySet<VectorSelector>;

  constructor(context: QueryContext, root: Expr) {
    this.context = context;
    this.statsSelectors = findStatsSelectors(root);
  }

  /** Evaluates, counting what is held: the operands' samples are released once the result exists. */
  async evaluate(expr: Expr, steps: Steps): Promise<Value> {
    const { context } = this;
    if (context.due) await context.pause();
    if (steps.count > 1 && isCostly(expr) && isStepInvariant(expr)) {
      const once = await this.evaluate(expr, { ...steps, count: 1 });
      const all = repeat(once, steps.count);
      if (all.type === 'vector') {
        this.releaseAll(once);
        return this.hold(all.series);
      }
      return all;
    }
    return this.#node(expr, steps);
  }

  async vector(expr: Expr, steps: Steps): Promise<VectorValue> {
    const value = await this.evaluate(expr, steps);
    if (value.type !== 'vector') throw new Error(`BUG: expected a vector, got ${value.type}`);
    return value;
  }

  async scalar(expr: Expr, steps: Steps): Promise<Float64Array> {
    const value = await this.evaluate(expr, steps);
    if (value.type !== 'scalar') throw new Error(`BUG: expected a scalar, got ${value.type}`);
    return value.values;
  }

  string(expr: Expr): string {
    const inner = unwrapParens(expr);
    if (inner.type !== 'string') throw new Error(`BUG: expected a string, got ${inner.type}`);
    return inner.value;
  }

  resolveShift(shift: TimeShift): ResolvedShift {
    const { context } = this;
    const offsetMs = shift.offsetExpression === null ? shift.offsetMs : durationMs(shift.offsetExpression, context);
    const edge = shift.atEdge === 'start' ? context.startMs : shift.atEdge === 'end' ? context.endMs : null;
    return { offsetMs: Math.trunc(offsetMs), fixedMs: shift.atMs ?? edge };
  }

  /** Series of a subquery's inner expression, with the steps at which it was evaluated. */
  async subquery(
    expr: Subquery,
    steps: Steps,
  ): Promise<{ series: readonly StepSeries[]; inner: Steps; shift: ResolvedShift; rangeMs: number }> {
    const { context } = this;
    const shift = this.resolveShift(expr);
    const rangeMs = expr.rangeExpression === null ? expr.rangeMs : durationMs(expr.rangeExpression, context, true);
    const wantedStepMs = expr.stepExpression === null ? expr.stepMs : durationMs(expr.stepExpression, context, true);
    const stepMs = Math.trunc(wantedStepMs === 0 ? context.options.defaultSubqueryStepMs : wantedStepMs);
    const firstEnd = (shift.fixedMs ?? steps.startMs) - shift.offsetMs;
    const lastEnd = (shift.fixedMs ?? endTime(steps)) - shift.offsetMs;
    // Steps are absolute multiples, so that the same subquery at another time meets the same instants; the left edge
    // of the range is open.
    const begin = firstEnd - Math.trunc(rangeMs);
    let startMs = stepMs * Math.trunc(begin / stepMs);
    if (startMs <= begin) startMs += stepMs;
    const count = Math.floor((lastEnd - startMs) / stepMs) + 1;
    const inner: Steps = { startMs, stepMs, count: Math.max(0, count) };
    // Before anything is allocated: even one series over so many steps is too much.
    context.hold(inner.count, inner.count);
    context.release(inner.count, inner.count);
    if (inner.count === 0) return { series: [], inner, shift, rangeMs };
    const { series } = await this.vector(expr.expr, inner);
    return { series, inner, shift, rangeMs };
  }

  /** The result of an operation that changes what a value means: its series lose their name, now or at the end. */
  nameless(series: StepSeries): StepSeries {
    if (this.context.options.delayedNameRemoval) return series.dropName ? series : { ...series, dropName: true };
    const labels = withoutName(series.labels);
    return labels === series.labels ? series : { ...series, labels };
  }

  /** A vector of series that may have become equal. */
  finish(series: readonly StepSeries[]): VectorValue {
    return this.hold(mergeEqualSeries(series));
  }

  /** Like `finish`, for series that are known to differ. */
  hold(series: readonly StepSeries[]): VectorValue {
    for (const one of series) this.keep(one);
    return { type: 'vector', series };
  }

  /** Counts one series as held; fails when there is no room for it. */
  keep(series: StepSeries): void {
    this.context.hold(series.points, series.presence.length);
  }

  releaseAll(...values: readonly Value[]): void {
    for (const value of values) {
      if (value.type !== 'vector') continue;
      for (const one of value.series) this.context.release(one.points, one.presence.length);
    }
  }

  async #node(expr: Expr, steps: Steps): Promise<Value> {
    switch (expr.type) {
      case 'number':
        return constant(expr.value, steps);
      case 'string':
        return { type: 'string', value: expr.value };
      case 'paren':
        return this.evaluate(expr.expr, steps);
      case 'unary':
        return this.#unary(expr.op, await this.evaluate(expr.expr, steps));
      case 'vector':
        return selectInstant(this, expr, steps, 'value');
      case 'aggregate':
        return aggregate(this, expr, steps);
      case 'binary':
        return binary(this, expr, steps);
      case 'call': {
        const overRange = RANGE_FUNCTIONS.get(expr.func);
        if (overRange !== undefined) return callRangeFunction(this, expr, overRange, steps);
        const func = INSTANT_FUNCTIONS.get(expr.func);
        if (func === undefined) throw new QueryError('execution', `function ${expr.func} is not implemented`);
        return func({ evaluator: this, call: expr, steps });
      }
      case 'matrix':
      case 'subquery':
        throw new Error(`BUG: a ${expr.type} has no value of its own`);
    }
  }

  #unary(op: '+' | '-', value: Value): Value {
    if (op === '+' || value.type === 'string') return value;
    if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((v) => -v) };
    const series = value.series.map((one) => {
      const histograms = one.histograms?.map((h) => (h === undefined ? undefined : negateHistogram(h))) ?? null;
      return this.nameless({ ...one, values: one.values.map((v) => -v), histograms });
    });
    return { type: 'vector', series: mergeEqualSeries(series) };
  }
}

function negateHistogram(h: FloatHistogram): FloatHistogram {
  return scaleHistogram(h, -1);
}

export function constant(value: number, steps: Steps): ScalarValue {
  return { type: 'scalar', values: new Float64Array(steps.count).fill(value) };
}

function isCostly(expr: Expr): boolean {
  return expr.type !== 'number' && expr.type !== 'string' && (expr.type === 'vector' || children(expr).length > 0);
}

function repeat(value: Value, count: number): Value {
  if (value.type === 'string') return value;
  if (value.type === 'scalar') return { type: 'scalar', values: new Float64Array(count).fill(value.values[0]!) };
  return {
    type: 'vector',
    series: value.series.map((one) => ({
      ...one,
      values: new Float64Array(count).fill(one.values[0]!),
      presence: new Uint8Array(count).fill(one.presence[0]!),
      points: one.points * count,
      histograms:
        one.presence[0] === HISTOGRAM ? new Array<FloatHistogram | undefined>(count).fill(one.histograms![0]) : null,
    })),
  };
}
