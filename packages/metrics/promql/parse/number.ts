// Numbers as the language writes them: decimal, hexadecimal, with underscores, infinities, NaN.

/** The value of a number token. A leading zero makes an integer octal and 0x hexadecimal, as in the real server. */
export function parseNumber(text: string): number {
  const lower = text.toLowerCase();
  if (lower === 'inf') return Infinity;
  if (lower === 'nan') return Number.NaN;
  const plain = lower.replaceAll('_', '');
  if (/^0x[0-9a-f]+$/.test(plain)) return Number.parseInt(plain.slice(2), 16);
  if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  return Number(plain);
}
