/** How Go prints values: `fmt.Print` and the verbs of `printf`. */
import { formatExponential, formatFixed, formatGeneral, formatShortest } from './decimal.ts';
import { formatGoTime } from './go-time.ts';
import { isList, isMap, isStruct, isTime, TemplateError, typeName, type Value } from './value.ts';

/** `%v` */
export function printValue(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatShortest(value);
  if (isTime(value)) return formatGoTime(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  if (isList(value)) return `[${value.map(printValue).join(' ')}]`;
  if (isMap(value)) {
    const keys = [...value.keys()].sort();
    return `map[${keys.map((key) => `${key}:${printValue(value.get(key))}`).join(' ')}]`;
  }
  return isStruct(value) ? `{${value.goType}}` : String(value);
}

/** Wider than this is a mistake, or an attempt to fill the memory. */
const WIDTH_MAX = 10_000;

const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(\[\d+\])?(\p{L}|%)?/gu;

interface Flags {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
}

export function printFormat(format: string, values: readonly Value[]): string {
  let next = 0;
  const text = format.replace(
    VERB,
    (whole, marks: string, width?: string, precision?: string, _?: string, letter?: string) => {
      const number = (digits: string | undefined): number | undefined => {
        if (digits === undefined) return undefined;
        const size = Number(digits === '*' ? values[next++] : digits);
        if (!(size <= WIDTH_MAX)) throw new TemplateError(`printf: width ${digits} is too large`);
        return size;
      };
      const wide = number(width);
      const digits = whole.includes('.') ? (number(precision) ?? 0) : undefined;
      if (letter === undefined) return '%!(NOVERB)';
      if (letter === '%') return '%';
      if (next >= values.length) return `%!${letter}(MISSING)`;
      const flags: Flags = {
        minus: marks.includes('-'),
        plus: marks.includes('+'),
        sharp: marks.includes('#'),
        space: marks.includes(' '),
        zero: marks.includes('0') && !marks.includes('-'),
      };
      return pad(formatVerb(letter, flags, digits, values[next++]), wide ?? 0, flags);
    },
  );
  if (next >= values.length) return text;
  const extra = values.slice(next).map((value) => (isNil(value) ? '<nil>' : `${typeName(value)}=${printValue(value)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function pad(body: string, width: number, { minus, zero }: Flags): string {
  const missing = width - Array.from(body).length;
  if (missing <= 0) return body;
  if (minus) return body + ' '.repeat(missing);
  if (!zero || /^[+-]?(?:Inf|NaN)$/.test(body)) return ' '.repeat(missing) + body;
  const sign = /^[+-]/.test(body) ? body[0]! : '';
  return sign + '0'.repeat(missing) + body.slice(sign.length);
}

function formatVerb(letter: string, flags: Flags, precision: number | undefined, value: Value): string {
  if (letter === 'T') return typeName(value);
  if (letter === 'v')
    return flags.plus && isNumber(value) ? signed(printValue(value), flags) : padInside(value, precision);
  if (isNil(value)) return `%!${letter}(<nil>)`;
  // Each element of a list with the verb of the list.
  if (isList(value)) return `[${value.map((each) => formatVerb(letter, flags, precision, each)).join(' ')}]`;
  const formatted =
    typeof value === 'bigint'
      ? formatInteger(letter, flags, value)
      : typeof value === 'number'
        ? formatFloat(letter, flags, precision, value)
        : typeof value === 'boolean'
          ? letter === 't'
            ? String(value)
            : undefined
          : formatText(letter, flags, precision, printValue(value));
  return formatted ?? `%!${letter}(${typeName(value)}=${printValue(value)})`;
}

function padInside(value: Value, precision: number | undefined): string {
  return typeof value === 'number' && precision !== undefined ? general(value, precision) : printValue(value);
}

function formatInteger(letter: string, flags: Flags, value: bigint): string | undefined {
  switch (letter) {
    case 'd':
      return signed(String(value), flags);
    case 'b':
      return signed(value.toString(2), flags);
    case 'o':
      return signed(flags.sharp ? `0${value.toString(8)}` : value.toString(8), flags);
    case 'O':
      return signed(`0o${value.toString(8)}`, flags);
    case 'x':
    case 'X': {
      const hex = signed(value.toString(16).replace(/^(-?)/, flags.sharp ? '$10x' : '$1'), flags);
      return letter === 'X' ? hex.toUpperCase() : hex;
    }
    case 'c':
      return String.fromCodePoint(Number(BigInt.asUintN(20, value)));
    case 'q':
      return `'${quoteGo(String.fromCodePoint(Number(BigInt.asUintN(20, value)))).slice(1, -1)}'`;
    case 'U':
      return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
    default:
      return undefined;
  }
}

function formatFloat(letter: string, flags: Flags, precision: number | undefined, value: number): string | undefined {
  const lower = letter.toLowerCase();
  if (lower !== 'f' && lower !== 'e' && lower !== 'g') return undefined;
  if (!Number.isFinite(value)) return signed(formatShortest(value), flags);
  const text =
    lower === 'f'
      ? formatFixed(value, precision ?? 6)
      : lower === 'e'
        ? formatExponential(value, precision ?? 6)
        : precision === undefined
          ? formatShortest(value)
          : general(value, precision);
  return signed(letter === lower || letter === 'F' ? text : text.toUpperCase(), flags);
}

function general(value: number, precision: number): string {
  return Number.isFinite(value) ? formatGeneral(value, precision) : formatShortest(value);
}

function formatText(letter: string, flags: Flags, precision: number | undefined, text: string): string | undefined {
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
  switch (letter) {
    case 's':
      return cut;
    case 'q':
      return flags.sharp && !/[`\p{Cc}]/u.test(cut) ? `\`${cut}\`` : quoteGo(cut);
    case 'x':
      return Buffer.from(cut).toString('hex');
    case 'X':
      return Buffer.from(cut).toString('hex').toUpperCase();
    default:
      return undefined;
  }
}

function signed(text: string, flags: Flags): string {
  if (/^[+-]/.test(text)) return text;
  return flags.plus ? `+${text}` : flags.space ? ` ${text}` : text;
}

function isNil(value: Value): value is null | undefined {
  return value === null || value === undefined;
}

function isNumber(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** strconv.Quote */
export function quoteGo(text: string): string {
  const escaped = text.replace(/[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}\u00a0"\\]/gu, (char) => {
    const known = ESCAPES[char];
    if (known !== undefined) return known;
    const code = char.codePointAt(0)!;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
