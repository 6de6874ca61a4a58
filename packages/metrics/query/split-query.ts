/** Whether a query can be evaluated in parts that together give, bit by bit, what one evaluation gives. */
import { METRIC_NAME } from '../model/labels.ts';
import { isStepInvariant } from '../promql/engine/analysis.ts';
import type { Expr } from '../promql/index.ts';
import { children, unwrapParens } from '../promql/parse/ast.ts';
import type { QueryPart } from './query-request.ts';

/**
 * Queries whose result has one series for each series of one selector: by series, so that each thread selects, reads and
 * writes its own, and nothing is joined. Other range queries: by steps, since each step is a query of its own. Null when
 * neither is sure to be exact.
 */
export function waysToSplit(expr: Expr, steps: number): QueryPart['by'] | null {
  if (isPerSeries(expr)) return 'series';
  return steps > 1 && everyStepStandsAlone(expr) ? 'steps' : null;
}

/**
 * `limitk` takes the first series of the whole range, whether a group by name keeps its name depends on members of other
 * steps, and a parameter is checked by its least and largest value of all steps; everything else looks at one step at a
 * time.
 */
function everyStepStandsAlone(expr: Expr): boolean {
  if (expr.type === 'aggregate') {
    const { op, grouping, param } = expr;
    if (op === 'limitk' || grouping.includes(METRIC_NAME)) return false;
    if (param !== null && !isStepInvariant(param)) return false;
  }
  return children(expr).every(everyStepStandsAlone);
}

/** Functions of one sample. */
const SAMPLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'ceil',
  'clamp',
  'clamp_max',
  'clamp_min',
  'exp',
  'floor',
  'ln',
  'log10',
  'log2',
  'round',
  'sgn',
  'sqrt',
]);

const RANGE_FUNCTIONS: ReadonlySet<string> = new Set([
  'avg_over_time',
  'changes',
  'count_over_time',
  'delta',
  'deriv',
  'idelta',
  'increase',
  'irate',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'rate',
  'resets',
  'sum_over_time',
]);

/** One metric by its name, through functions that treat every series alone and leave their order. */
function isPerSeries(expr: Expr): boolean {
  const inner = unwrapParens(expr);
  switch (inner.type) {
    case 'vector':
      return inner.name !== '';
    case 'call': {
      const [first, ...rest] = inner.args.map(unwrapParens);
      if (first === undefined || rest.some(({ type }) => type !== 'number')) return false;
      if (RANGE_FUNCTIONS.has(inner.func)) return first.type === 'matrix' && first.vector.name !== '';
      return SAMPLE_FUNCTIONS.has(inner.func) && isPerSeries(first);
    }
    case 'binary': {
      const left = unwrapParens(inner.left);
      const right = unwrapParens(inner.right);
      if (inner.matching !== null) return false;
      if (right.type === 'number') return isPerSeries(left);
      return left.type === 'number' && isPerSeries(right);
    }
    default:
      return false;
  }
}
