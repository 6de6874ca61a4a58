/** TraceQL's durations: Prometheus' units (`1d`) or Go's (`1h2m3.5s`, `10us`). */

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 7 * 86_400e9,
  y: 365 * 86_400e9,
};

/** Nanoseconds, or undefined when the text is no duration. */
export function parseDurationNs(text: string): number | undefined {
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w|y)/gy;
  let totalNs = 0;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    totalNs += Number(match[1]) * UNITS_NS[match[2]!]!;
    end = part.lastIndex;
  }
  return end > 0 && end === text.length ? Math.round(totalNs) : undefined;
}

/** As Go's `time.Duration` prints: `1h0m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDurationNs(valueNs: number): string {
  if (valueNs === 0) return '0s';
  const sign = valueNs < 0 ? '-' : '';
  const ns = Math.abs(valueNs);
  if (ns < 1e3) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${decimal(ns, 3)}µs`;
  if (ns < 1e9) return `${sign}${decimal(ns, 6)}ms`;
  const hours = Math.floor(ns / 3600e9);
  const minutes = Math.floor((ns % 3600e9) / 60e9);
  const seconds = decimal(ns % 60e9, 9);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

/** `value / 10^digits` exactly, without trailing zeros. */
function decimal(value: number, digits: number): string {
  const text = String(Math.round(value)).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return text.slice(0, -digits) + (fraction === '' ? '' : `.${fraction}`);
}
