/** Go's own template functions. */
import { printFormat } from './print-value.ts';
import { anyFunction, asInteger, asText, printValue, type TemplateFunction } from './template-function.ts';
import { isList, isMap, truth, typeName, type Value } from './value.ts';

function equal(a: Value, b: Value): boolean {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a === b;
  if (typeof a !== typeof b) throw new Error('incompatible types for comparison');
  return a === b;
}

function less(a: Value, b: Value): boolean {
  if (typeof a !== typeof b || a === null || b === null || a === undefined || b === undefined) {
    throw new Error('incompatible types for comparison');
  }
  return a < b;
}

function index(values: readonly Value[]): Value {
  let value = values[0];
  for (const key of values.slice(1)) {
    if (isMap(value)) value = value.get(printValue(key));
    else if (isList(value)) {
      const at = Number(asInteger(key));
      if (at < 0 || at >= value.length) throw new Error(`index out of range: ${at}`);
      value = value[at];
    } else throw new Error(`can't index item of type ${typeName(value)}`);
  }
  return value;
}

function length(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);
  throw new Error(`len of type ${typeName(value)}`);
}

const htmlEntities: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&#34;',
  "'": '&#39;',
};

/** Operands with a space between them where neither is a string, as fmt.Sprint has it. */
function print(values: readonly Value[]): string {
  let text = '';
  values.forEach((value, at) => {
    if (at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string') text += ' ';
    text += printValue(value);
  });
  return text;
}

export const builtinFunctions: Readonly<Record<string, TemplateFunction>> = {
  // These two are evaluated by the interpreter itself, which stops at the operand that decides.
  and: anyFunction(1, Infinity, (values) => values.find((value) => !truth(value)) ?? values.at(-1)),
  or: anyFunction(1, Infinity, (values) => values.find(truth) ?? values.at(-1)),
  not: anyFunction(1, 1, ([value]) => !truth(value)),
  eq: anyFunction(2, Infinity, ([first, ...others]) => others.some((other) => equal(first, other))),
  ne: anyFunction(2, 2, ([a, b]) => !equal(a, b)),
  lt: anyFunction(2, 2, ([a, b]) => less(a, b)),
  le: anyFunction(2, 2, ([a, b]) => !less(b, a)),
  gt: anyFunction(2, 2, ([a, b]) => less(b, a)),
  ge: anyFunction(2, 2, ([a, b]) => !less(a, b)),
  len: anyFunction(1, 1, ([value]) => length(value)),
  index: anyFunction(1, Infinity, index),
  print: anyFunction(0, Infinity, print),
  println: anyFunction(0, Infinity, (values) => `${values.map(printValue).join(' ')}\n`),
  printf: anyFunction(1, Infinity, ([format, ...values]) => printFormat(asText(format), values)),
  html: anyFunction(1, 1, ([value]) => printValue(value).replace(/[<>&"']/g, (character) => htmlEntities[character]!)),
  urlquery: anyFunction(1, 1, ([value]) => encodeURIComponent(printValue(value)).replaceAll('%20', '+')),
};
