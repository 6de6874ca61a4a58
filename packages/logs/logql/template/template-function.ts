/** How Loki's template functions are made, and how their arguments are read. */
import { type TemplateFunction as GoTemplateFunction, typeName, type Value } from '@mario/gotemplate';
import { parseGoFloat } from '../go-number.ts';

/** The entry that a template is run over. */
export interface TemplateInput {
  readonly labels: ReadonlyMap<string, string>;
  readonly line: string;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
}

export type TemplateFunction = GoTemplateFunction<TemplateInput>;

/** A function of texts that gives a text. */
export function textFunction(count: number, call: (...texts: string[]) => Value): TemplateFunction {
  return { arity: [count, count], call: (values) => call(...values.map(asText)) };
}

export function anyFunction(least: number, most: number, call: TemplateFunction['call']): TemplateFunction {
  return { arity: [least, most], call };
}

export function asText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  throw new Error(`wrong type for value; expected string; got ${typeName(value)}`);
}

/** As the library behind Loki's functions converts to int64: what cannot be read is 0. */
export function asInteger(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  const number = asFloat(value);
  return Number.isFinite(number) ? BigInt.asIntN(64, BigInt(Math.trunc(number))) : 0n;
}

export function asFloat(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return 0;
  const number = parseGoFloat(value.trim());
  return 'value' in number ? number.value : 0;
}
