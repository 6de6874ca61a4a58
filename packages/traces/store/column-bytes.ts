/** Columns one after the other in one buffer, each on an 8-byte boundary (docs/format/traces-span-block.md). */

import { StorageError } from '@mario/storage';

const HEAD_BYTES = 8;

type Column = Uint8Array | Uint32Array | Float64Array | BigUint64Array | BigInt64Array;

export class ColumnWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** Raw bytes without a length; a multiple of 8. */
  header(bytes: Uint8Array): void {
    this.#push(bytes);
  }

  column(values: Column): void {
    const head = new Uint8Array(HEAD_BYTES);
    new DataView(head.buffer).setUint32(0, values.byteLength, true);
    this.#push(head);
    this.#push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const rest = values.byteLength % 8;
    if (rest !== 0) this.#push(new Uint8Array(8 - rest));
  }

  /** The whole, in one buffer. */
  bytes(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }
}

/** Views the columns in place: the bytes must start on an 8-byte boundary of their buffer and must not change. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#at = start;
  }

  u8(): Uint8Array {
    const length = this.#next(1);
    return this.#bytes.subarray(this.#at - padded(length), this.#at - padded(length) + length);
  }

  /** `count` is the number of elements that the column must have; absent, any. */
  u32(count?: number): Uint32Array {
    const length = this.#next(4);
    return this.#checked(new Uint32Array(this.#bytes.buffer, this.#start(length), length / 4), count);
  }

  f64(): Float64Array {
    const length = this.#next(8);
    return new Float64Array(this.#bytes.buffer, this.#start(length), length / 8);
  }

  u64(count?: number): BigUint64Array {
    const length = this.#next(8);
    return this.#checked(new BigUint64Array(this.#bytes.buffer, this.#start(length), length / 8), count);
  }

  i64(): BigInt64Array {
    const length = this.#next(8);
    return new BigInt64Array(this.#bytes.buffer, this.#start(length), length / 8);
  }

  #start(length: number): number {
    return this.#bytes.byteOffset + this.#at - padded(length);
  }

  #next(elementBytes: number): number {
    if (this.#at + HEAD_BYTES > this.#bytes.length) throw damagedBlock('a column is missing');
    const length = this.#view.getUint32(this.#at, true);
    this.#at += HEAD_BYTES + padded(length);
    if (length % elementBytes !== 0 || this.#at > this.#bytes.length) throw damagedBlock('a column does not fit');
    return length;
  }

  #checked<T extends { readonly length: number }>(column: T, count: number | undefined): T {
    if (count !== undefined && column.length !== count) throw damagedBlock('a column has a wrong length');
    return column;
  }
}

export function damagedBlock(how: string): StorageError {
  return new StorageError('STORAGE_CORRUPT', `A block of spans is damaged: ${how}.`);
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
