// Values of duration expressions, known once the query's step and range are.
import type { DurationExpression } from '../parse/ast.ts';
import { DURATION_MS_MAX } from '../parse/duration.ts';
import { QueryError } from './query-error.ts';

/** Milliseconds. With `positive` a value of zero or less is refused. */
export function durationMs(
  expression: DurationExpression,
  query: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
  positive = false,
): number {
  const milliseconds = Math.round(seconds(expression, query) * 1e9) / 1e6;
  if (Number.isNaN(milliseconds) || Math.abs(milliseconds) > DURATION_MS_MAX) {
    throw new QueryError('execution', 'duration out of range');
  }
  if (positive && milliseconds <= 0) throw new QueryError('execution', 'duration must be greater than 0');
  return milliseconds;
}

function seconds(
  expression: DurationExpression,
  query: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
): number {
  switch (expression.type) {
    case 'duration-number':
      return expression.seconds;
    case 'duration-query':
      return (expression.which === 'step' ? query.stepMs : query.endMs - query.startMs) / 1000;
    case 'duration-negation':
      return -seconds(expression.operand, query);
    case 'duration-paren':
      return seconds(expression.inner, query);
    case 'duration-binary': {
      const left = seconds(expression.left, query);
      const right = seconds(expression.right, query);
      switch (expression.op) {
        case '+':
          return left + right;
        case '-':
          return left - right;
        case '*':
          return left * right;
        case '/':
          if (right === 0) throw new QueryError('execution', 'division by zero');
          return left / right;
        case '%':
          if (right === 0) throw new QueryError('execution', 'modulo by zero');
          return left % right;
        case '^':
          return left ** right;
        case 'min_of':
          return Math.min(left, right);
        case 'max_of':
          return Math.max(left, right);
      }
    }
  }
}
