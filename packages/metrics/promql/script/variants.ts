// The further ways of evaluating an instant query that must give the same result.
import { TIME_DEPENDENT } from '../engine/analysis.ts';
import { children, type DurationExpression, type Expr, unwrapParens } from '../parse/ast.ts';
import { printExpr } from '../print.ts';

const QUERY_DEPENDENT: ReadonlySet<string> = new Set(['start', 'end', 'step', 'range']);

function some(expr: Expr, test: (expr: Expr) => boolean): boolean {
  return test(expr) || children(expr).some((child) => some(child, test));
}

/** Whether the result depends on the query's own start, end or step. */
export function dependsOnQuery(expr: Expr): boolean {
  const usesQuery = (duration: DurationExpression | null): boolean =>
    duration !== null && JSON.stringify(duration).includes('duration-query');
  return some(expr, (node) => {
    switch (node.type) {
      case 'call':
        return QUERY_DEPENDENT.has(node.func);
      case 'vector':
        return node.atEdge !== null || usesQuery(node.offsetExpression);
      case 'matrix':
        return usesQuery(node.rangeExpression);
      case 'subquery':
        return (
          node.atEdge !== null || [node.rangeExpression, node.stepExpression, node.offsetExpression].some(usesQuery)
        );
      default:
        return false;
    }
  });
}

/** The expression with every selector pinned to `atMs`, and the times at which it must then give the same; or none. */
export function pinnedVariants(expr: Expr, atMs: number): { expression: string; timesMs: readonly number[] } | null {
  const dependent = some(
    expr,
    (node) => node.type === 'call' && (TIME_DEPENDENT.has(node.func) || QUERY_DEPENDENT.has(node.func)),
  );
  if (dependent) return null;
  const timesMs = atMs === 0 ? [-1000, 0, 1000] : [-10 * atMs, 0, Math.trunc(atMs / 5), atMs, 10 * atMs];
  return { expression: printExpr(pin(expr, atMs)), timesMs };
}

/** What stands inside a subquery is left alone: the subquery's own pin fixes it. */
function pin(expr: Expr, atMs: number): Expr {
  switch (expr.type) {
    case 'vector':
    case 'subquery':
      // The start and the end of an instant query are its time.
      return expr.atMs === null ? { ...expr, atMs, atEdge: null } : expr;
    case 'matrix':
      return { ...expr, vector: pin(expr.vector, atMs) as typeof expr.vector };
    case 'call':
      return { ...expr, args: expr.args.map((arg) => pin(arg, atMs)) };
    case 'aggregate':
      return { ...expr, expr: pin(expr.expr, atMs), param: expr.param === null ? null : pin(expr.param, atMs) };
    case 'binary':
      return { ...expr, left: pin(expr.left, atMs), right: pin(expr.right, atMs) };
    case 'unary':
    case 'paren':
      return { ...expr, expr: pin(expr.expr, atMs) };
    default:
      return expr;
  }
}

/** Whether an instant result can also be read from a range query. */
export function hasRangeForm(expr: Expr): boolean {
  const inner = unwrapParens(expr);
  return inner.type !== 'matrix' && inner.type !== 'subquery' && inner.type !== 'string' && !dependsOnQuery(expr);
}
