/** Exact decimal digits of doubles, rounded half to even as Go's strconv does; JavaScript rounds ties up. */

/** Fraction digits that toExponential gives, all of them exact. */
const DIGITS_MAX = 100;

export interface Decimal {
  /** Without a point; the first digit is the one before it. */
  readonly digits: string;
  readonly exponent: number;
}

/** `value` must be finite and not negative. `significant` may be 0 or less: then it rounds to one unit or to nothing. */
export function roundDecimal(value: number, significant: number): Decimal {
  if (value === 0) return { digits: '0'.repeat(Math.max(1, significant)), exponent: 0 };
  const [mantissa, power] = value.toExponential(DIGITS_MAX).split('e') as [string, string];
  const all = mantissa.replace('.', '');
  const exponent = Number(power);
  if (significant > all.length) return { digits: all.padEnd(significant, '0'), exponent };
  if (significant < 0) return { digits: '', exponent };
  const head = all.slice(0, significant);
  const rest = all.slice(significant);
  const half = `5${'0'.repeat(Math.max(0, rest.length - 1))}`;
  const odd = head !== '' && Number(head.at(-1)) % 2 === 1;
  if (rest === '' || rest < half || (rest === half && !odd)) return { digits: head, exponent };
  const up = String(BigInt(head === '' ? '0' : head) + 1n).padStart(head.length, '0');
  if (up.length <= head.length) return { digits: up, exponent };
  return { digits: head === '' ? '1' : up.slice(0, head.length), exponent: exponent + 1 };
}

/** `%.<decimals>f` */
export function formatFixed(value: number, decimals: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === 0) return `${sign}0${decimals > 0 ? `.${'0'.repeat(decimals)}` : ''}`;
  const power = Number(size.toExponential(DIGITS_MAX).split('e')[1]);
  const { digits, exponent } = roundDecimal(size, power + 1 + decimals);
  const whole = digits === '' ? '' : place(digits, exponent, decimals);
  const padded = whole.padStart(decimals + 1, '0');
  const cut = padded.length - decimals;
  return `${sign}${padded.slice(0, cut)}${decimals > 0 ? `.${padded.slice(cut)}` : ''}`;
}

/** The digits as a whole number of units of the last decimal. */
function place(digits: string, exponent: number, decimals: number): string {
  const length = exponent + 1 + decimals;
  return length <= 0 ? '' : digits.slice(0, length).padEnd(length, '0');
}

/** `%.<decimals>e` */
export function formatExponential(value: number, decimals: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const { digits, exponent } = roundDecimal(Math.abs(value), decimals + 1);
  return `${sign}${digits[0]}${decimals > 0 ? `.${digits.slice(1)}` : ''}${exponentText(exponent)}`;
}

/** `%.<significant>g`: an exponent below 1e-4 and from `significant` digits on; no zeros at the end. */
export function formatGeneral(value: number, significant: number, keepZeros = false): string {
  const wanted = Math.max(1, significant);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const { digits, exponent } = roundDecimal(Math.abs(value), wanted);
  const shown = keepZeros ? digits : digits.replace(/0+$/, '') || '0';
  if (exponent < -4 || exponent >= wanted) {
    return `${sign}${shown[0]}${shown.length > 1 ? `.${shown.slice(1)}` : ''}${exponentText(exponent)}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${shown}`;
  const whole = shown.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = shown.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** `%v` and `%g` of a float64: the shortest digits that read back, with an exponent below 1e-4 and from 1e6 on. */
export function formatShortest(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(value);
  const [mantissa, power] = value.toExponential().split('e') as [string, string];
  return `${mantissa}${exponentText(Number(power))}`;
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
