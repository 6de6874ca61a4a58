// What can be known of an expression before it is evaluated.
import { children, type Expr, TRIMS, type VectorSelector } from '../parse/ast.ts';

/** Functions whose result depends on the evaluation time even when their arguments do not. */
export const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
  'start_timestamp',
]);

/** True when the value is the same at every step: all selectors are pinned by @ and nothing asks for the time. */
export function isStepInvariant(expr: Expr): boolean {
  switch (expr.type) {
    case 'vector':
      return expr.atMs !== null || expr.atEdge !== null;
    case 'subquery':
      return expr.atMs !== null || expr.atEdge !== null;
    case 'call':
      return !TIME_DEPENDENT.has(expr.func) && expr.args.every(isStepInvariant);
    default:
      return children(expr).every(isStepInvariant);
  }
}

const NEEDS_STATS: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const NEEDS_BUCKETS: ReadonlySet<string> = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);

/** Subqueries do, to find resets between their steps. */
function wantsBuckets(expr: Expr): boolean {
  if (expr.type === 'binary') return TRIMS.has(expr.op);
  return expr.type === 'subquery' || (expr.type === 'call' && NEEDS_BUCKETS.has(expr.func));
}

/** Selectors of which a function around them wants only count and sum, and nothing around them more than that. */
export function findStatsSelectors(root: Expr): Set<VectorSelector> {
  const found = new Set<VectorSelector>();
  const visit = (expr: Expr, stats: boolean): void => {
    if (expr.type === 'vector') {
      if (stats) found.add(expr);
      return;
    }
    if (wantsBuckets(expr)) return;
    const inside = stats || (expr.type === 'call' && NEEDS_STATS.has(expr.func));
    for (const child of children(expr)) visit(child, inside);
  };
  visit(root, false);
  return found;
}
