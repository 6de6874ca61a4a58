/** JSON being written as bytes: it grows, and is handed over piece by piece. */

const encoder = new TextEncoder();

/** A unit of UTF-16 takes at most three bytes of UTF-8. */
const BYTES_PER_UNIT_MAX = 3;

export class JsonBytes {
  bytes = new Uint8Array(0);
  /** How much of `bytes` is written. */
  length = 0;
  /** Of what is written at once, in the usual case. */
  readonly #capacity: number;

  constructor(capacity = 0) {
    this.#capacity = capacity;
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2, this.#capacity));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  text(text: string): void {
    this.reserve(text.length * BYTES_PER_UNIT_MAX);
    const { bytes, length } = this;
    let at = 0;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80) break;
      bytes[length + at] = unit;
    }
    if (at === text.length) {
      this.length += at;
      return;
    }
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  copy(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Gives away what is written, and begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = new Uint8Array(0);
    this.length = 0;
    return taken;
  }
}
