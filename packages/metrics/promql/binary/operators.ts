// What the binary operators do with two samples.
import {
  compactHistogram,
  divideHistogram,
  equalHistograms,
  type FloatHistogram,
  scaleHistogram,
  withHint,
} from '../../model/histogram.ts';
import { addHistograms, subtractHistograms } from '../../model/histogram-arithmetic.ts';
import type { BinaryOperator, Span } from '../parse/ast.ts';
import type { PairNotes } from './last-note.ts';
import { trimHistogram } from './trim.ts';

export type Sample = number | FloatHistogram;

/** Arithmetic of two floats. */
export function arithmetic(op: BinaryOperator): ((a: number, b: number) => number) | null {
  switch (op) {
    case '+':
      return (a, b) => a + b;
    case '-':
      return (a, b) => a - b;
    case '*':
      return (a, b) => a * b;
    case '/':
      return (a, b) => a / b;
    case '%':
      return (a, b) => a % b;
    case '^':
      return power;
    case 'atan2':
      return Math.atan2;
    default:
      return null;
  }
}

/** As Go's math.Pow, which differs from ** for a base of ±1. */
export function power(a: number, b: number): number {
  if (a === 1) return 1;
  if (a === -1 && (b === Infinity || b === -Infinity)) return 1;
  return a ** b;
}

/** Comparison of two floats. */
export function comparison(op: BinaryOperator): ((a: number, b: number) => boolean) | null {
  switch (op) {
    case '==':
      return (a, b) => a === b;
    case '!=':
      return (a, b) => a !== b;
    case '>':
      return (a, b) => a > b;
    case '<':
      return (a, b) => a < b;
    case '>=':
      return (a, b) => a >= b;
    case '<=':
      return (a, b) => a <= b;
    default:
      return null;
  }
}

/** Result of an operation on two samples: what stays (null: nothing) and whether a comparison held. */
export interface Outcome {
  readonly value: Sample | null;
  readonly holds: boolean;
}

const NOTHING: Outcome = { value: null, holds: false };

/** Applies an operator where at least one side is a histogram; notes what cannot be combined. */
export function combineSamples(
  op: BinaryOperator,
  left: Sample,
  right: Sample,
  annotations: PairNotes,
  span: Span,
): Outcome {
  if (typeof left === 'number' && typeof right === 'number') {
    if (op === '</' || op === '>/') {
      annotations.incompatibleTypes('float', op, 'float', span);
      return NOTHING;
    }
    return combineFloats(op, left, right);
  }
  const kept = (value: FloatHistogram): Outcome => ({ value: compactHistogram(value), holds: true });
  if (typeof left === 'number' && typeof right !== 'number') {
    if (op === '*') return kept(scaleHistogram(right, left));
    annotations.incompatibleTypes('float', op, 'histogram', span);
    return NOTHING;
  }
  const h = left as FloatHistogram;
  if (typeof right === 'number') {
    if (op === '*') return kept(scaleHistogram(h, right));
    if (op === '/') return kept(divideHistogram(h, right));
    if (op === '</' || op === '>/') return kept(trimHistogram(h, right, op === '</'));
    annotations.incompatibleTypes('histogram', op, 'float', span);
    return NOTHING;
  }
  switch (op) {
    case '+':
    case '-':
      return addOrSubtract(op, h, right, annotations, span);
    case '==':
      return { value: h, holds: equalHistograms(h, right) };
    case '!=':
      return { value: h, holds: !equalHistograms(h, right) };
    default:
      annotations.incompatibleTypes('histogram', op, 'histogram', span);
      return NOTHING;
  }
}

function combineFloats(op: BinaryOperator, left: number, right: number): Outcome {
  const compute = arithmetic(op);
  if (compute !== null) return { value: compute(left, right), holds: true };
  const compare = comparison(op);
  return compare === null ? NOTHING : { value: left, holds: compare(left, right) };
}

function addOrSubtract(
  op: '+' | '-',
  left: FloatHistogram,
  right: FloatHistogram,
  annotations: PairNotes,
  span: Span,
): Outcome {
  const result = op === '+' ? addHistograms(left, right) : subtractHistograms(left, right);
  if (result === null) {
    annotations.incompatibleBucketLayout(op, span);
    return NOTHING;
  }
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (result.hintsCollide) annotations.counterResetCollision(operation, span);
  if (result.boundsReconciled) annotations.boundsReconciled(operation, span);
  const value = op === '-' ? withHint(result.histogram, 'gauge') : result.histogram;
  return { value: compactHistogram(value), holds: true };
}
