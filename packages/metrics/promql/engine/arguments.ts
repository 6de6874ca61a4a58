// Parentheses around the arguments of functions and aggregations mean nothing: they are taken away before evaluation, so
// that annotations point at what stands inside them.
import { type Expr, unwrapParens } from '../parse/ast.ts';

export function unwrapArguments(expr: Expr): Expr {
  switch (expr.type) {
    case 'call':
      return { ...expr, args: expr.args.map(unwrapArgument) };
    case 'aggregate':
      return {
        ...expr,
        expr: unwrapArgument(expr.expr),
        param: expr.param === null ? null : unwrapArgument(expr.param),
      };
    case 'binary':
      return { ...expr, left: unwrapArguments(expr.left), right: unwrapArguments(expr.right) };
    case 'paren':
    case 'unary':
    case 'subquery':
      return { ...expr, expr: unwrapArguments(expr.expr) };
    default:
      return expr;
  }
}

function unwrapArgument(expr: Expr): Expr {
  return unwrapArguments(unwrapParens(expr));
}
