// XXH64 with seed 0 over bytes, as the real server hashes label sets: limit_ratio picks series by this number.
import { compareStrings, type Labels } from './labels.ts';

const MASK = 0xffffffffffffffffn;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const rotate = (x: bigint, n: bigint): bigint => ((x << n) | (x >> (64n - n))) & MASK;
const round = (acc: bigint, input: bigint): bigint => (rotate((acc + input * P2) & MASK, 31n) * P1) & MASK;
const merge = (acc: bigint, value: bigint): bigint => (((acc ^ round(0n, value)) & MASK) * P1 + P4) & MASK;

/** Hash of a byte string (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, XXH64). */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length;
  let at = 0;
  let hash: bigint;
  if (length >= 32) {
    let [v1, v2, v3, v4] = [(P1 + P2) & MASK, P2, 0n, (MASK + 1n - P1) & MASK];
    for (; at + 32 <= length; at += 32) {
      v1 = round(v1, view.getBigUint64(at, true));
      v2 = round(v2, view.getBigUint64(at + 8, true));
      v3 = round(v3, view.getBigUint64(at + 16, true));
      v4 = round(v4, view.getBigUint64(at + 24, true));
    }
    hash = (rotate(v1, 1n) + rotate(v2, 7n) + rotate(v3, 12n) + rotate(v4, 18n)) & MASK;
    for (const v of [v1, v2, v3, v4]) hash = merge(hash, v);
  } else {
    hash = P5;
  }
  hash = (hash + BigInt(length)) & MASK;
  for (; at + 8 <= length; at += 8) {
    hash ^= round(0n, view.getBigUint64(at, true));
    hash = (rotate(hash, 27n) * P1 + P4) & MASK;
  }
  if (at + 4 <= length) {
    hash ^= (BigInt(view.getUint32(at, true)) * P1) & MASK;
    hash = (rotate(hash, 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < length; at++) {
    hash ^= (BigInt(bytes[at]!) * P5) & MASK;
    hash = (rotate(hash, 11n) * P1) & MASK;
  }
  hash ^= hash >> 33n;
  hash = (hash * P2) & MASK;
  hash ^= hash >> 29n;
  hash = (hash * P3) & MASK;
  return hash ^ (hash >> 32n);
}

const encoder = new TextEncoder();

/** Hash of a label set: every name and value, sorted by name, each preceded by its length (1 byte, or 255 and 3). */
export function hashLabels(labels: Labels): bigint {
  const entries = [...labels].sort((a, b) => compareStrings(a[0], b[0]));
  const bytes: number[] = [];
  for (const entry of entries) {
    for (const text of entry) {
      const encoded = encoder.encode(text);
      if (encoded.length < 255) bytes.push(encoded.length);
      else bytes.push(255, encoded.length & 255, (encoded.length >> 8) & 255, (encoded.length >> 16) & 255);
      for (const byte of encoded) bytes.push(byte);
    }
  }
  return xxhash64(Uint8Array.from(bytes));
}
