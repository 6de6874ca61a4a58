/** Reads the parameters of requests as Loki does: times in three notations, steps, limits. */

import { parseDuration } from '../logql/duration.ts';
import { parseGoFloat } from '../logql/go-number.ts';
import { QueryError } from '../logql/query-error.ts';

export const DEFAULT_LIMIT = 100;

/** Without `start` a query looks back this far. */
const DEFAULT_SINCE_NS = 3_600_000_000_000n;

/** Steps of a range query without `step`: about as many as a chart is wide. */
const DEFAULT_STEP_COUNT = 250;

export class RequestParameters {
  readonly #values: URLSearchParams;
  readonly #nowNs: bigint;

  constructor(values: URLSearchParams, nowNs: bigint) {
    this.#values = values;
    this.#nowNs = nowNs;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === null || value === '' ? undefined : value;
  }

  all(name: string): readonly string[] {
    return this.#values.getAll(name);
  }

  query(): string {
    const query = this.text('query');
    if (query === undefined) throw new QueryError('parse error : syntax error: unexpected $end');
    return query;
  }

  timeNs(name: string): bigint | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : parseTime(value, name);
  }

  /** `start` and `end`, where `since` before the end replaces an absent start. Both inclusive here. */
  range(defaultSinceNs = DEFAULT_SINCE_NS): { readonly startNs: bigint; readonly endNs: bigint } {
    const endNs = this.timeNs('end') ?? this.#nowNs;
    const since = this.text('since');
    const sinceNs = since === undefined ? defaultSinceNs : BigInt(Math.round(parseSpan(since, 'since')));
    // A range that ends in the future still begins relative to now.
    // biome-ignore lint/complexity/useMathMinMax: Math.min does not take bigints
    const newestNs = this.#nowNs < endNs ? this.#nowNs : endNs;
    const startNs = this.timeNs('start') ?? newestNs - sinceNs;
    if (endNs < startNs) throw new QueryError('end timestamp must not be before or equal to start time');
    return { startNs, endNs };
  }

  stepNs(startNs: bigint, endNs: bigint): number {
    const step = this.text('step');
    if (step === undefined) {
      const seconds = Number(endNs - startNs) / 1e9 / DEFAULT_STEP_COUNT;
      return Math.max(1, Math.floor(seconds)) * 1e9;
    }
    return Math.round(parseSpan(step, 'step'));
  }

  intervalNs(): bigint {
    const interval = this.text('interval');
    if (interval === undefined) return 0n;
    const ns = parseSpan(interval, 'interval');
    if (ns < 0) throw new QueryError('interval must be >= 0');
    return BigInt(Math.round(ns));
  }

  count(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (!/^-?\d{1,9}$/.test(text))
      throw new QueryError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    const count = Number(text);
    if (count <= 0) throw new QueryError(`${name} must be a positive value`);
    return count;
  }

  direction(): 'forward' | 'backward' {
    const text = this.text('direction');
    if (text === undefined) return 'backward';
    const lower = text.toLowerCase();
    if (lower !== 'forward' && lower !== 'backward') throw new QueryError(`invalid direction '${text}'`);
    return lower;
  }
}

/** Nanoseconds as an integer, seconds with up to ten digits or with a fraction, or RFC 3339. */
export function parseTime(text: string, name: string): bigint {
  if (/^-?\d+$/.test(text)) return text.length <= 10 ? BigInt(text) * 1_000_000_000n : BigInt(text);
  if (/^-?\d+\.\d+$/.test(text)) {
    const [seconds, fraction] = text.split('.') as [string, string];
    return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
  }
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms))
    throw new QueryError(
      `cannot parse ${JSON.stringify(text)} as ${name}: it must be nanoseconds, seconds or RFC 3339`,
    );
  return BigInt(ms) * 1_000_000n + BigInt((match![2] ?? '').padEnd(9, '0'));
}

/** Nanoseconds of `15s`, `1d` or a number of seconds. */
export function parseSpan(text: string, name: string): number {
  const seconds = parseGoFloat(text);
  if ('value' in seconds && Number.isFinite(seconds.value)) return seconds.value * 1e9;
  const duration = parseDuration(text);
  if ('ns' in duration) return duration.ns;
  throw new QueryError(`cannot parse ${JSON.stringify(text)} to a valid duration for ${name}`);
}
