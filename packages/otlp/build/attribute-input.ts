// How the builders take attributes: plain objects, as one writes them in a test or a small producer.
import { writeHexId } from '../model/id.ts';
import type { AnyValue } from '../model/value.ts';

/** A value; a whole `number` stands for an integer (wrap it in `double` when it is not meant so). */
export type ValueInput =
  | null
  | string
  | boolean
  | bigint
  | number
  | Double
  | Uint8Array
  | readonly ValueInput[]
  | ReadonlyMap<string, ValueInput>
  | { readonly [key: string]: ValueInput };

export type AttributesInput = { readonly [key: string]: ValueInput } | ReadonlyMap<string, ValueInput>;

/** A number that is a double although it is whole. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export function double(value: number): Double {
  return new Double(value);
}

/** An input value in its plain form (see `AnyValue`). */
export function plainValue(input: ValueInput): AnyValue {
  if (typeof input === 'number') return Number.isSafeInteger(input) ? BigInt(input) : input;
  if (input === null || typeof input !== 'object' || input instanceof Uint8Array) return input;
  if (input instanceof Double) return input.value;
  if (Array.isArray(input)) return (input as readonly ValueInput[]).map(plainValue);
  return new Map(plainAttributes(input as AttributesInput));
}

/** Attributes in their plain form, in order. */
export function plainAttributes(input: AttributesInput | undefined): [string, AnyValue][] {
  if (input === undefined) return [];
  const entries = input instanceof Map ? [...input] : Object.entries(input as { [key: string]: ValueInput });
  return entries.map(([key, value]) => [key, plainValue(value as ValueInput)]);
}

/** The bytes of an id given in hexadecimal or as bytes; throws when it has not `size` bytes. */
export function idBytes(id: string | Uint8Array | undefined, size: number): Uint8Array | undefined {
  if (id === undefined || id === '') return undefined;
  if (typeof id !== 'string') {
    if (id.length !== size) throw new Error(`BUG: an id of ${id.length} bytes where ${size} belong`);
    return id;
  }
  const bytes = new Uint8Array(size);
  if (!writeHexId(id, size, bytes, 0)) throw new Error(`BUG: '${id}' is not an id of ${size} bytes in hexadecimal`);
  return bytes;
}
