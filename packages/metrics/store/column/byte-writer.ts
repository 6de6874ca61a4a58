/** A growing buffer for little-endian numbers. */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  /** Over `bytes`, which change when the buffer grows: for loops that reserve once and write by themselves. */
  view: DataView;

  /** `memory`: a size, or the bytes of a writer that is not used any more. */
  constructor(memory: number | Uint8Array<ArrayBuffer> = 1024) {
    this.bytes = typeof memory === 'number' ? new Uint8Array(memory) : memory;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  i32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** An unsigned integer below 2^53 in `width` bytes. */
  uint(value: number, width: number): void {
    this.reserve(8);
    let low = value >>> 0;
    let high = (value - low) / 4294967296;
    for (let i = 0; i < width; i++) {
      this.bytes[this.length++] = low & 255;
      low = (low >>> 8) | ((high & 255) << 24);
      high = high >>> 8;
    }
  }

  raw(data: Uint8Array): void {
    this.reserve(data.length);
    this.bytes.set(data, this.length);
    this.length += data.length;
  }

  /** Length (u32) and UTF-8. */
  text(text: string): void {
    this.reserve(4 + 3 * text.length);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(this.length + 4));
    this.u32(written);
    this.length += written;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }
}

const encoder = new TextEncoder();
