// Writes the protobuf wire format into one growing buffer.
import { WireType } from '../decode/wire-reader.ts';

const initialBytes = 4096;
/** Shorter ASCII strings are copied here, longer ones by Node's own encoder. */
const shortStringMax = 24;

export class WireWriter {
  private bytes: Buffer = Buffer.allocUnsafe(initialBytes);
  private view: DataView = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  private pos = 0;

  /** What was written, in memory of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.pos));
    this.pos = 0;
    return taken;
  }

  /** Starts a nested message; give the result to `end`. */
  begin(field: number): number {
    this.tag(field, WireType.bytes);
    this.reserve(1);
    return ++this.pos;
  }

  /**
   * Ends a nested message: its length, for which `begin` left one byte, is written before it. Most messages are shorter
   * than 128 bytes; the others are moved to make room.
   */
  end(start: number): void {
    const length = this.pos - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    const more = varintBytes(length) - 1;
    this.reserve(more);
    this.bytes.copyWithin(start + more, start, this.pos);
    const end = this.pos + more;
    this.pos = start - 1;
    this.varint(length);
    this.pos = end;
  }

  tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  /** A number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.bytes[this.pos++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.bytes[this.pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.pos++] = rest;
  }

  /** A varint field; 0 is left out, as proto3 does. */
  u32(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, WireType.varint);
    this.varint(value);
  }

  /** A signed 64-bit varint field, 0 included. */
  int64(field: number, value: number | bigint): void {
    this.tag(field, WireType.varint);
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    this.reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.bytes[this.pos++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.pos++] = Number(rest);
  }

  /** A signed 32-bit field in zigzag form; 0 is left out. */
  sint32(field: number, value: number): void {
    this.u32(field, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** A fixed64 field; 0 is left out. */
  word64(field: number, value: bigint): void {
    if (value !== 0n) this.word64Always(field, value);
  }

  word64Always(field: number, value: bigint): void {
    this.tag(field, WireType.fixed64);
    this.reserve(8);
    this.view.setBigUint64(this.pos, BigInt.asUintN(64, value), true);
    this.pos += 8;
  }

  /** A fixed64 field that is held as a number; 0 is left out. */
  count64(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, WireType.fixed64);
    this.rawCount64(value);
  }

  /** A fixed64 without a tag, as packed fields have them. */
  rawCount64(value: number): void {
    this.reserve(8);
    this.view.setUint32(this.pos, value % 4294967296, true);
    this.view.setUint32(this.pos + 4, value / 4294967296, true);
    this.pos += 8;
  }

  /** A double field, 0 included. */
  double(field: number, value: number): void {
    this.tag(field, WireType.fixed64);
    this.rawDouble(value);
  }

  rawDouble(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** A fixed32 field; 0 is left out. */
  fixed32(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, WireType.fixed32);
    this.reserve(4);
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  /** A string field; '' is left out. */
  string(field: number, text: string): void {
    if (text !== '') this.stringAlways(field, text);
  }

  stringAlways(field: number, text: string): void {
    const start = this.begin(field);
    // Three bytes are the most that one UTF-16 unit takes in UTF-8.
    this.reserve(text.length * 3);
    if (text.length > shortStringMax || !this.shortAscii(text)) {
      this.pos = start + this.bytes.write(text, start);
    }
    this.end(start);
  }

  /** Bytes `at` up to `at + size` of `source` as a field. */
  bytesField(field: number, source: Uint8Array, at: number, size: number): void {
    this.tag(field, WireType.bytes);
    this.varint(size);
    this.reserve(size);
    this.bytes.set(source.subarray(at, at + size), this.pos);
    this.pos += size;
  }

  private shortAscii(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.pos -= i;
        return false;
      }
      this.bytes[this.pos++] = unit;
    }
    return true;
  }

  private reserve(more: number): void {
    if (this.pos + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.pos + more));
    this.bytes.copy(grown, 0, 0, this.pos);
    this.bytes = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
