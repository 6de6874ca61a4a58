// How much of what begins like a number, but is neither number nor duration, the error message shows: as far as the
// real lexer reads before it knows.

const DIGIT = /\d/;
const HEX_DIGIT = /[\da-fA-F]/;

/** The position after what is shown of the text that begins at `start`. */
export function endOfBadNumber(source: string, start: number): number {
  const hex = /^0[xX]_?/.exec(source.slice(start, start + 3))?.[0].length ?? 0;
  const number = endOfNumber(source, start + hex, hex > 0 ? HEX_DIGIT : DIGIT);
  return number.broken && !/[smhdwy]/.test(source[number.end] ?? '') ? number.end : endOfDuration(source, number.end);
}

function endOfNumber(source: string, start: number, digit: RegExp): { end: number; broken: boolean } {
  const at = (i: number): string => source[i] ?? '';
  let i = start;
  let dot = false;
  let exponent = false;
  for (;;) {
    const c = at(i);
    if (digit.test(c)) i++;
    else if (c === '.') {
      i++;
      if (dot || /[_.]/.test(at(i))) return { end: dot ? i : i + 1, broken: true };
      dot = true;
    } else if (c === '_') {
      i++;
      if (at(i) === '' || /[._eE]/.test(at(i))) return { end: Math.min(source.length, i + 1), broken: true };
    } else if (c !== '' && 'eE'.includes(c)) {
      i++;
      if (exponent) return { end: i, broken: true };
      exponent = true;
      if (/[+-]/.test(at(i))) i++;
      if (at(i) === '' || /[._eE]/.test(at(i))) return { end: Math.min(source.length, i + 1), broken: true };
    } else return { end: i, broken: false };
  }
}

/** A unit, then more numbers with units; what follows them has been read as well. */
function endOfDuration(source: string, start: number): number {
  let i = start;
  if (!/[smhdwy]/.test(source[i] ?? '')) return i;
  i++;
  for (;;) {
    if (source[i] === 's') i++;
    if (!DIGIT.test(source[i] ?? '')) return Math.min(source.length, i + 1);
    while (DIGIT.test(source[i] ?? '')) i++;
    if (!/[smhdw]/.test(source[i] ?? '')) return i;
    i++;
  }
}
