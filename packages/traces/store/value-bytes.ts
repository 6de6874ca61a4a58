/** Complex attribute values as bytes (docs/format/traces-span-block.md): rare, so written for clarity. */

import type { AnyValue } from '@mario/otlp';
import { damagedBlock } from './column-bytes.ts';

const NESTING_MAX = 64;

export function encodeValues(values: readonly AnyValue[]): Uint8Array {
  const parts: Buffer[] = [u32(values.length)];
  for (const value of values) encode(value, parts, 0);
  return Buffer.concat(parts);
}

export function decodeValues(bytes: Uint8Array): AnyValue[] {
  const reader = new ValueReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return reader.list(() => reader.value(0));
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Uint8Array.of(tag), ...parts]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function encode(value: AnyValue, parts: Buffer[], depth: number): void {
  if (depth > NESTING_MAX) parts.push(tagged(0));
  else if (value === null) parts.push(tagged(0));
  else if (typeof value === 'string') parts.push(tagged(1, text(value)));
  else if (typeof value === 'boolean') parts.push(tagged(2, Uint8Array.of(value ? 1 : 0)));
  else if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt.asIntN(64, value));
    parts.push(tagged(3, bytes));
  } else if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    parts.push(tagged(4, bytes));
  } else if (value instanceof Uint8Array) parts.push(tagged(5, u32(value.length), value));
  else if (value instanceof Map) {
    parts.push(tagged(7, u32(value.size)));
    for (const [key, item] of value) {
      parts.push(text(key));
      encode(item, parts, depth + 1);
    }
  } else {
    const items = value as readonly AnyValue[];
    parts.push(tagged(6, u32(items.length)));
    for (const item of items) encode(item, parts, depth + 1);
  }
}

class ValueReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  list<T>(item: () => T): T[] {
    const count = this.#take(4).readUInt32LE();
    if (count > this.#bytes.length) throw damagedBlock('a value list is too long');
    return Array.from({ length: count }, item);
  }

  value(depth: number): AnyValue {
    if (depth > NESTING_MAX) throw damagedBlock('a value is nested too deeply');
    switch (this.#take(1)[0]) {
      case 0:
        return null;
      case 1:
        return this.#text();
      case 2:
        return this.#take(1)[0] === 1;
      case 3:
        return this.#take(8).readBigInt64LE();
      case 4:
        return this.#take(8).readDoubleLE();
      case 5:
        return new Uint8Array(this.#take(this.#take(4).readUInt32LE()));
      case 6:
        return this.list(() => this.value(depth + 1));
      case 7:
        return new Map(this.list(() => [this.#text(), this.value(depth + 1)] as const));
      default:
        throw damagedBlock('a value has an unknown tag');
    }
  }

  #text(): string {
    return this.#take(this.#take(4).readUInt32LE()).toString();
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw damagedBlock('a value is cut');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
