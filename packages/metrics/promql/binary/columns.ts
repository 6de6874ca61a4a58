// The binary operators over whole columns of floats. What stands where nothing is present is computed along and means
// nothing, which costs less than to ask at every step.
import type { BinaryOperator } from '../parse/ast.ts';
import { power } from './operators.ts';

/** out[i] = a[i] op b[i]; false (and nothing done) when `op` is no arithmetic. */
export function computeColumn(op: BinaryOperator, a: Float64Array, b: Float64Array, out: Float64Array): boolean {
  const n = out.length;
  switch (op) {
    case '+':
      for (let i = 0; i < n; i++) out[i] = a[i]! + b[i]!;
      return true;
    case '-':
      for (let i = 0; i < n; i++) out[i] = a[i]! - b[i]!;
      return true;
    case '*':
      for (let i = 0; i < n; i++) out[i] = a[i]! * b[i]!;
      return true;
    case '/':
      for (let i = 0; i < n; i++) out[i] = a[i]! / b[i]!;
      return true;
    case '%':
      for (let i = 0; i < n; i++) out[i] = a[i]! % b[i]!;
      return true;
    case '^':
      for (let i = 0; i < n; i++) out[i] = power(a[i]!, b[i]!);
      return true;
    case 'atan2':
      for (let i = 0; i < n; i++) out[i] = Math.atan2(a[i]!, b[i]!);
      return true;
    default:
      return false;
  }
}

/** out[i] = 1 where the comparison holds, else 0; false (and nothing done) when `op` is no comparison. */
export function compareColumn(op: BinaryOperator, a: Float64Array, b: Float64Array, out: Uint8Array): boolean {
  const n = out.length;
  switch (op) {
    case '==':
      for (let i = 0; i < n; i++) out[i] = a[i]! === b[i]! ? 1 : 0;
      return true;
    case '!=':
      for (let i = 0; i < n; i++) out[i] = a[i]! === b[i]! ? 0 : 1;
      return true;
    case '>':
      for (let i = 0; i < n; i++) out[i] = a[i]! > b[i]! ? 1 : 0;
      return true;
    case '<':
      for (let i = 0; i < n; i++) out[i] = a[i]! < b[i]! ? 1 : 0;
      return true;
    case '>=':
      for (let i = 0; i < n; i++) out[i] = a[i]! >= b[i]! ? 1 : 0;
      return true;
    case '<=':
      for (let i = 0; i < n; i++) out[i] = a[i]! <= b[i]! ? 1 : 0;
      return true;
    default:
      return false;
  }
}
