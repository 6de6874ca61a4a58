/** Go's fmt verbs, as far as templates of rules use them. */

import { quoteGo } from '../../model/labels.ts';
import { formatGoF, formatGoG } from '../../promql/format.ts';

const VERB = /%(?<flags>[-+# 0]*)(?<width>\d+)?(?:\.(?<precision>\d*))?(?<verb>[a-zA-Z%])/g;

export function goPrintf(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(VERB, (...match) => {
    const { flags, width, precision, verb } = match.at(-1) as Record<string, string | undefined>;
    if (verb === '%') return '%';
    if (next >= args.length) return `%!${verb}(MISSING)`;
    const value = args[next++];
    const digits = precision === undefined ? undefined : Number(precision || '0');
    return pad(formatVerb(verb!, value, digits, flags ?? ''), Number(width ?? 0), flags ?? '');
  });
  return next < args.length
    ? `${text}%!(EXTRA ${args
        .slice(next)
        .map((arg) => `${typeName(arg)}=${goValue(arg)}`)
        .join(', ')})`
    : text;
}

/** As `%v` prints it, and `{{ . }}`. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatGoG(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (value instanceof Date) return goTimeText(value);
  if (value instanceof Map)
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}:${goValue(v)}`)
      .join(' ')}]`;
  return String(value);
}

/** `2006-01-02 15:04:05.999 +0000 UTC` */
export function goTimeText(time: Date): string {
  const [date, clock] = time.toISOString().slice(0, -1).split('T') as [string, string];
  return `${date} ${clock.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros)).replace(/(\.\d*?)0+$/, '$1')} +0000 UTC`;
}

function formatVerb(verb: string, value: unknown, precision: number | undefined, flags: string): string {
  switch (verb) {
    case 'v':
      return goValue(value);
    case 's':
      return typeof value === 'number' || typeof value === 'boolean'
        ? bad(verb, value)
        : cut(goValue(value), precision);
    case 'q':
      return typeof value === 'string' ? quoteGo(value) : bad(verb, value);
    case 't':
      return typeof value === 'boolean' ? String(value) : bad(verb, value);
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return typeof value === 'number' ? signed(formatFloat(verb, value, precision), flags) : bad(verb, value);
    case 'd':
    case 'x':
    case 'X':
    case 'o':
    case 'b':
      return formatInteger(verb, value, flags);
    case 'T':
      return typeName(value);
    default:
      return bad(verb, value);
  }
}

function formatFloat(verb: string, value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return formatGoF(value);
  const exponential = (digits: number) => value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
  switch (verb.toLowerCase()) {
    case 'f':
      return fixed(value, precision ?? 6);
    case 'e':
      return verb === 'E' ? exponential(precision ?? 6).toUpperCase() : exponential(precision ?? 6);
    default: {
      if (precision === undefined) return formatGoG(value);
      const exponent = Math.floor(Math.log10(Math.abs(value) || 1));
      const digits = Math.max(1, precision);
      return exponent < -4 || exponent >= digits
        ? exponential(digits - 1).replace(/\.?0+e/, 'e')
        : String(Number(value.toPrecision(digits)));
    }
  }
}

/** Digits after the point; a tie goes to the even digit, as in Go, where JavaScript rounds up. */
function fixed(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21) return BigInt(value).toString() + (digits === 0 ? '' : `.${'0'.repeat(digits)}`);
  const scaled = Math.abs(value) * 10 ** digits;
  // Only a multiple of 1 / 2^(digits + 1) can lie exactly between two results; the product is exact.
  const tie = scaled % 1 === 0.5 && Number.isInteger(value * 2 ** (digits + 1));
  if (!tie || Math.floor(scaled) % 2 === 1) return value.toFixed(Math.min(100, digits));
  const even = Math.floor(scaled) / 10 ** digits;
  return (value < 0 ? '-' : '') + even.toFixed(digits);
}

function formatInteger(verb: string, value: unknown, flags: string): string {
  // Numbers of a template are floats: %d of one is a mistake that Go shows, and so is it here.
  if (typeof value !== 'bigint') return bad(verb, value);
  const bases: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };
  const text = value.toString(bases[verb]!);
  return signed(verb === 'X' ? text.toUpperCase() : text, flags);
}

function signed(text: string, flags: string): string {
  if (flags.includes('+') && !/^[-+]/.test(text)) return `+${text}`;
  return flags.includes(' ') && !/^[-+]/.test(text) ? ` ${text}` : text;
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function pad(text: string, width: number, flags: string): string {
  if (text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(Math.min(width, 1_000));
  if (flags.includes('0') && /^[-+]?[\d.]/.test(text)) {
    const sign = /^[-+]/.exec(text)?.[0] ?? '';
    return sign + text.slice(sign.length).padStart(Math.min(width, 1_000) - sign.length, '0');
  }
  return text.padStart(Math.min(width, 1_000));
}

function bad(verb: string, value: unknown): string {
  return `%!${verb}(${typeName(value)}=${goValue(value)})`;
}

function typeName(value: unknown): string {
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : typeof value;
}
