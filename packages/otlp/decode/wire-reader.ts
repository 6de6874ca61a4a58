// Reads the protobuf wire format: tags, varints, fixed words, length-delimited fields, and whatever is to be skipped.
import type { U8Column, Word64Column } from '../build/growable.ts';
import { DecodeError } from './decode-error.ts';
import { StringCache } from './string-cache.ts';

export const WireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** How deep groups and values may nest: the limit of Google's own parsers. */
export const depthMax = 100;

const processStrings = new StringCache();

/**
 * Positions are byte offsets in `bytes`. Readers of messages take an `end` and loop `while (pos < end)`; `nested` has
 * made sure that it lies inside the enclosing message. Every method throws `DecodeError` on malformed input.
 */
export class WireReader {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  pos = 0;
  /** Of the last `tag`. */
  wireType = 0;
  /** Halves of the last 64-bit number. */
  low = 0;
  high = 0;
  /** One dictionary for the process: decoding is synchronous, so no two readers use it at a time. */
  readonly strings = processStrings;

  begin(bytes: Uint8Array, strings: string[]): void {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
    this.strings.begin(this.bytes, strings);
  }

  /** Lets go of the input. */
  end(): void {
    this.bytes = Buffer.alloc(0);
    this.strings.release();
  }

  /** The number of the next field; its wire type is in `wireType`. */
  tag(): number {
    const tag = this.varint32();
    const field = tag >>> 3;
    this.wireType = tag & 7;
    if (field === 0) this.fail('field number 0');
    return field;
  }

  /** A varint of which only the low 32 bits are wanted. */
  varint32(): number {
    const { bytes } = this;
    const first = bytes[this.pos]!;
    if (first < 0x80) {
      this.pos++;
      return first;
    }
    this.varint64();
    return this.low;
  }

  /** A varint into `low` and `high`. */
  varint64(): void {
    const { bytes } = this;
    const start = this.pos;
    let low = 0;
    let high = 0;
    for (let i = 0, shift = 0; i < 10; i++, shift += 7) {
      const byte = bytes[start + i];
      if (byte === undefined) this.fail('truncated number');
      const bits = byte! & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte! < 0x80) {
        this.pos = start + i + 1;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    this.fail('number longer than ten bytes');
  }

  /** A signed 64-bit varint; a bigint only where a number would not be exact. */
  int64(): number | bigint {
    this.varint64();
    const high = this.high | 0;
    const number = high * 4294967296 + this.low;
    if (Number.isSafeInteger(number)) return number;
    return (BigInt(high) << 32n) | BigInt(this.low);
  }

  fixed64(): void {
    if (this.pos + 8 > this.bytes.length) this.fail('truncated 64-bit word');
    this.low = this.view.getUint32(this.pos, true);
    this.high = this.view.getUint32(this.pos + 4, true);
    this.pos += 8;
  }

  /** An unsigned 64-bit word as a number, rounded beyond 2^53. */
  fixed64Number(): number {
    this.fixed64();
    return this.high * 4294967296 + this.low;
  }

  double(): number {
    if (this.pos + 8 > this.bytes.length) this.fail('truncated double');
    const value = this.view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  fixed32(): number {
    if (this.pos + 4 > this.bytes.length) this.fail('truncated 32-bit word');
    const value = this.view.getUint32(this.pos, true);
    this.pos += 4;
    return value;
  }

  /** Reads a length and gives the end of what it delimits, which lies within `end`. */
  nested(end: number): number {
    let length = this.bytes[this.pos]!;
    if (length < 0x80) this.pos++;
    else {
      this.varint64();
      length = this.high === 0 ? this.low : Number.POSITIVE_INFINITY;
    }
    const inner = this.pos + length;
    if (inner > end) this.fail('a length that reaches beyond its message');
    return inner;
  }

  /** Reads a string field; see `StringCache.id`. */
  string(end: number, predicted: number, place: string): number {
    this.expect(WireType.bytes, place);
    const to = this.nested(end);
    const at = this.pos;
    this.pos = to;
    return this.strings.id(at, to - at, predicted, place);
  }

  /** Reads a varint field of 32 bits. */
  u32(place: string): number {
    this.expect(WireType.varint, place);
    return this.varint32();
  }

  /** Reads a fixed64 field into word `row` of a column. */
  word64(column: Word64Column, row: number, place: string): void {
    this.expect(WireType.fixed64, place);
    this.fixed64();
    column.set(row, this.low, this.high);
  }

  /** Reads an id field into entry `row` of a column; an empty one stands for an absent one, which is all zero. */
  id(column: U8Column, row: number, size: number, end: number, place: string): void {
    this.expect(WireType.bytes, place);
    const to = this.nested(end);
    const at = this.pos;
    if (to !== at) {
      if (to - at !== size) this.fail(`${to - at} bytes for ${place}, which has ${size},`);
      column.setBytes(row * size, this.bytes, at, size);
    }
    this.pos = to;
  }

  /** The length of a nested message; gives its end. */
  message(end: number, place: string): number {
    this.expect(WireType.bytes, place);
    return this.nested(end);
  }

  text(end: number, place: string): string {
    const to = this.nested(end);
    const at = this.pos;
    this.pos = to;
    return this.strings.text(at, to - at, place);
  }

  /** Checks a wire type that was not the expected one: a known field of the wrong type is refused, as Go's parser does. */
  expect(wireType: number, place: string): void {
    if (this.wireType !== wireType) {
      this.fail(`wire type ${this.wireType} for ${place}, which has ${wireType}`);
    }
  }

  /** Skips the field whose tag was just read. */
  skip(end: number, depth = 0): void {
    switch (this.wireType) {
      case WireType.varint:
        this.varint64();
        break;
      case WireType.fixed64:
        this.pos += 8;
        break;
      case WireType.bytes:
        this.pos = this.nested(end);
        break;
      case WireType.startGroup:
        this.skipGroup(end, depth + 1);
        break;
      case WireType.fixed32:
        this.pos += 4;
        break;
      default:
        this.fail(`wire type ${this.wireType}`);
    }
    if (this.pos > end) this.fail('a field that reaches beyond its message');
  }

  fail(what: string): never {
    throw new DecodeError(`malformed protobuf: ${what} at byte ${this.pos}`);
  }

  /** Called after the last field of a message: a field may not have crossed its end. */
  finish(end: number): void {
    if (this.pos !== end) this.fail('a field that reaches beyond its message');
  }

  private skipGroup(end: number, depth: number): void {
    if (depth > depthMax) this.fail(`groups nested deeper than ${depthMax}`);
    while (this.pos < end) {
      this.tag();
      if (this.wireType === WireType.endGroup) return;
      this.skip(end, depth);
    }
    this.fail('a group without an end');
  }
}
