/** Loki's functions on numbers: integers are 64 bits wide, floats are doubles. */

import type { Value } from '@mario/gotemplate';
import { parseByteSize } from '../byte-size.ts';
import { parseGoDuration } from '../duration.ts';
import { anyFunction, asFloat, asInteger, asText, type TemplateFunction } from './template-function.ts';

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

function integers(fold: (a: bigint, b: bigint) => bigint): TemplateFunction {
  return anyFunction(1, Infinity, (values) => wrap(values.map(asInteger).reduce((a, b) => wrap(fold(a, b)))));
}

function floats(fold: (a: number, b: number) => number): TemplateFunction {
  return anyFunction(1, Infinity, (values) => values.map(asFloat).reduce(fold));
}

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error('runtime error: integer divide by zero');
  return a / b;
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error('runtime error: integer divide by zero');
  return a % b;
}

/** Half away from zero at `precision` digits; `at` is the fraction that rounds up. */
function round(value: number, precision: number, at = 0.5): number {
  const factor = 10 ** precision;
  const scaled = factor * value;
  const fraction = scaled % 1;
  return (
    ((Math.abs(fraction) >= at ? Math.ceil(Math.abs(scaled)) : Math.floor(Math.abs(scaled))) * Math.sign(scaled)) /
    factor
  );
}

function bytes(value: Value): number {
  const size = parseByteSize(asText(value));
  if ('error' in size) throw new Error(size.error);
  return size.bytes;
}

function duration(value: Value): number {
  const parsed = parseGoDuration(asText(value));
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.ns / 1e9;
}

export const mathFunctions: Readonly<Record<string, TemplateFunction>> = {
  int: anyFunction(1, 1, ([value]) => asInteger(value)),
  float64: anyFunction(1, 1, ([value]) => asFloat(value)),
  add: integers((a, b) => a + b),
  sub: integers((a, b) => a - b),
  mul: integers((a, b) => a * b),
  div: integers(divide),
  mod: integers(remainder),
  // biome-ignore lint/complexity/useMathMinMax: Math.max does not take bigints
  max: integers((a, b) => (a > b ? a : b)),
  // biome-ignore lint/complexity/useMathMinMax: Math.min does not take bigints
  min: integers((a, b) => (a < b ? a : b)),
  addf: floats((a, b) => a + b),
  subf: floats((a, b) => a - b),
  mulf: floats((a, b) => a * b),
  divf: floats((a, b) => a / b),
  maxf: floats((a, b) => Math.max(a, b)),
  minf: floats((a, b) => Math.min(a, b)),
  ceil: anyFunction(1, 1, ([value]) => Math.ceil(asFloat(value))),
  floor: anyFunction(1, 1, ([value]) => Math.floor(asFloat(value))),
  round: anyFunction(2, 3, ([value, precision, at]) =>
    round(asFloat(value), Number(asInteger(precision)), at === undefined ? 0.5 : asFloat(at)),
  ),
  bytes: anyFunction(1, 1, ([value]) => bytes(value)),
  duration: anyFunction(1, 1, ([value]) => duration(value)),
  duration_seconds: anyFunction(1, 1, ([value]) => duration(value)),
};
