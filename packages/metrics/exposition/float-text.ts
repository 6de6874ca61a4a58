/** Numbers as they stand in expositions, read from bytes; the common short decimals without making a string. */

/** Powers of ten that a double holds exactly, so that one multiplication or division rounds once, as strtod does. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Above this a sum of digits could lose its last one (2^53 has sixteen digits). */
const DIGITS_EXACT_MAX = 15;

const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '+nan': Number.NaN,
  '-nan': Number.NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '+infinity': Infinity,
  '-infinity': -Infinity,
};

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * As the real server reads a float in an exposition: decimal, Inf and NaN in any case; hexadecimal and underscores are
 * refused. Undefined when the text is none.
 */
export function parseFloatText(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  return SPECIAL[text.toLowerCase()];
}

/** Reads numbers at a position; `end` tells where the last one stopped. */
export class FloatReader {
  /** First byte after the number, or -1 when there was none. */
  end = -1;

  /** The number that starts at `at` and ends before a space, tab, line end or `limit`. */
  read(bytes: Uint8Array, at: number, limit: number): number {
    let p = at;
    let negative = false;
    let c = bytes[p]!;
    if (c === 45 || c === 43) {
      negative = c === 45;
      c = bytes[++p]!;
    }
    let mantissa = 0;
    let digits = 0;
    let scale = 0;
    const first = p;
    while (p < limit && c >= 48 && c <= 57) {
      mantissa = mantissa * 10 + (c - 48);
      if (mantissa !== 0) digits++;
      c = bytes[++p]!;
    }
    let read = p - first;
    if (p < limit && c === 46) {
      c = bytes[++p]!;
      const fraction = p;
      while (p < limit && c >= 48 && c <= 57) {
        mantissa = mantissa * 10 + (c - 48);
        if (mantissa !== 0) digits++;
        c = bytes[++p]!;
      }
      scale = p - fraction;
      read += scale;
    }
    if (read === 0 || digits > DIGITS_EXACT_MAX || scale > 22 || (p < limit && !isBreak(c))) {
      return this.#slow(bytes, at, limit);
    }
    this.end = p;
    const magnitude = scale === 0 ? mantissa : mantissa / POWERS[scale]!;
    return negative ? -magnitude : magnitude;
  }

  #slow(bytes: Uint8Array, at: number, limit: number): number {
    let p = at;
    let text = '';
    // No number that anyone writes is longer; a longer word is garbage and must not be collected.
    while (p < limit && p - at < 400 && !isBreak(bytes[p]!)) text += String.fromCharCode(bytes[p++]!);
    const value = parseFloatText(text);
    this.end = value === undefined || (p < limit && !isBreak(bytes[p]!)) ? -1 : p;
    return value ?? Number.NaN;
  }
}

function isBreak(c: number): boolean {
  return c === 10 || c === 32 || c === 9;
}
