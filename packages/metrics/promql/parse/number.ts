// Numbers as the language writes them: decimal, hexadecimal, with underscores, infinities, NaN.
import { quoteGo } from '../../model/labels.ts';

const DECIMAL = /^(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const HEXADECIMAL = /^0[xX](?:_?[\da-fA-F])+$/;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * The value of a number token; throws an Error with the real server's message. A leading zero makes an integer octal
 * and 0x hexadecimal.
 */
export function parseNumber(text: string): number {
  const lower = text.toLowerCase();
  if (lower === 'inf') return Infinity;
  if (lower === 'nan') return Number.NaN;
  const plain = lower.replaceAll('_', '');
  if (HEXADECIMAL.test(text)) {
    const value = BigInt(plain);
    // Larger ones would have to be floats, whose hexadecimal form has an exponent.
    return value <= INT64_MAX ? Number(value) : refuse(text, 'invalid syntax');
  }
  if (!DECIMAL.test(text)) return refuse(text, 'invalid syntax');
  if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  const value = Number(plain);
  return value === Infinity ? refuse(text, 'value out of range') : value;
}

function refuse(text: string, why: string): never {
  throw new Error(`error parsing number: strconv.ParseFloat: parsing ${quoteGo(text)}: ${why}`);
}
