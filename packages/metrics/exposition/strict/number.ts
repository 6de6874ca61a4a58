/** Numbers and timestamps as the OpenMetrics grammar has them (ABNF rules `number` and `realnumber`). */

const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** A sample's value; undefined when the text is no OpenMetrics number (hexadecimal, underscores, spaces …). */
export function parseStrictNumber(text: string): number | undefined {
  if (REAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return text.toLowerCase() === 'nan' ? Number.NaN : undefined;
}

/** A timestamp in seconds: finite, as written, so that digits beyond a double still order correctly enough. */
export function parseStrictTimestamp(text: string): number | undefined {
  return REAL.test(text) ? Number(text) : undefined;
}
