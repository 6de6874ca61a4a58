/**
 * Trace and span ids. They need to differ, not to be secret (W3C Trace Context asks for random, not for safe), and they
 * are made at every span: digits are put together from character codes, because `Number.toString(16)` took two thirds
 * of a span's time.
 */

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Sixteen hexadecimal digits, never all zero. */
export function newSpanId(): string {
  // The lowest bit is set: an id of zeros only would be invalid.
  return sixteenDigits(random32(), random32() | 1);
}

/** Thirty-two hexadecimal digits, never all zero. */
export function newTraceId(): string {
  return sixteenDigits(random32(), random32()) + newSpanId();
}

function random32(): number {
  return (Math.random() * 0x1_0000_0000) | 0;
}

function sixteenDigits(high: number, low: number): string {
  return String.fromCharCode(
    DIGITS[(high >>> 28) & 15]!,
    DIGITS[(high >>> 24) & 15]!,
    DIGITS[(high >>> 20) & 15]!,
    DIGITS[(high >>> 16) & 15]!,
    DIGITS[(high >>> 12) & 15]!,
    DIGITS[(high >>> 8) & 15]!,
    DIGITS[(high >>> 4) & 15]!,
    DIGITS[high & 15]!,
    DIGITS[(low >>> 28) & 15]!,
    DIGITS[(low >>> 24) & 15]!,
    DIGITS[(low >>> 20) & 15]!,
    DIGITS[(low >>> 16) & 15]!,
    DIGITS[(low >>> 12) & 15]!,
    DIGITS[(low >>> 8) & 15]!,
    DIGITS[(low >>> 4) & 15]!,
    DIGITS[low & 15]!,
  );
}
