/** Protobuf wire format (protobuf.dev/programming-guides/encoding), as far as remote write needs it. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

const decoder = new TextDecoder('utf-8', { fatal: true });

export class WireReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  end: number;
  /** Of the field that `next` found. */
  field = 0;
  wireType = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length, view?: DataView) {
    this.bytes = bytes;
    this.#view = view ?? new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.end = end;
  }

  /** Moves to the next field; false at the end. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0) throw new WireError(`illegal tag 0 at byte ${this.at}`);
    return true;
  }

  /** An unsigned varint; exact up to 2^53. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new WireError(`varint longer than ten bytes at byte ${this.at}`);
  }

  /** A varint as int64. */
  int64(): number {
    const start = this.at;
    const value = this.varint();
    if (value < 2 ** 53) return value;
    let exact = 0n;
    for (let p = start, shift = 0n; p < this.at; p++, shift += 7n) exact |= BigInt(this.bytes[p]! & 127) << shift;
    return Number(BigInt.asIntN(64, exact));
  }

  /** A zigzag varint (sint32, sint64). */
  sint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(): number {
    this.#need(8);
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  /** Whether the double at the present place has exactly these bits. */
  doubleIs(high: number, low: number): boolean {
    this.#need(8);
    return this.#view.getUint32(this.at, true) === low && this.#view.getUint32(this.at + 4, true) === high;
  }

  /** A reader of the message at the present place; this one goes on behind it. */
  message(): WireReader {
    const length = this.varint();
    this.#need(length);
    this.at += length;
    return new WireReader(this.bytes, this.at - length, this.at, this.#view);
  }

  /** Goes into the message at the present place without another reader; give the result to `leave`. */
  enter(): number {
    const outerEnd = this.end;
    const length = this.varint();
    this.#need(length);
    this.end = this.at + length;
    return outerEnd;
  }

  /** Goes on behind the message that `enter` went into. */
  leave(outerEnd: number): void {
    this.at = this.end;
    this.end = outerEnd;
  }

  text(): string {
    const length = this.varint();
    this.#need(length);
    this.at += length;
    try {
      return decoder.decode(this.bytes.subarray(this.at - length, this.at));
    } catch {
      throw new WireError(`invalid UTF-8 at byte ${this.at - length}`);
    }
  }

  /** Numbers of a repeated field, packed or not. */
  repeated(read: (reader: WireReader) => number, out: number[]): void {
    if (this.wireType !== 2) {
      out.push(read(this));
      return;
    }
    const inner = this.message();
    while (inner.at < inner.end) out.push(read(inner));
  }

  skip(): void {
    switch (this.wireType) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#need(8);
        this.at += 8;
        return;
      case 2:
        this.message();
        return;
      case 5:
        this.#need(4);
        this.at += 4;
        return;
      default:
        throw new WireError(`wire type ${this.wireType} at byte ${this.at} is not supported`);
    }
  }

  #byte(): number {
    this.#need(1);
    return this.bytes[this.at++]!;
  }

  #need(count: number): void {
    if (this.at + count > this.end) throw new WireError(`unexpected end of data at byte ${this.at}`);
  }
}
