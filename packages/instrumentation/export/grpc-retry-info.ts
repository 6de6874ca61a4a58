/**
 * The delay that a server asks for in `grpc-status-details-bin`: a base64 google.rpc.Status whose details may hold a
 * google.rpc.RetryInfo (OTLP, "OTLP/gRPC Throttling"). Four nested messages, so the few bytes are walked by hand.
 */

const STATUS_DETAILS = 3;
const ANY_TYPE_URL = 1;
const ANY_VALUE = 2;
const RETRY_DELAY = 1;
const DURATION_SECONDS = 1;
const DURATION_NANOS = 2;

/** Milliseconds to wait, or undefined when the server named no delay or the bytes are malformed. */
export function retryDelayMsOf(detailsBase64: string | undefined): number | undefined {
  if (detailsBase64 === undefined) return undefined;
  for (const [field, detail] of fieldsOf(Buffer.from(detailsBase64, 'base64'))) {
    if (field !== STATUS_DETAILS || typeof detail === 'number') continue;
    const any = new Map(fieldsOf(detail));
    const type = any.get(ANY_TYPE_URL);
    const value = any.get(ANY_VALUE);
    if (!isBytes(type) || !isBytes(value)) continue;
    if (!Buffer.from(type).toString('utf8').endsWith('google.rpc.RetryInfo')) continue;
    const duration = new Map(fieldsOf(value)).get(RETRY_DELAY);
    if (!isBytes(duration)) continue;
    const parts = new Map(fieldsOf(duration));
    return Number(parts.get(DURATION_SECONDS) ?? 0) * 1000 + Number(parts.get(DURATION_NANOS) ?? 0) / 1e6;
  }
  return undefined;
}

type Field = readonly [number: number, value: number | Uint8Array];

function isBytes(value: number | Uint8Array | undefined): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** The varint and length-delimited fields of one message; a malformed rest ends the list. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    while (at < bytes.length) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    if (type === 0) {
      fields.push([Math.floor(tag / 8), varint()]);
    } else if (type === 2) {
      const length = varint();
      if (!(at + length <= bytes.length)) return fields;
      fields.push([Math.floor(tag / 8), bytes.subarray(at, at + length)]);
      at += length;
    } else {
      return fields;
    }
  }
  return fields;
}
