/** Protobuf bytes for tests: messages written down field by field. */

export type WireField = readonly [field: number, value: WireValue];

export type WireValue =
  | { readonly varint: number | bigint }
  | { readonly double: number }
  | { readonly text: string }
  | { readonly message: readonly WireField[] }
  | { readonly packed: readonly number[] };

/** A sint32 or sint64. */
export const zigzag = (value: number): WireValue => ({ varint: value < 0 ? -2 * value - 1 : 2 * value });

export function wireBytes(fields: readonly WireField[]): Buffer {
  return Buffer.concat(fields.flatMap(([field, value]) => encode(field, value)));
}

/** With its length before it, as a stream of messages has it. */
export function delimited(fields: readonly WireField[]): Buffer {
  const bytes = wireBytes(fields);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function encode(field: number, value: WireValue): Buffer[] {
  const tag = (wireType: number) => varint(field * 8 + wireType);
  if ('varint' in value) return [tag(0), varint(value.varint)];
  if ('double' in value) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value.double);
    return [tag(1), bytes];
  }
  const inner =
    'text' in value
      ? Buffer.from(value.text)
      : 'message' in value
        ? wireBytes(value.message)
        : Buffer.concat(value.packed.map(varint));
  return [tag(2), varint(inner.length), inner];
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
