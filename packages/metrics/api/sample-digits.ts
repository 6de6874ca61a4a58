/**
 * Sample values as text, straight into bytes: the shortest decimal that reads back as the same double, as
 * `formatSample` writes it. Most of a large answer is such text, and a string of each would be twice the work.
 */
import { formatSample } from './go-json.ts';

/** What `writeSample` may need: the longest is `-2.2250738585072014e-308` with some to spare. */
export const SAMPLE_BYTES_MAX = 32;

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/**
 * Writes `values[index]` at `at` and gives the place behind it. There must be room for SAMPLE_BYTES_MAX. (A double that is
 * an argument of its own would be put into an object for each call.)
 */
export function writeSample(bytes: Uint8Array, at: number, values: Float64Array, index: number): number {
  const value = values[index]!;
  const size = Math.abs(value);
  if (size >= SIZE_MIN && size < SIZE_MAX) {
    if (value < 0) bytes[at++] = MINUS;
    if (size < 1e8 && size === (size | 0)) return writeSmall(bytes, at, size | 0);
    if (size < 1e15 && size === Math.floor(size)) return writeWhole(bytes, at, size);
    const end = writeFraction(bytes, at, values, index);
    return end > at ? end : writeText(bytes, at, formatSample(size));
  }
  if (value === 0 && 1 / value > 0) {
    bytes[at] = ZERO;
    return at + 1;
  }
  return writeText(bytes, at, formatSample(value));
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** 1e8 and more. */
function writeWhole(bytes: Uint8Array, at: number, value: number): number {
  const high = Math.floor(value / 1e8) | 0;
  const end = writeSmall(bytes, at, high);
  writeEight(bytes, end, (value - high * 1e8) | 0);
  return end + 8;
}

/** Below 1e8, without zeros in front. */
function writeSmall(bytes: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = ((rest + 0.5) * 0.1) | 0;
    bytes[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}

/** `00` to `99`. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/** Exactly eight digits. Products with a half in between are exact enough that no division is needed. */
function writeEight(bytes: Uint8Array, at: number, value: number): void {
  const high = ((value + 0.5) * 1e-4) | 0;
  const low = (value - Math.imul(high, 10_000)) | 0;
  // n * 5243 / 2^19 is n / 100 for n below 10,000.
  const a = Math.imul(high, 5243) >>> 19;
  const b = (high - Math.imul(a, 100)) | 0;
  const c = Math.imul(low, 5243) >>> 19;
  const d = (low - Math.imul(c, 100)) | 0;
  bytes[at] = PAIRS[a << 1]!;
  bytes[at + 1] = PAIRS[(a << 1) + 1]!;
  bytes[at + 2] = PAIRS[b << 1]!;
  bytes[at + 3] = PAIRS[(b << 1) + 1]!;
  bytes[at + 4] = PAIRS[c << 1]!;
  bytes[at + 5] = PAIRS[(c << 1) + 1]!;
  bytes[at + 6] = PAIRS[d << 1]!;
  bytes[at + 7] = PAIRS[(d << 1) + 1]!;
}

/** Within these sizes Go and JavaScript write no exponent, and no power of ten is needed that is not a double. */
const SIZE_MIN = 1e-6;
const SIZE_MAX = 1e17;

/** Up to 22 they are doubles. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Dekker's splitting constant, 2^27 + 1. */
const SPLITTER = 134_217_729;

/** The upper halves of them: 26 bits, so that products of halves are exact. */
const POWERS_HIGH = POWERS.map(highHalf);

function highHalf(value: number): number {
  const scaled = SPLITTER * value;
  return scaled - (scaled - value);
}

/** By the exponent bits of a double: the power of ten that brings the smallest of them to seventeen digits. */
const POWER_OF: Int8Array = new Int8Array(2048);
/** By the exponent bits: half the distance to the next double. */
const HALF_GAP = new Float64Array(2048);
for (let exponent = 1003; exponent <= 1079; exponent++) {
  POWER_OF[exponent] = Math.min(22, 16 - Math.floor(Math.log10(2 ** (exponent - 1023)) + 1e-12));
  HALF_GAP[exponent] = 2 ** (exponent - 1076);
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** The word with the exponent, whatever the machine's order of bytes. */
const HIGH_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Nearer than this to a limit, the language's own conversion decides: it knows how ties are broken. */
const DOUBT = 1e-6;

/**
 * A positive value that is no whole number below 1e15. The value times a power of ten is taken exactly, as the sum of two
 * doubles (T. J. Dekker, 1971), so that it has seventeen digits before the point; any number nearer to it than half a gap
 * between doubles reads back as the value. The roundest such number is a multiple of a hundred, if there is one (there is
 * at most one, since gaps are below 23 there), else the nearest multiple of ten, else the nearest whole number. Gives `at`
 * when it is in doubt.
 */
function writeFraction(bytes: Uint8Array, at: number, values: Float64Array, index: number): number {
  const value = Math.abs(values[index]!);
  double[0] = value;
  const high = words[HIGH_WORD]!;
  // A power of two has a smaller gap below it than above.
  if ((high & 0xfffff) === 0 && words[1 - HIGH_WORD] === 0) return at;
  const exponent = high >>> 20;
  let power = POWER_OF[exponent]!;
  let product = value * POWERS[power]!;
  if (product >= 1e17) product = value * POWERS[--power]!;
  const scale = POWERS[power]!;
  const scaleHigh = POWERS_HIGH[power]!;
  const scaleLow = scale - scaleHigh;
  const split = SPLITTER * value;
  const valueHigh = split - (split - value);
  const valueLow = value - valueHigh;
  const error = valueLow * scaleLow - (product - valueHigh * scaleHigh - valueLow * scaleHigh - valueHigh * scaleLow);
  const halfGap = HALF_GAP[exponent]! * scale;

  // In digits: the first nine, the other eight, and what follows the point.
  const errorWhole = Math.floor(error);
  const fraction = error - errorWhole;
  let top = (product / 1e8) | 0;
  let rest = (product - top * 1e8 + errorWhole) | 0;
  if (rest < 0) {
    rest += 100_000_000;
    top--;
  } else if (rest >= 100_000_000) {
    rest -= 100_000_000;
    top++;
  }

  // Without branches, as nobody can guess digits.
  let nearest = Math.floor((rest + fraction + 50) * 0.01) * 100;
  let distance = Math.abs(nearest - rest - fraction);
  if (distance > halfGap - DOUBT) {
    if (distance < halfGap + DOUBT) return at;
    nearest = Math.floor((rest + fraction + 5) * 0.1) * 10;
    distance = Math.abs(nearest - rest - fraction);
    if (distance > halfGap - DOUBT) {
      if (distance < halfGap + DOUBT || Math.abs(fraction - 0.5) < DOUBT) return at;
      nearest = rest + Math.floor(fraction + 0.5);
    } else if (distance > 5 - DOUBT) return at;
  }
  rest = nearest | 0;
  if (rest >= 100_000_000) {
    rest -= 100_000_000;
    top++;
  }
  // Rounded up to an eighteenth digit: a power of ten.
  if (top >= 1_000_000_000) return at;
  return writeDigits(bytes, at, top, rest, power);
}

/** Nine digits and eight, `power` of which stand behind the point. */
function writeDigits(bytes: Uint8Array, at: number, top: number, rest: number, power: number): number {
  if (power >= 17) {
    bytes[at++] = ZERO;
    bytes[at++] = POINT;
    for (let i = power; i > 17; i--) bytes[at++] = ZERO;
    const end = writeSeventeen(bytes, at, top, rest);
    return withoutZeros(bytes, end);
  }
  const end = writeSeventeen(bytes, at + 1, top, rest);
  const wholeDigits = 17 - power;
  for (let i = 0; i < wholeDigits; i++) bytes[at + i] = bytes[at + 1 + i]!;
  const point = at + wholeDigits;
  bytes[point] = POINT;
  const last = withoutZeros(bytes, end);
  return last === point + 1 ? point : last;
}

function writeSeventeen(bytes: Uint8Array, at: number, top: number, rest: number): number {
  const first = ((top + 0.5) * 1e-8) | 0;
  bytes[at] = ZERO + first;
  writeEight(bytes, at + 1, (top - Math.imul(first, 100_000_000)) | 0);
  writeEight(bytes, at + 9, rest);
  return at + 17;
}

function withoutZeros(bytes: Uint8Array, end: number): number {
  while (bytes[end - 1] === ZERO) end--;
  return end;
}
