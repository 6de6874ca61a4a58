/** Durations and sizes as the real tools' configuration files write them. */

const GO_UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Milliseconds of a Go duration (`time.ParseDuration`: `1h15m30.918s`, `-1.5h`, `0`); undefined when it is none. */
export function parseGoDurationMs(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (match === null) return /^[+-]?0$/.test(text) ? 0 : undefined;
  let totalNs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    totalNs += Number(amount) * GO_UNITS_NS[unit!]!;
  }
  return ((match[1] === '-' ? -1 : 1) * totalNs) / 1e6;
}

const PROMETHEUS_UNITS_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** What fits into 64 bits of nanoseconds, about 292 years; the real tools refuse more. */
const PROMETHEUS_DURATION_MS_MAX = 2 ** 63 / 1e6;

/** Milliseconds of a Prometheus duration (`model.ParseDuration`: `1d12h`, units in falling order, each once). */
export function parsePrometheusDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  const durationMs = ['y', 'w', 'd', 'h', 'm', 's', 'ms'].reduce(
    (total, unit, i) => total + Number(match[i + 1] ?? 0) * PROMETHEUS_UNITS_MS[unit]!,
    0,
  );
  return durationMs > PROMETHEUS_DURATION_MS_MAX ? undefined : durationMs;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/** Bytes of a size with powers of 1024 (`512MB`, `2GiB`, `100`), as Prometheus' and Loki's flags read it. */
export function parseSizeBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  return match === null ? undefined : Math.round(Number(match[1]) * SIZE_UNITS[match[2]!.toLowerCase()]!);
}
