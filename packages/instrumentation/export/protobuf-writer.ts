/** Writes protobuf fields into one growing buffer; as much of the format as OTLP metrics need. */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
/** Lengths are written after their content into five bytes kept free, so nothing is measured or copied twice. */
const LENGTH_BYTES = 5;

export class ProtobufWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** The bytes written; valid until the writer is used again. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  message(field: number, write: () => void): void {
    this.#tag(field, BYTES);
    this.#reserve(LENGTH_BYTES);
    const lengthAt = this.#at;
    this.#at += LENGTH_BYTES;
    write();
    this.#writeLength(lengthAt, this.#at - lengthAt - LENGTH_BYTES);
  }

  string(field: number, text: string): void {
    if (text === '') return;
    const length = Buffer.byteLength(text);
    this.#tag(field, BYTES);
    this.#varint(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(text, this.#at);
  }

  hex(field: number, text: string): void {
    this.#tag(field, BYTES);
    this.#varint(text.length / 2);
    this.#reserve(text.length / 2);
    this.#at += this.#buffer.write(text, this.#at, 'hex');
  }

  bool(field: number, value: boolean): void {
    this.#tag(field, VARINT);
    this.#varint(value ? 1 : 0);
  }

  /** Enums and counts up to 2^53. */
  uint(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** int64; negative numbers take the ten bytes of their two's complement. */
  int(field: number, value: number): void {
    this.#tag(field, VARINT);
    if (value >= 0) {
      this.#varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    this.#reserve(10);
    while (rest > 127n) {
      this.#buffer[this.#at++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  sfixed64(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#at = this.#buffer.writeBigInt64LE(BigInt(Math.trunc(value)), this.#at);
  }

  /** Whole nanoseconds out of seconds and nanoseconds. */
  timestamp(field: number, seconds: number, nanos: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#at = this.#buffer.writeBigUInt64LE(BigInt(seconds) * 1_000_000_000n + BigInt(Math.floor(nanos)), this.#at);
  }

  packedFixed64(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    this.#tag(field, BYTES);
    this.#varint(values.length * 8);
    this.#reserve(values.length * 8);
    for (const value of values) {
      this.#at = this.#buffer.writeUInt32LE(value % 2 ** 32, this.#at);
      this.#at = this.#buffer.writeUInt32LE(Math.floor(value / 2 ** 32), this.#at);
    }
  }

  packedDouble(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    this.#tag(field, BYTES);
    this.#varint(values.length * 8);
    this.#reserve(values.length * 8);
    for (const value of values) this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at++] = rest;
  }

  /** A varint padded to five bytes is valid protobuf: every reader takes continuation bytes of zero. */
  #writeLength(at: number, length: number): void {
    for (let byte = 0; byte < LENGTH_BYTES - 1; byte += 1) {
      this.#buffer[at + byte] = ((length >>> (7 * byte)) & 127) | 128;
    }
    this.#buffer[at + LENGTH_BYTES - 1] = length >>> 28;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}
