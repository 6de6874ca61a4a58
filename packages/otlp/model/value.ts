// A telemetry value (OTLP's AnyValue): its plain JavaScript form, and the column form in which batches hold it.

/**
 * The plain form. The JavaScript type tells the OTLP type: `null` is the empty value, `bigint` an integer, `number` a
 * double, `Uint8Array` bytes, an array an ArrayValue, a `Map` a KeyValueList.
 */
export type AnyValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AnyValue[]
  | ReadonlyMap<string, AnyValue>;

/** Codes of `ValueColumn.types`. */
export const ValueType = {
  empty: 0,
  string: 1,
  bool: 2,
  /** An integer that a double holds exactly (|n| ≤ 2^53 − 1). */
  int: 3,
  double: 4,
  /** An integer beyond the range of `int`. */
  bigint: 5,
  bytes: 6,
  array: 7,
  kvlist: 8,
} as const;

export type ValueTypeCode = (typeof ValueType)[keyof typeof ValueType];

/** What all value columns of one batch share. A string may occur more than once; id 0 is always ''. */
export interface ValuePool {
  readonly strings: readonly string[];
  readonly bigints: readonly bigint[];
  /** Values of the types bytes, array and kvlist. */
  readonly complex: readonly AnyValue[];
}

/**
 * Values as columns. `payload[i]` is, by `types[i]`: string: the string id; bool: 0 or 1; int, double: the number;
 * bigint: the index in `bigints`; bytes, array, kvlist: the index in `complex`; empty: 0.
 */
export interface ValueColumn extends ValuePool {
  readonly types: Uint8Array;
  readonly payload: Float64Array;
}

/** The value at `i` in its plain form. */
export function anyValue(column: ValueColumn, i: number): AnyValue {
  const payload = column.payload[i]!;
  switch (column.types[i]) {
    case ValueType.string:
      return column.strings[payload]!;
    case ValueType.bool:
      return payload !== 0;
    case ValueType.int:
      return BigInt(payload);
    case ValueType.double:
      return payload;
    case ValueType.bigint:
      return column.bigints[payload]!;
    case ValueType.bytes:
    case ValueType.array:
    case ValueType.kvlist:
      return column.complex[payload]!;
    default:
      return null;
  }
}

/**
 * The value at `i` as text, as the Collector's `AsString` writes it: strings as they are, '' for the empty value, bytes
 * in base64, arrays and maps as JSON.
 */
export function valueText(column: ValueColumn, i: number): string {
  const payload = column.payload[i]!;
  switch (column.types[i]) {
    case ValueType.string:
      return column.strings[payload]!;
    case ValueType.bool:
      return payload !== 0 ? 'true' : 'false';
    case ValueType.int:
      return String(payload);
    default:
      return anyValueText(anyValue(column, i));
  }
}

/** A plain value as text; see `valueText`. */
export function anyValueText(value: AnyValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  return anyValueJson(value);
}

/** A plain value as JSON text; integers keep all their digits, which `JSON.stringify` cannot promise. */
export function anyValueJson(value: AnyValue): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : JSON.stringify(doubleText(value));
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string' || value instanceof Uint8Array) return JSON.stringify(anyValueText(value));
  if (value instanceof Map) {
    const parts: string[] = [];
    for (const [key, item] of value) parts.push(`${JSON.stringify(key)}:${anyValueJson(item)}`);
    return `{${parts.join(',')}}`;
  }
  return `[${(value as readonly AnyValue[]).map(anyValueJson).join(',')}]`;
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
