// Where a number or a duration ends. Much that is neither is taken for one here, as by the real lexer, and refused when
// its value is wanted; the rest is an error, whose message shows as far as the lexer has read.

const DIGIT = /\d/;
const HEX_DIGIT = /[\da-fA-F]/;
const ALPHANUMERIC = /\w/;

export interface ScannedNumber {
  readonly kind: 'number' | 'duration' | 'bad';
  readonly end: number;
}

export function scanNumber(source: string, start: number): ScannedNumber {
  const number = endOfNumber(source, start);
  if (!number.broken && !isAlphanumeric(source, number.end)) return { kind: 'number', end: number.end };
  return endOfDuration(source, number.end);
}

function isAlphanumeric(source: string, at: number): boolean {
  return ALPHANUMERIC.test(source[at] ?? '');
}

function endOfNumber(source: string, start: number): { end: number; broken: boolean } {
  const at = (i: number): string => source[i] ?? '';
  const prefix = /^0[xX]_?/.exec(source.slice(start, start + 3))?.[0] ?? '';
  const digit = prefix === '' ? DIGIT : HEX_DIGIT;
  let i = start + prefix.length;
  let dot = false;
  let exponent = false;
  if (at(i) === '.') i++;
  if (digit.test(at(i))) i++;
  for (;;) {
    const c = at(i);
    if (c === '.') {
      if (dot) return { end: i + 1, broken: true };
      dot = true;
      i++;
      if (/[_.]/.test(at(i))) return { end: i + 1, broken: true };
      if (prefix !== '') return { end: i, broken: true };
    } else if (c === 'e' || c === 'E') {
      if (exponent) return { end: i + 1, broken: true };
      exponent = true;
      i++;
      if (/[+-]/.test(at(i))) i++;
      if (/[._eE]/.test(at(i))) return { end: i + 1, broken: true };
      if (at(i) === '') return { end: i, broken: true };
    } else if (c === '_') {
      i++;
      if (/[._eE]/.test(at(i))) return { end: i + 1, broken: true };
      if (at(i) === '') return { end: i, broken: true };
    } else if (digit.test(c)) i++;
    else return { end: i, broken: false };
  }
}

/** From a unit on: it, and further numbers with units. What follows them belongs to what the message shows. */
function endOfDuration(source: string, start: number): ScannedNumber {
  const at = (i: number): string => source[i] ?? '';
  let i = start;
  if (!/[smhdwy]/.test(at(i))) return { kind: 'bad', end: i };
  i++;
  if (at(i) === 's') i++;
  while (DIGIT.test(at(i))) {
    while (DIGIT.test(at(i))) i++;
    // A year can only come first.
    if (!/[smhdw]/.test(at(i))) return { kind: 'bad', end: i };
    i++;
    if (at(i) === 's') i++;
  }
  return isAlphanumeric(source, i) ? { kind: 'bad', end: i + 1 } : { kind: 'duration', end: i };
}
