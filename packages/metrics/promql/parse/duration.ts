// Durations as they are written in expressions and configuration: `1h30m`, `15s`, `100ms`.

const UNITS: readonly (readonly [string, number])[] = [
  ['y', 365 * 24 * 3600_000],
  ['w', 7 * 24 * 3600_000],
  ['d', 24 * 3600_000],
  ['h', 3600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

const SHAPE = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** The longest duration that fits the real server's 64-bit nanoseconds: about 292 years. */
export const DURATION_MS_MAX = 2 ** 63 / 1e6;

/** Milliseconds; throws an Error with the real server's message. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new Error('empty duration string');
  const match = SHAPE.exec(text);
  if (match === null) throw new Error(`not a valid duration string: ${JSON.stringify(text)}`);
  let total = 0;
  UNITS.forEach(([, unitMs], i) => {
    if (match[i + 1] !== undefined) total += Number(match[i + 1]) * unitMs;
  });
  if (total > DURATION_MS_MAX) throw new Error('duration out of range');
  return total;
}

/** The shortest usual form, milliseconds in: `1h30m`, `0s`; years, weeks and days only when they divide it exactly. */
export function printDuration(milliseconds: number): string {
  let rest = Math.trunc(Math.abs(milliseconds));
  if (rest === 0) return '0s';
  let out = milliseconds < 0 ? '-' : '';
  for (const [unit, unitMs] of UNITS) {
    const exactOnly = unit === 'y' || unit === 'w' || unit === 'd';
    if (exactOnly && rest % unitMs !== 0) continue;
    const n = Math.floor(rest / unitMs);
    if (n > 0) out += `${n}${unit}`;
    rest -= n * unitMs;
  }
  return out;
}
