// Numbers as Go prints them: the JSON of the API, labels of count_values, annotations.

/** strconv.FormatFloat(v, 'f', -1, 64): never an exponent. */
export function formatGoF(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction = '', exponentText] = match;
  const exponent = Number(exponentText);
  const digits = whole! + fraction;
  const point = whole!.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return point >= digits.length
    ? sign + digits.padEnd(point, '0')
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** strconv.FormatFloat(v, 'g', -1, 64), also fmt's %g and %v: an exponent below 1e-4 and from 1e6 on. */
export function formatGoG(value: number): string {
  return withExponent(value, -4, 6);
}

/** As Go's encoding/json (and the API's value strings) writes it: an exponent below 1e-6 and from 1e21 on. */
export function formatGoJson(value: number): string {
  return withExponent(value, -6, 21);
}

function withExponent(value: number, exponentMin: number, exponentLimit: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatGoF(value);
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= exponentMin && exponent < exponentLimit) return formatGoF(value);
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
}

/** As fmt's %.Ng: `digits` significant ones at most, an exponent below 1e-4 and where they do not reach the point. */
export function formatGoPrecise(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatGoF(value);
  return withExponent(Number(value.toPrecision(digits)), -4, digits);
}
