/** Computes what is constant when a query is read: two numbers and an operator are one number. */

import { arithmetic, compare } from './arithmetic.ts';
import { type BinaryOperator, isComparison, type Metric } from './ast.ts';

/** The literal that the operation comes to, or undefined when a side is not a literal. */
export function foldLiterals(operator: BinaryOperator, left: Metric, right: Metric): Metric | undefined {
  if (left.kind !== 'literal' || right.kind !== 'literal') return undefined;
  const value = isComparison(operator)
    ? Number(compare(operator, left.value, right.value))
    : arithmetic(operator, left.value, right.value);
  return { kind: 'literal', value };
}
