/** Numbers as they stand in expositions, read from bytes; the common short decimals without making a string. */

/** Powers of ten that a double holds exactly, so that one multiplication or division rounds once, as strtod does. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Above this a sum of digits could lose its last one (2^53 has sixteen digits). */
const DIGITS_EXACT_MAX = 15;

/** As many digits as any 32-bit integer holds. */
const INT_DIGITS_MAX = 9;

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
]);

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * As the real server reads a float in an exposition: decimal, Inf and NaN in any case; hexadecimal, underscores, a NaN
 * with a sign and what is too large for a double are refused. Undefined when the text is none.
 */
export function parseFloatText(text: string): number | undefined {
  if (!DECIMAL.test(text)) return SPECIAL.get(text.toLowerCase());
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Reads numbers at a position; `end` tells where the last one stopped. The common decimals cost no object: up to fifteen
 * digits by one division of exact numbers, up to twenty-three by {@link divideExactly}.
 */
export class FloatReader {
  /** First byte after the number, or -1 when there was none. */
  end = -1;

  /** The number that starts at `at` and ends before a space, tab, line end or `limit`. */
  read(bytes: Uint8Array, at: number, limit: number): number {
    // Most values are small whole numbers, which need no doubles while they are read.
    let end = at;
    let whole = 0;
    const stop = Math.min(limit, at + INT_DIGITS_MAX);
    while (end < stop) {
      const digit = bytes[end]! - 48;
      if (digit < 0 || digit > 9) break;
      whole = (Math.imul(whole, 10) + digit) | 0;
      end++;
    }
    if (end > at && end < limit && bytes[end] === 10) {
      this.end = end;
      return whole;
    }
    return this.#read(bytes, at, limit);
  }

  #read(bytes: Uint8Array, at: number, limit: number): number {
    let p = at;
    let negative = false;
    let c = bytes[p]!;
    if (c === 45 || c === 43) {
      negative = c === 45;
      c = bytes[++p]!;
    }
    let mantissa = 0;
    // Digits beyond the fifteenth, eight at most.
    let low = 0;
    let lowDigits = 0;
    let digits = 0;
    let read = 0;
    let point = -1;
    for (; p < limit; c = bytes[++p]!) {
      if (c >= 48 && c <= 57) {
        read++;
        if (digits < DIGITS_EXACT_MAX) {
          mantissa = mantissa * 10 + (c - 48);
          if (mantissa !== 0) digits++;
        } else {
          low = low * 10 + (c - 48);
          lowDigits++;
        }
      } else if (c === 46 && point < 0) point = p;
      else break;
    }
    const scale = point < 0 ? 0 : p - point - 1;
    if (read === 0 || lowDigits > 8 || scale > 22 || (p < limit && !isBreak(c))) return this.#slow(bytes, at, limit);
    let magnitude: number;
    if (lowDigits === 0) magnitude = scale === 0 ? mantissa : mantissa / POWERS[scale]!;
    else magnitude = divideExactly(mantissa, POWERS[lowDigits]!, low, POWERS[scale]!);
    if (Number.isNaN(magnitude)) return this.#slow(bytes, at, limit);
    this.end = p;
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

/** 2^27 + 1 cuts a double into two halves whose products are exact (Dekker, 1971). */
const SPLITTER = 134_217_729;

/**
 * (high * power + low) / divisor, rounded once as strtod does; NaN when the rounding is too close to call. All arguments
 * are integers that a double holds exactly, `high` below 10^15, `power` and `low` below 10^9. The dividend is a sum of two
 * doubles, the quotient of the first corrected by what is left (Dekker's double-length arithmetic); the correction's own
 * error is below 2^-100 of the quotient, so that it matters only next to the middle between two doubles.
 */
function divideExactly(high: number, power: number, low: number, divisor: number): number {
  const product = high * power;
  const productRest = productError(high, power, product);
  const sum = product + low;
  const back = sum - product;
  const rest = product - (sum - back) + (low - back) + productRest;
  const quotient = sum / divisor;
  const whole = quotient * divisor;
  const left = sum - whole - productError(quotient, divisor, whole) + rest;
  const correction = left / divisor;
  const slack = Math.abs(correction) * 2 ** -40 + Math.abs(quotient) * 2 ** -96;
  const result = quotient + correction;
  return quotient + (correction - slack) === result && quotient + (correction + slack) === result ? result : Number.NaN;
}

/** a * b - product, exactly. */
function productError(a: number, b: number, product: number): number {
  const ca = SPLITTER * a;
  const aHigh = ca - (ca - a);
  const aLow = a - aHigh;
  const cb = SPLITTER * b;
  const bHigh = cb - (cb - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
