/** Any protobuf message as a tree, without its schema, so that tests can compare two encodings of the same data. */

export type Decoded = string | { readonly [field: string]: readonly Decoded[] };

/**
 * A message as nested objects, guessing that length-delimited content which parses as a message is one: enough to
 * compare two encodings of the same data whatever the order of fields and the padding of lengths.
 */
export function decode(bytes: Uint8Array): Decoded {
  const fields: Record<string, Decoded[]> = {};
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new Error('truncated');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const type = tag & 7;
    const field = `${tag >> 3}:${type}`;
    if (tag >> 3 === 0) throw new Error('no field 0');
    let value: Decoded;
    if (type === 0) value = String(varint());
    else if (type === 1) value = hex(bytes.subarray(at, (at += 8)));
    else if (type === 5) value = hex(bytes.subarray(at, (at += 4)));
    else if (type === 2) value = content(Number(varint()));
    else throw new Error(`type ${type}`);
    if (at > bytes.length) throw new Error('truncated');
    // Zero may be written or left out (proto3).
    if (!/^0+$/.test(String(value)) || type === 2) (fields[field] ??= []).push(value);
  }
  return fields;

  function content(length: number): Decoded {
    const slice = bytes.subarray(at, at + length);
    if (slice.length < length) throw new Error('truncated');
    at += length;
    try {
      return decode(slice);
    } catch {
      return hex(slice);
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
