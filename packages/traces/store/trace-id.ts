/** Trace and span ids as map keys and in sorted columns. */

import { spanIdBytes, traceIdBytes } from '@mario/otlp';

/** A trace id as a string of 16 characters of one byte each: cheap to make, ordered as the bytes are. */
export type TraceKey = string;

export function traceKey(ids: Uint8Array, row: number): TraceKey {
  return latin1(ids, row * traceIdBytes, traceIdBytes);
}

export function spanKey(ids: Uint8Array, row: number): string {
  return latin1(ids, row * spanIdBytes, spanIdBytes);
}

export function traceIdOfKey(key: TraceKey): Uint8Array {
  return new Uint8Array(Buffer.from(key, 'latin1'));
}

/** The id that Tempo's API means by a hexadecimal text: shorter ids (64 bit) are padded on the left. */
export function parseTraceId(hex: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{1,32}$/.test(hex)) return undefined;
  return new Uint8Array(Buffer.from(hex.padStart(32, '0'), 'hex'));
}

/** The row of `id` in a sorted column of ids, or -1. */
export function findTraceRow(ids: Uint8Array, id: Uint8Array): number {
  let low = 0;
  let high = ids.length / traceIdBytes - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareAt(ids, middle * traceIdBytes, id);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function compareAt(ids: Uint8Array, at: number, id: Uint8Array): number {
  for (let byte = 0; byte < traceIdBytes; byte++) {
    const difference = ids[at + byte]! - id[byte]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1');
}
