/** Go's own template functions. `and` and `or` are the interpreter's, which stops at the operand that decides. */
import { printFormat, printValue } from './print-value.ts';
import type { TemplateFunction } from './template-function.ts';
import { isList, isMap, truth, typeName, type Value } from './value.ts';

type Builtin = TemplateFunction<unknown>;

function builtin(least: number, most: number, call: (values: readonly Value[]) => Value): Builtin {
  return { arity: [least, most], call };
}

/** The kinds that Go compares with one another. */
function kindOf(value: Value): string {
  const type = typeof value;
  if (type === 'bigint' || type === 'number' || type === 'string' || type === 'boolean') return type;
  throw new Error(value === null || value === undefined ? 'incompatible types for comparison' : 'non-comparable type');
}

function equal(a: Value, b: Value): boolean {
  // nil equals nothing but nil.
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (kindOf(a) !== kindOf(b)) throw incompatible(a, b);
  return a === b;
}

function incompatible(a: Value, b: Value): Error {
  return new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function less(a: Value, b: Value): boolean {
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds[0] !== kinds[1]) throw incompatible(a, b);
  if (kinds[0] === 'boolean') throw new Error('invalid type for comparison');
  return (a as number) < (b as number);
}

function index([value, ...keys]: readonly Value[]): Value {
  return keys.reduce<Value>((from, key) => {
    if (from === null || from === undefined) throw new Error('index of untyped nil');
    if (isMap(from)) {
      if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
      const found = from.get(key);
      // The zero value of a map of strings is the empty string.
      return found === undefined && typeName(from) === 'map[string]string' ? '' : found;
    }
    // A string is its bytes, and a byte a number.
    if (typeof from === 'string') {
      const bytes = Buffer.from(from);
      return BigInt(bytes[position(key, bytes.length)]!);
    }
    if (!isList(from)) throw new Error(`can't index item of type ${typeName(from)}`);
    return from[position(key, from.length)] as Value;
  }, value);
}

function position(key: Value, length: number, most = length - 1): number {
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  const at = Number(key);
  if (at < 0 || at > most) throw new Error(`index out of range: ${at}`);
  return at;
}

function slice([value, ...bounds]: readonly Value[]): Value {
  if (!isList(value) && typeof value !== 'string') throw new Error(`can't slice item of type ${typeName(value)}`);
  const whole = typeof value === 'string' ? Buffer.from(value) : value;
  const [from = 0, to = whole.length] = bounds.map((bound) => position(bound, whole.length, whole.length));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return typeof value === 'string' ? (whole as Buffer).subarray(from, to).toString() : value.slice(from, to);
}

function length([value]: readonly Value[]): Value {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);
  throw new Error(`len of type ${typeName(value)}`);
}

/** Operands with a space between them where neither is a string, as fmt.Sprint has it. */
function print(values: readonly Value[]): string {
  let text = '';
  values.forEach((value, at) => {
    if (at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string') text += ' ';
    text += printValue(value);
  });
  return text;
}

const HTML: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
};

function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\p{Cc}]/gu, (char) =>
    char === '\\' || char === "'" || char === '"'
      ? `\\${char}`
      : `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

/** url.QueryEscape */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function formatted([format, ...values]: readonly Value[]): string {
  if (typeof format !== 'string') throw new Error(`expected string; found ${printValue(format)}`);
  return printFormat(format, values);
}

export const BUILTIN_FUNCTIONS: ReadonlyMap<string, Builtin> = new Map([
  ['not', builtin(1, 1, ([value]) => !truth(value))],
  ['eq', builtin(2, Infinity, ([first, ...others]) => others.some((other) => equal(first, other)))],
  ['ne', builtin(2, 2, ([a, b]) => !equal(a, b))],
  ['lt', builtin(2, 2, ([a, b]) => less(a, b))],
  // Written out: "not less" would be wrong for NaN.
  ['le', builtin(2, 2, ([a, b]) => less(a, b) || equal(a, b))],
  ['gt', builtin(2, 2, ([a, b]) => less(b, a))],
  ['ge', builtin(2, 2, ([a, b]) => less(b, a) || equal(a, b))],
  ['len', builtin(1, 1, length)],
  ['index', builtin(1, Infinity, index)],
  ['slice', builtin(1, 4, slice)],
  ['print', builtin(0, Infinity, print)],
  ['println', builtin(0, Infinity, (values) => `${values.map(printValue).join(' ')}\n`)],
  ['printf', builtin(1, Infinity, formatted)],
  ['html', builtin(0, Infinity, (values) => print(values).replace(/[<>&"'\0]/g, (char) => HTML[char]!))],
  ['js', builtin(0, Infinity, (values) => escapeJs(print(values)))],
  ['urlquery', builtin(0, Infinity, (values) => escapeQuery(print(values)))],
]);
