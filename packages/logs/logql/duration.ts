/**
 * Durations in both notations that LogQL takes: Prometheus' (`1d12h`, whole numbers, each unit once, largest first) and
 * Go's (`1.5h`, `300ms`, `-5s`). Everything in nanoseconds.
 */

export type DurationResult = { readonly ns: number } | { readonly error: string };

const prometheusUnits: readonly (readonly [string, number])[] = [
  ['y', 365 * 86_400e9],
  ['w', 7 * 86_400e9],
  ['d', 86_400e9],
  ['h', 3_600e9],
  ['m', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
];

const prometheusPattern = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Go's durations are signed 64-bit nanoseconds. */
const DURATION_NS_MAX = 2 ** 63;

export function parsePrometheusDuration(text: string): DurationResult {
  if (text === '0') return { ns: 0 };
  if (text === '') return { error: 'empty duration string' };
  const match = prometheusPattern.exec(text);
  if (match === null) return { error: `not a valid duration string: ${quoteGo(text)}` };
  let ns = 0;
  prometheusUnits.forEach(([, unitNs], at) => {
    if (match[at + 1] !== undefined) ns += Number(match[at + 1]) * unitNs;
  });
  return ns >= DURATION_NS_MAX ? { error: 'duration out of range' } : { ns };
}

const goUnits: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
};

/** As Go's time.ParseDuration, with its error texts. */
export function parseGoDuration(text: string): DurationResult {
  const invalid = { error: `time: invalid duration ${quoteGo(text)}` };
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return { ns: 0 };
  if (rest === '') return invalid;
  let ns = 0;
  while (rest !== '') {
    const number = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return invalid;
    rest = rest.slice(number.length);
    const unit = /^[^\d.]+/.exec(rest)?.[0];
    if (unit === undefined) return { error: `time: missing unit in duration ${quoteGo(text)}` };
    const unitNs = goUnits[unit];
    if (unitNs === undefined) return { error: `time: unknown unit ${quoteGo(unit)} in duration ${quoteGo(text)}` };
    rest = rest.slice(unit.length);
    ns += goAmount(number, unitNs);
    if (ns > DURATION_NS_MAX) return invalid;
  }
  return { ns: sign * ns };
}

/** Whole part and fraction apart, as Go does it, so that 0.1s is exactly 100 ms. */
function goAmount(number: string, unitNs: number): number {
  const [whole, fraction = ''] = number.split('.');
  const part = fraction === '' ? 0 : Math.trunc((Number(fraction) * unitNs) / 10 ** fraction.length);
  return Number(whole || '0') * unitNs + part;
}

/** A duration as a query may have it: Prometheus' notation first, then Go's. */
export function parseDuration(text: string): DurationResult {
  const prometheus = parsePrometheusDuration(text);
  return 'ns' in prometheus ? prometheus : parseGoDuration(text);
}

/** The shortest notation that parses back to the same: Prometheus' where whole milliseconds allow, Go's otherwise. */
export function printDuration(ns: number): string {
  if (ns < 0) return `-${printGoDuration(-ns)}`;
  if (ns === 0) return '0s';
  if (ns % 1e6 !== 0) return printGoDuration(ns);
  let rest = ns;
  let text = '';
  for (const [unit, unitNs] of prometheusUnits) {
    // Weeks and years only when nothing remains, as Prometheus prints them.
    if ((unit === 'y' || unit === 'w') && rest % unitNs !== 0) continue;
    const amount = Math.floor(rest / unitNs);
    if (amount === 0) continue;
    text += `${amount}${unit}`;
    rest -= amount * unitNs;
  }
  return text;
}

/** Go's Duration.String(): `1h30m0s`, `1.5s`, `250ms`. */
export function printGoDuration(ns: number): string {
  if (ns === 0) return '0s';
  if (ns < 0) return `-${printGoDuration(-ns)}`;
  if (ns < 1e3) return `${ns}ns`;
  if (ns < 1e6) return `${ns / 1e3}µs`;
  if (ns < 1e9) return `${ns / 1e6}ms`;
  const hours = Math.floor(ns / 3_600e9);
  const minutes = Math.floor((ns - hours * 3_600e9) / 60e9);
  const seconds = (ns - hours * 3_600e9 - minutes * 60e9) / 1e9;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/** A string as Go's %q writes it, as far as messages need it. */
export function quoteGo(text: string): string {
  let quoted = '"';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (character === '\n') quoted += '\\n';
    else if (character === '\t') quoted += '\\t';
    else if (character === '\r') quoted += '\\r';
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
    else quoted += character;
  }
  return `${quoted}"`;
}
