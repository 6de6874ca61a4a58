// What types an expression may combine, checked over the whole tree once it has been read.

import { METRIC_NAME, quoteGo } from '../../model/labels.ts';
import { compileMatcher } from '../../model/matcher.ts';
import { type Binary, type Call, COMPARISONS, children, type Expr, SET_OPERATORS, type ValueType } from './ast.ts';
import { ParseError } from './parse-error.ts';
import { functionSignature } from './signatures.ts';
import { PARAMETERIZED_AGGREGATORS } from './token.ts';

/** How messages name a type. */
export function documentedType(type: ValueType): string {
  return type === 'vector' ? 'instant vector' : type === 'matrix' ? 'range vector' : type;
}

export function typeOf(expr: Expr): ValueType {
  switch (expr.type) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vector':
    case 'aggregate':
      return 'vector';
    case 'matrix':
    case 'subquery':
      return 'matrix';
    case 'call':
      return functionSignature(expr.func)!.returns;
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector';
    case 'unary':
    case 'paren':
      return typeOf(expr.expr);
  }
}

/** Throws a ParseError for the first violation, children first. */
export function checkTypes(root: Expr, source: string): void {
  const fail = (detail: string, at: Expr): never => {
    throw new ParseError(detail, at.span, source);
  };
  const want = (expr: Expr, type: ValueType, context: string): void => {
    const got = typeOf(expr);
    if (got !== type) fail(`expected type ${documentedType(type)} in ${context}, got ${documentedType(got)}`, expr);
  };
  const visit = (expr: Expr, infoSelector = false): void => {
    const isInfo = expr.type === 'call' && expr.func === 'info';
    if (expr.type === 'call') checkArgumentCount(expr, fail);
    children(expr).forEach((child, i) => {
      visit(child, isInfo && i === 1);
    });
    switch (expr.type) {
      case 'aggregate':
        want(expr.expr, 'vector', 'aggregation expression');
        if (expr.param !== null && PARAMETERIZED_AGGREGATORS.has(expr.op)) {
          want(expr.param, expr.op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
        }
        break;
      case 'binary':
        checkBinary(expr, source, fail);
        break;
      case 'call':
        checkCall(expr, fail, want);
        break;
      case 'unary': {
        const got = typeOf(expr.expr);
        if (got !== 'scalar' && got !== 'vector') {
          const shown = quoteGo(documentedType(got));
          fail(`unary expression only allowed on expressions of type scalar or instant vector, got ${shown}`, expr);
        }
        break;
      }
      case 'subquery': {
        const got = typeOf(expr.expr);
        if (got !== 'vector') fail(`subquery is only allowed on instant vector, got ${got} instead`, expr);
        break;
      }
      case 'vector':
        checkSelector(expr, infoSelector, fail);
        break;
      default:
        break;
    }
  };
  visit(root);
}

type Fail = (detail: string, at: Expr) => never;

function checkSelector(expr: Expr & { type: 'vector' }, infoSelector: boolean, fail: Fail): void {
  if (expr.name !== '') {
    const other = expr.matchers.slice(0, -1).find((m) => m.name === METRIC_NAME);
    if (other !== undefined) {
      fail(`metric name must not be set twice: ${quoteGo(expr.name)} or ${quoteGo(other.value)}`, expr);
    }
    return;
  }
  // A selector that every series could satisfy would read the whole store.
  if (!infoSelector && expr.matchers.every((matcher) => compileMatcher(matcher)(''))) {
    fail('vector selector must contain at least one non-empty matcher', expr);
  }
}

function checkBinary(expr: Binary, source: string, fail: Fail): void {
  const failAtOperator = (detail: string): never => {
    let start = expr.left.span.end;
    while (/\s/.test(source[start] ?? '')) start++;
    throw new ParseError(detail, { start, end: expr.right.span.start }, source);
  };
  const left = typeOf(expr.left);
  const right = typeOf(expr.right);
  const isComparison = COMPARISONS.has(expr.op);
  const isSet = SET_OPERATORS.has(expr.op);
  if (expr.returnBool && !isComparison) failAtOperator('bool modifier can only be used on comparison operators');
  if (isComparison && !expr.returnBool && left === 'scalar' && right === 'scalar') {
    failAtOperator('comparisons between scalars must use BOOL modifier');
  }
  const matching = expr.matching;
  if (matching?.on) {
    const both = matching.labels.find((label) => matching.include.includes(label));
    if (both !== undefined) failAtOperator(`label ${quoteGo(both)} must not occur in ON and GROUP clause at once`);
  }
  for (const [type, side] of [
    [left, expr.left],
    [right, expr.right],
  ] as const) {
    if (type !== 'scalar' && type !== 'vector') {
      fail('binary expression must contain only scalar and instant vector types', side);
    }
  }
  if (left === 'scalar' || right === 'scalar') {
    if (matching !== null && (matching.labels.length > 0 || matching.card !== 'one-to-one')) {
      fail('vector matching only allowed between instant vectors', expr);
    }
    if (matching !== null && (matching.fillLeft !== null || matching.fillRight !== null)) {
      fail('filling in missing series only allowed between instant vectors', expr);
    }
    if (isSet) fail(`set operator ${quoteGo(expr.op)} not allowed in binary scalar expression`, expr);
  } else if (isSet && matching !== null) {
    if (matching.card === 'one-to-many' || matching.card === 'many-to-one') {
      fail(`no grouping allowed for ${quoteGo(expr.op)} operation`, expr);
    }
    if (matching.fillLeft !== null || matching.fillRight !== null) {
      fail('filling in missing series not allowed for set operators', expr);
    }
  }
}

/** Before the arguments are looked at. */
function checkArgumentCount(expr: Call, fail: Fail): void {
  const signature = functionSignature(expr.func)!;
  const got = expr.args.length;
  const listed = signature.args.length;
  const name = quoteGo(expr.func);
  if (signature.variadic === 0) {
    if (got !== listed) fail(`expected ${listed} argument(s) in call to ${name}, got ${got}`, expr);
  } else {
    const least = listed - 1;
    if (got < least) fail(`expected at least ${least} argument(s) in call to ${name}, got ${got}`, expr);
    const most = least + signature.variadic;
    if (signature.variadic > 0 && got > most) {
      fail(`expected at most ${most} argument(s) in call to ${name}, got ${got}`, expr);
    }
  }
}

function checkCall(expr: Call, fail: Fail, want: (expr: Expr, type: ValueType, context: string) => void): void {
  const signature = functionSignature(expr.func)!;
  const got = expr.args.length;
  const listed = signature.args.length;
  const name = quoteGo(expr.func);
  if (expr.func === 'info' && got > 1) {
    const selector = expr.args[1]!;
    if (selector.type !== 'vector') fail('expected label selectors only', selector);
    else if (selector.name !== '') fail('expected label selectors only, got vector selector instead', selector);
  }
  expr.args.forEach((arg, i) => {
    want(arg, signature.args[Math.min(i, listed - 1)]!, `call to function ${name}`);
  });
}
