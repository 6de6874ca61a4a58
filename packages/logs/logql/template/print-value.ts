/** How Go prints values: `fmt.Print` and the verbs of `printf`. */
import { quoteGo } from '../duration.ts';
import { formatGoTime } from './go-time.ts';
import { isList, isMap, isTime, TemplateError, typeName, type Value } from './value.ts';

/** `%v` */
export function printValue(value: Value): string {
  if (value === null || value === undefined) return '<no value>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return printFloat(value);
  if (isTime(value)) return formatGoTime(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  if (isList(value)) return `[${value.map(printValue).join(' ')}]`;
  if (isMap(value)) {
    const keys = [...value.keys()].sort();
    return `map[${keys.map((key) => `${key}:${printValue(value.get(key))}`).join(' ')}]`;
  }
  return String(value);
}

/** `%v` of a float64: shortest digits, with an exponent below 1e-4 and from 1e6 on. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  return `${mantissa}e${exponent[0]!}${exponent.slice(1).padStart(2, '0')}`;
}

const verb = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?([a-zA-Z%])/g;

/** Wider than this is a mistake, or an attempt to fill the memory. */
const WIDTH_MAX = 10_000;

export function printFormat(format: string, values: readonly Value[]): string {
  let next = 0;
  const text = format.replace(
    verb,
    (whole, flags: string, width: string | undefined, precision: string | undefined, letter: string) => {
      if (letter === '%') return '%';
      const number = (digits: string | undefined): number | undefined => {
        if (digits === undefined) return undefined;
        const size = Number(digits === '*' ? values[next++] : digits);
        if (!(size <= WIDTH_MAX)) throw new TemplateError(`printf: width ${digits} is too large`);
        return size;
      };
      const wide = number(width);
      const digits = whole.includes('.') ? (number(precision) ?? 0) : undefined;
      if (next >= values.length) return `%!${letter}(MISSING)`;
      const body = formatVerb(letter, flags, digits, values[next++]);
      return padText(body, wide ?? 0, flags);
    },
  );
  if (next >= values.length) return text;
  return `${text}%!(EXTRA ${values
    .slice(next)
    .map((value) => `${typeName(value)}=${printValue(value)}`)
    .join(', ')})`;
}

function padText(body: string, width: number, flags: string): string {
  const missing = width - Array.from(body).length;
  if (missing <= 0) return body;
  if (flags.includes('-')) return body + ' '.repeat(missing);
  if (!flags.includes('0') || !/^[+-]?\d/.test(body)) return ' '.repeat(missing) + body;
  const sign = /^[+-]/.test(body) ? body[0]! : '';
  return sign + '0'.repeat(missing) + body.slice(sign.length);
}

function formatVerb(letter: string, flags: string, precision: number | undefined, value: Value): string {
  const bad = `%!${letter}(${typeName(value)}=${printValue(value)})`;
  const signed = (text: string): string => (flags.includes('+') && !text.startsWith('-') ? `+${text}` : text);
  switch (letter) {
    case 'v':
      return printValue(value);
    case 's':
      if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return bad;
      return precision === undefined ? printValue(value) : Array.from(printValue(value)).slice(0, precision).join('');
    case 'q':
      return typeof value === 'string' ? quoteGo(value) : bad;
    case 't':
      return typeof value === 'boolean' ? String(value) : bad;
    case 'd':
      return typeof value === 'bigint' ? signed(String(value)) : bad;
    case 'b':
    case 'o':
      return typeof value === 'bigint' ? value.toString(letter === 'b' ? 2 : 8) : bad;
    case 'c':
      return typeof value === 'bigint' ? String.fromCodePoint(Number(value)) : bad;
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'bigint'
          ? value.toString(16)
          : typeof value === 'string'
            ? Buffer.from(value).toString('hex')
            : bad;
      return letter === 'X' ? hex.toUpperCase() : hex;
    }
    case 'f':
    case 'F':
      return typeof value === 'number' ? signed(value.toFixed(Math.min(precision ?? 6, 100))) : bad;
    case 'e':
      return typeof value === 'number'
        ? signed(value.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])(\d)$/, 'e$10$2'))
        : bad;
    case 'g':
      return typeof value === 'number'
        ? signed(printFloat(precision === undefined ? value : Number(value.toPrecision(Math.max(1, precision)))))
        : bad;
    default:
      return bad;
  }
}
