/**
 * JSON as the real server writes it (util/jsonutil): sample values are strings of Go's shortest float, times are
 * numbers of seconds with no or three decimals, histograms are lists of buckets.
 */
import { allBuckets, type Bucket, type FloatHistogram } from '../model/histogram.ts';

/** Go's `strconv.FormatFloat(v, 'f' or 'e', -1, 64)` with `e` below 1e-6 and from 1e21 on. */
export function formatSample(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return Object.is(value, -0) ? '-0' : String(value);
  const size = Math.abs(value);
  // Between these JavaScript writes no exponent either.
  if (size >= 1e-6 && size < 1e21) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = String(value);
  const exponent = text.indexOf('e');
  if (exponent < 0) return text;
  // JavaScript writes 1e-7 where Go writes 1e-07.
  const digits = text.slice(exponent + 2);
  return digits.length > 1 ? text : `${text.slice(0, exponent + 2)}0${digits}`;
}

/** Seconds: `1435781451.781`, `1435781451`. */
export function formatTimestamp(timestampMs: number): string {
  const whole = Math.trunc(timestampMs / 1000);
  const fraction = Math.abs(Math.round(timestampMs - whole * 1000));
  if (fraction === 0) return String(whole);
  const sign = timestampMs < 0 && whole === 0 ? '-' : '';
  return `${sign}${whole}.${String(fraction).padStart(3, '0')}`;
}

/** `{"count":"3","sum":"4","buckets":[[0,"1","2","3"]]}`; empty buckets are left out. */
export function formatHistogram(histogram: FloatHistogram): string {
  const buckets = allBuckets(histogram)
    .filter(({ count }) => count !== 0)
    .map((bucket) => {
      const { lower, upper, count } = bucket;
      return `[${boundaryRule(bucket)},"${formatSample(lower)}","${formatSample(upper)}","${formatSample(count)}"]`;
    });
  const list = buckets.length > 0 ? `,"buckets":[${buckets.join(',')}]` : '';
  return `{"count":"${formatSample(histogram.count)}","sum":"${formatSample(histogram.sum)}"${list}}`;
}

/** 0: open left, 1: open right, 2: open both, 3: closed both. */
function boundaryRule({ lowerInclusive, upperInclusive }: Bucket): number {
  if (lowerInclusive) return upperInclusive ? 3 : 1;
  return upperInclusive ? 0 : 2;
}

/** Go's encoding/json escapes these three for HTML; clients that compare bytes expect it. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `2026-01-31T18:00:00.123Z`; Go's zero time when there is none. */
export function goTime(timestampMs: number): string {
  if (timestampMs === 0) return '0001-01-01T00:00:00Z';
  return new Date(timestampMs).toISOString().replace(/\.?0+Z$/, 'Z');
}

/** Go's `time.Duration.String`: `15s`, `1m30s`, `1h0m0s`. */
export function goDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  if (Math.abs(durationMs) < 1000) return `${durationMs}ms`;
  const hours = Math.trunc(durationMs / 3_600_000);
  const minutes = Math.trunc((durationMs % 3_600_000) / 60_000);
  const seconds = (durationMs % 60_000) / 1000;
  if (hours !== 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}
