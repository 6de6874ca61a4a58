/** Turns field expressions into functions of a span. */

import type { ArithmeticOperator, FieldExpression, Static } from './ast.ts';
import { compileRegex } from './regex.ts';
import type { TraceContext } from './trace-context.ts';
import { type Comparison, compareSeveral, compareValues, keyword, numberOf, Several, type Value } from './value.ts';

export type FieldEvaluator = (trace: TraceContext, span: number) => Value;

/** The expression must have been validated. */
export function compileField(expression: FieldExpression): FieldEvaluator {
  switch (expression.kind) {
    case 'static': {
      const value = staticValue(expression.value);
      return () => value;
    }
    case 'attribute':
    case 'intrinsic':
      return (trace, span) => trace.value(expression, span);
    case 'unary':
      return compileUnary(expression.operator, compileField(expression.operand));
    case 'binary':
      return compileBinary(expression);
  }
}

export function staticValue(value: Static): Value {
  switch (value.type) {
    case 'nil':
      return undefined;
    case 'duration':
      return value.valueNs;
    case 'status':
    case 'kind':
      return keyword(value.type, value.value);
    default:
      return value.value;
  }
}

function calculate(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return left ** right;
  }
}

function compileUnary(operator: '-' | '!', operand: FieldEvaluator): FieldEvaluator {
  return (trace, span) => {
    const value = operand(trace, span);
    if (operator === '!') return typeof value === 'boolean' ? !value : undefined;
    return typeof value === 'number' || typeof value === 'bigint' ? -value : undefined;
  };
}

function compileBinary(expression: Extract<FieldExpression, { kind: 'binary' }>): FieldEvaluator {
  const { operator } = expression;
  const left = compileField(expression.left);
  const right = compileField(expression.right);
  switch (operator) {
    case '&&':
      return (trace, span) => left(trace, span) === true && right(trace, span) === true;
    case '||':
      return (trace, span) => left(trace, span) === true || right(trace, span) === true;
    case '=':
    case '!=':
      return compileNilTest(expression, left, right) ?? compileComparison(operator, left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compileComparison(operator, left, right);
    case '=~':
    case '!~':
      return compileMatch(operator, left, right);
    default:
      return (trace, span) => {
        const [a, b] = [numberOf(left(trace, span)), numberOf(right(trace, span))];
        return a !== undefined && b !== undefined ? calculate(operator, a, b) : undefined;
      };
  }
}

function compileComparison(operator: Comparison, left: FieldEvaluator, right: FieldEvaluator): FieldEvaluator {
  return (trace, span) => compareValues(operator, left(trace, span), right(trace, span));
}

/** Only a comparison with the literal nil sees absent attributes. */
function compileNilTest(
  expression: Extract<FieldExpression, { kind: 'binary' }>,
  left: FieldEvaluator,
  right: FieldEvaluator,
): FieldEvaluator | undefined {
  const isNil = (side: FieldExpression) => side.kind === 'static' && side.value.type === 'nil';
  const other = isNil(expression.right) ? left : isNil(expression.left) ? right : undefined;
  if (other === undefined) return undefined;
  const wanted = expression.operator === '=';
  return (trace, span) => (other(trace, span) === undefined) === wanted;
}

function compileMatch(operator: '=~' | '!~', left: FieldEvaluator, right: FieldEvaluator): FieldEvaluator {
  const matchers = new Map<string, (text: string) => boolean>();
  const negated = operator === '!~';
  return (trace, span) => {
    const pattern = right(trace, span);
    if (typeof pattern !== 'string') return false;
    let matches = matchers.get(pattern);
    if (matches === undefined) matchers.set(pattern, (matches = compileSafely(pattern)));
    const test = (value: Value) => typeof value === 'string' && matches(value) !== negated;
    const value = left(trace, span);
    return value instanceof Several ? compareSeveral(value, negated, test) : test(value);
  };
}

/** Literal patterns were validated; one that comes from an attribute may be no pattern at all, and then matches nothing. */
function compileSafely(pattern: string): (text: string) => boolean {
  try {
    return compileRegex(pattern);
  } catch {
    return () => false;
  }
}
