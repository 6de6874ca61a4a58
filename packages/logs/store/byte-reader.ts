/** Reads what ByteWriter wrote. Every read is held against the end: bytes come from the disk. */

export class FormatError extends Error {}

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count < 0 || at + count > this.#bytes.length)
      throw new FormatError(`${count} bytes wanted at ${at} of ${this.#bytes.length}`);
    this.#at = at + count;
    return at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  i64(): bigint {
    return this.#bytes.readBigInt64LE(this.#take(8));
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 56; factor *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new FormatError('a number is longer than 8 bytes');
  }

  text(): string {
    const length = this.varint();
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }
}
