/** How names beyond `[a-zA-Z_:][a-zA-Z0-9_:]*` reach clients that do not take them (prometheus.io/docs/instrumenting/escaping_schemes). */

export const ESCAPING_SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type EscapingScheme = (typeof ESCAPING_SCHEMES)[number];

export function isClassicName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** Names that need no escaping stay as they are, with `dots` too. */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (scheme === 'allow-utf-8' || name === '' || isClassicName(name)) return name;
  const escaped = Array.from(name, (char, at) => escapeChar(char, at, scheme)).join('');
  return scheme === 'values' ? `U__${escaped}` : escaped;
}

function escapeChar(char: string, at: number, scheme: Exclude<EscapingScheme, 'allow-utf-8'>): string {
  const isClassic = (at === 0 ? /[a-zA-Z_:]/ : /[a-zA-Z0-9_:]/).test(char);
  if (scheme === 'underscores') return isClassic ? char : '_';
  if (char === '_') return '__';
  if (isClassic) return char;
  if (scheme === 'dots') return char === '.' ? '_dot_' : '__';
  return `_${char.codePointAt(0)!.toString(16)}_`;
}
