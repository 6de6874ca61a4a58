/** The binary operators on two numbers, as Loki computes them: division and remainder by zero are NaN, powers as in Go. */
import type { BinaryOperator } from './ast.ts';

/** An arithmetic operator's result. */
export function arithmetic(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? Number.NaN : left / right;
    case '%':
      return right === 0 ? Number.NaN : left % right;
    case '^':
      return power(left, right);
    default:
      throw new Error(`BUG: ${operator} is not an arithmetic operator`);
  }
}

/** A comparison's result. */
export function compare(operator: BinaryOperator, left: number, right: number): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    default:
      throw new Error(`BUG: ${operator} is not a comparison`);
  }
}

/** Go's math.Pow: 1 to any power is 1, and -1 to an infinite one; JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}
