/** Reads and checks the parameters of Tempo's API. */

import type { ScanRange } from '../store/scan.ts';
import { parseTraceId } from '../store/trace-id.ts';
import { parseDurationNs } from '../traceql/duration.ts';
import { badRequest } from './api-error.ts';

export type Parameters = Readonly<Record<string, string | undefined>>;

/** One value a name: the first, as Go's url.Values.Get. */
export function parametersOf(query: unknown): Parameters {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'string') found[name] = first;
  }
  return found;
}

/** A whole number, or undefined when the parameter is absent or empty. */
export function integerOf(parameters: Parameters, name: string): number | undefined {
  const text = parameters[name];
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`invalid ${name}: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** A whole number from `least` on, with a default. */
export function countOf(parameters: Parameters, name: string, least: number, otherwise: number): number {
  const value = integerOf(parameters, name);
  if (value === undefined) return otherwise;
  if (value < least)
    throw badRequest(`invalid ${name}: must be ${least === 0 ? 'a non-negative' : 'a positive'} number`);
  return value;
}

/** `start` and `end` in Unix seconds; without them, all time. `durationMsMax` 0 is no limit. */
export function rangeOf(parameters: Parameters, durationMsMax = 0): ScanRange {
  const start = integerOf(parameters, 'start');
  const end = integerOf(parameters, 'end');
  if (start === undefined && end === undefined) return { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  if (start !== undefined && end !== undefined) {
    if (start >= end) {
      throw badRequest(`http parameter start must be before end. received start=${start} end=${end}`);
    }
    if (durationMsMax > 0 && (end - start) * 1000 > durationMsMax) {
      const hours = durationMsMax / 3_600_000;
      throw badRequest(`range specified by start and end exceeds ${hours}h0m0s. received start=${start} end=${end}`);
    }
  }
  return { fromMs: (start ?? 0) * 1000, toMs: end === undefined ? Number.MAX_SAFE_INTEGER : end * 1000 };
}

/** A duration in Go's form, in nanoseconds. */
export function durationOf(parameters: Parameters, name: string): number | undefined {
  const text = parameters[name];
  if (text === undefined || text === '') return undefined;
  const value = parseDurationNs(text);
  if (value === undefined) throw badRequest(`invalid ${name}: time: invalid duration ${JSON.stringify(text)}`);
  return value;
}

/** A time in Unix seconds (with a fraction), milliseconds, microseconds, nanoseconds or RFC 3339, as nanoseconds. */
export function timeNsOf(parameters: Parameters, name: string): bigint | undefined {
  const text = parameters[name];
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) {
    // More than ten digits are no seconds before the year 2286; Grafana sends nanoseconds.
    const unit = text.length > 16 ? 1n : text.length > 13 ? 1_000n : text.length > 11 ? 1_000_000n : 1_000_000_000n;
    return BigInt(text) * unit;
  }
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return BigInt(Math.round(seconds * 1e6)) * 1000n;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw badRequest(`could not parse '${name}' parameter: ${JSON.stringify(text)} is no time`);
  return BigInt(ms) * 1_000_000n;
}

/** The trace id of a path, with Tempo's messages for what is none. */
export function traceIdOf(text: string): Uint8Array {
  const bad = text.search(/[^0-9a-fA-F]/);
  if (bad >= 0) {
    throw badRequest(
      `trace IDs can only contain hex characters: invalid character '${text[bad]}' at position ${bad + 1}`,
    );
  }
  if (text.length > 32) throw badRequest("trace IDs can't be larger than 128 bits");
  const id = parseTraceId(text);
  if (id === undefined) throw badRequest('please provide a traceID');
  return id;
}
