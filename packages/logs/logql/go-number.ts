/** Numbers as Go reads and writes them: strconv.ParseFloat (hexadecimal floats, Inf, NaN, underscores refused) and its messages. */
import { quoteGo } from './duration.ts';

export type NumberResult = { readonly value: number } | { readonly error: string };

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const hexadecimal = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i;
const infinite = /^([+-]?)inf(?:inity)?$/i;

export function parseGoFloat(text: string): NumberResult {
  if (decimal.test(text)) return ranged(text, Number(text));
  const infinity = infinite.exec(text);
  if (infinity !== null) return { value: infinity[1] === '-' ? -Infinity : Infinity };
  if (/^[+-]?nan$/i.test(text)) return { value: Number.NaN };
  const hex = hexadecimal.exec(text);
  if (hex !== null && hex[2]! + hex[3]! !== '') {
    const mantissa = Number.parseInt(hex[2]! + hex[3]!, 16);
    const value = mantissa * 2 ** (Number(hex[4]) - 4 * hex[3]!.length);
    return ranged(text, hex[1] === '-' ? -value : value);
  }
  return { error: `strconv.ParseFloat: parsing ${quoteGo(text)}: invalid syntax` };
}

function ranged(text: string, value: number): NumberResult {
  if (Number.isFinite(value)) return { value };
  return { error: `strconv.ParseFloat: parsing ${quoteGo(text)}: value out of range` };
}

/** A number as Prometheus and Loki write sample values: `+Inf`, `NaN`, never an exponent for what fits. */
export function formatSample(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const text = String(value);
  return text.includes('e') ? expandExponent(text) : text;
}

/** strconv.FormatFloat(v, 'f', -1, 64): all digits written out. */
function expandExponent(text: string): string {
  const [, sign, whole, fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)!;
  const digits = whole! + fraction;
  const point = whole!.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
