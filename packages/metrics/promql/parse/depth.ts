// How deep an expression is: everything that walks one calls itself level by level, on a stack that has an end.
import { children, type Expr } from './ast.ts';
import { ParseError } from './parse-error.ts';

/**
 * A level of operators takes about three frames to evaluate, one of anything else up to five. Twice this broke the stack
 * of a main thread; the deepest expression met in dashboards has about twenty levels, the longest chain some hundred.
 */
const WEIGHT_MAX = 1_600;

/** Throws a ParseError when the tree is too deep to be walked. Does not call itself. */
export function checkDepth(root: Expr, source: string): void {
  const left: { readonly expr: Expr; readonly weight: number }[] = [{ expr: root, weight: 0 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const weight = next.weight + (next.expr.type === 'binary' ? 1 : 2);
    if (weight > WEIGHT_MAX) throw new ParseError('expression is nested too deeply', next.expr.span, source);
    for (const expr of children(next.expr)) left.push({ expr, weight });
  }
}
