/** Reads a push as Promtail, Alloy and the Docker driver send it: logproto.PushRequest in protobuf, compressed by snappy. */
import { decompressSnappy } from '@mario/otlp';
import { type Label, sanitizeLabelName, sortLabels } from '../logql/labels.ts';
import { ByteReader, FormatError } from '../store/byte-reader.ts';
import type { PushEntry, PushStream } from '../store/push.ts';
import { PushError } from './push-error.ts';
import { parseStreamLabels } from './stream-labels.ts';

const WIRE_VARINT = 0;
const WIRE_64 = 1;
const WIRE_BYTES = 2;
const WIRE_32 = 5;

export function parsePushProtobuf(body: Uint8Array, bytesMax: number): readonly PushStream[] {
  let bytes: Uint8Array;
  try {
    bytes = decompressSnappy(body, bytesMax);
  } catch (error) {
    throw new PushError(`snappy: corrupt input: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  try {
    const streams: PushStream[] = [];
    eachField(bytes, (field, value) => {
      if (field === 1 && value instanceof Uint8Array) streams.push(readStream(value));
    });
    return streams;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new PushError(`proto: cannot parse push request: ${error.message}`, { cause: error });
  }
}

/** Calls back with each field of a message; unknown ones are for the caller to ignore. */
function eachField(bytes: Uint8Array, visit: (field: number, value: number | Uint8Array) => void): void {
  const reader = new ByteReader(bytes);
  while (reader.remaining > 0) {
    const tag = reader.varint();
    const wire = tag & 7;
    const field = tag >>> 3;
    if (field === 0) throw new FormatError('field number 0');
    if (wire === WIRE_VARINT) visit(field, readInteger(reader));
    else if (wire === WIRE_BYTES) visit(field, reader.bytes(reader.varint()));
    else if (wire === WIRE_64) reader.bytes(8);
    else if (wire === WIRE_32) reader.bytes(4);
    else throw new FormatError(`wire type ${wire}`);
  }
}

/** Ten bytes at most; negative numbers come as 64-bit two's complement. */
function readInteger(reader: ByteReader): number {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.u8();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return Number(BigInt.asIntN(64, value));
  }
  throw new FormatError('a number is longer than ten bytes');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function text(value: number | Uint8Array): string {
  if (typeof value === 'number') throw new FormatError('a number where a text must be');
  try {
    return utf8.decode(value);
  } catch {
    throw new FormatError('a text is not valid UTF-8');
  }
}

function readStream(bytes: Uint8Array): PushStream {
  let labels = '{}';
  const entries: PushEntry[] = [];
  eachField(bytes, (field, value) => {
    if (field === 1) labels = text(value);
    else if (field === 2 && value instanceof Uint8Array) entries.push(readEntry(value));
  });
  return { labels: parseStreamLabels(labels), entries };
}

function readEntry(bytes: Uint8Array): PushEntry {
  let timeNs = 0n;
  let line = '';
  const metadata: Label[] = [];
  eachField(bytes, (field, value) => {
    if (field === 1 && value instanceof Uint8Array) timeNs = readTimestamp(value);
    else if (field === 2) line = text(value);
    else if (field === 3 && value instanceof Uint8Array) metadata.push(readLabel(value));
  });
  return { timeNs, line, metadata: sortLabels(metadata) };
}

function readTimestamp(bytes: Uint8Array): bigint {
  let seconds = 0;
  let nanos = 0;
  eachField(bytes, (field, value) => {
    if (typeof value !== 'number') return;
    if (field === 1) seconds = value;
    else if (field === 2) nanos = value;
  });
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

function readLabel(bytes: Uint8Array): Label {
  let name = '';
  let value = '';
  eachField(bytes, (field, content) => {
    if (field === 1) name = text(content);
    else if (field === 2) value = text(content);
  });
  return [sanitizeLabelName(name), value];
}
