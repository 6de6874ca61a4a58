// Durations as they are written in expressions and configuration: `1h30m`, `15s`, `100ms`.
import { quoteGo } from '../../model/labels.ts';

const UNITS: readonly (readonly [string, number])[] = [
  ['y', 365 * 24 * 3600_000],
  ['w', 7 * 24 * 3600_000],
  ['d', 24 * 3600_000],
  ['h', 3600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** The longest duration that fits the real server's 64-bit nanoseconds: about 292 years. */
export const DURATION_MS_MAX = 2 ** 63 / 1e6;

/** Milliseconds; throws an Error with the real server's message. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new Error('empty duration string');
  const invalid = (): never => {
    throw new Error(`not a valid duration string: ${quoteGo(text)}`);
  };
  let total = 0;
  let last = -1;
  for (let rest = text; rest !== ''; ) {
    const [all, digits, unit] = /^(\d+)(\D*)/.exec(rest) ?? invalid();
    if (unit === '') invalid();
    const place = UNITS.findIndex(([name]) => name === unit);
    if (place < 0) throw new Error(`unknown unit ${quoteGo(unit!)} in duration ${quoteGo(text)}`);
    // From the largest to the smallest, each once.
    if (place <= last) invalid();
    last = place;
    total += Number(digits) * UNITS[place]![1];
    if (total > DURATION_MS_MAX) throw new Error('duration out of range');
    rest = rest.slice(all.length);
  }
  return total;
}

/** The usual form, milliseconds in: `1d2h`, `1h30m`, `0s`; years and weeks only when they divide it exactly. */
export function printDuration(milliseconds: number): string {
  let rest = Math.trunc(Math.abs(milliseconds));
  if (rest === 0) return '0s';
  let out = milliseconds < 0 ? '-' : '';
  for (const [unit, unitMs] of UNITS) {
    const exactOnly = unit === 'y' || unit === 'w';
    if (exactOnly && rest % unitMs !== 0) continue;
    const n = Math.floor(rest / unitMs);
    if (n > 0) out += `${n}${unit}`;
    rest -= n * unitMs;
  }
  return out;
}
