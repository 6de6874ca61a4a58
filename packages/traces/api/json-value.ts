/** OTLP values as Tempo's JSON writes them (protobuf's JSON form: integers as strings, bytes in base64). */

import type { AnyValue } from '@mario/otlp';
import { Keyword, Several, type Value, valueText } from '../traceql/value.ts';

export type Json = Readonly<Record<string, unknown>>;

export function anyValueToJson(value: AnyValue): Json {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: doubleToJson(value) };
  if (value instanceof Uint8Array) return { bytesValue: base64(value) };
  if (value instanceof Map) {
    const values = [...value].map(([key, item]) => ({ key, value: anyValueToJson(item) }));
    return { kvlistValue: { values } };
  }
  return { arrayValue: { values: (value as readonly AnyValue[]).map(anyValueToJson) } };
}

/** A query's value. Numbers have lost whether they were integers; whole ones are written as such. */
export function valueToJson(value: Value): Json {
  if (value === undefined) return { stringValue: 'nil' };
  if (value instanceof Keyword) return { stringValue: value.name };
  if (value instanceof Several) {
    return value.negatesAll ? { arrayValue: { values: value.values.map(valueToJson) } } : valueToJson(value.values[0]);
  }
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: doubleToJson(value) };
  }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: valueText(value) };
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** JSON has no NaN and no infinities; protobuf's JSON form writes them as strings. */
function doubleToJson(value: number): number | string {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
