/** Values while a query runs, and how they compare. */

import type { KindName, StatusName } from './ast.ts';

/** A status or kind; there is one object for each, so `===` compares them. */
export class Keyword {
  readonly type: 'status' | 'kind';
  readonly name: string;

  constructor(type: 'status' | 'kind', name: string) {
    this.type = type;
    this.name = name;
  }
}

/** Several values at once: the elements of an array, or the same attribute of several events or links. */
export class Several {
  readonly values: readonly Value[];
  /** For arrays: a negation (`!=`, `!~`) holds when it holds for every element. */
  readonly negatesAll: boolean;

  constructor(values: readonly Value[], negatesAll: boolean) {
    this.values = values;
    this.negatesAll = negatesAll;
  }
}

/** undefined is nil. Durations are numbers of nanoseconds; bigints are the integers that a double does not hold exactly. */
export type Value = undefined | number | bigint | string | boolean | Keyword | Several;

/** The number that arithmetic, aggregates and metrics take the value for; they are done in doubles, as in Tempo. */
export function numberOf(value: Value): number | undefined {
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
}

/** By the codes of OTLP. */
export const STATUSES: readonly Keyword[] = (['unset', 'ok', 'error'] satisfies StatusName[]).map(
  (name) => new Keyword('status', name),
);
export const KINDS: readonly Keyword[] = (
  ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] satisfies KindName[]
).map((name) => new Keyword('kind', name));

export function keyword(type: 'status' | 'kind', name: string): Keyword {
  const found = (type === 'status' ? STATUSES : KINDS).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`BUG: unknown ${type} ${name}`);
  return found;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Values of different types, and nil with anything, compare false. */
export function compareValues(operator: Comparison, left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  if (left instanceof Several)
    return compareSeveral(left, operator === '!=', (value) => compareValues(operator, value, right));
  if (right instanceof Several)
    return compareSeveral(right, operator === '!=', (value) => compareValues(operator, left, value));
  // Two integers compare exactly; an integer and a float as doubles.
  if (typeof left === 'bigint' && typeof right === 'number') return compareValues(operator, Number(left), right);
  if (typeof left === 'number' && typeof right === 'bigint') return compareValues(operator, left, Number(right));
  if (typeof left !== typeof right) return false;
  if (left instanceof Keyword && (right as Keyword).type !== left.type) return false;
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    default:
      return compareOrdered(operator, left, right);
  }
}

function compareOrdered(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value): boolean {
  if (typeof left !== 'number' && typeof left !== 'bigint' && typeof left !== 'string') return false;
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** Whether a test holds: for one of the values, or for all when it is a negation over an array. */
export function compareSeveral(several: Several, negation: boolean, test: (value: Value) => boolean): boolean {
  return negation && several.negatesAll ? several.values.every(test) : several.values.some(test);
}

/** A value as text, for groups and labels. */
export function valueText(value: Value): string {
  if (value === undefined) return 'nil';
  if (value instanceof Keyword) return value.name;
  if (value instanceof Several) return value.values.map(valueText).join(',');
  return String(value);
}
