/** Writes numbers bit by bit, the highest bit first, as chunks of the real server hold them (tsdb/chunkenc, bstream and varbit). */

/** The first lengths of a variable number; each has one more 1 before it. */
const VARBIT_SIZES = [3, 6, 9, 12, 18, 25, 56] as const;

const TWO_TO_32 = 2 ** 32;

export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  #length = 0;
  /** Bits of the last byte that are not written yet. */
  #free = 0;

  /** What was written, in memory of its own; the last byte is filled with zeros. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    this.#free = 0;
    return taken;
  }

  /** The lowest `count` bits of `value`; at most 32. */
  bits(value: number, count: number): void {
    let left = count;
    while (left > 0) {
      if (this.#free === 0) this.#grow();
      const taken = Math.min(this.#free, left);
      const piece = (value >>> (left - taken)) & ((1 << taken) - 1);
      this.#bytes[this.#length - 1]! |= piece << (this.#free - taken);
      this.#free -= taken;
      left -= taken;
    }
  }

  /** The lowest `count` bits of a number of 64, given in halves. */
  bits64(high: number, low: number, count: number): void {
    if (count > 32) this.bits(high, count - 32);
    this.bits(low, Math.min(count, 32));
  }

  /** A whole number, exact below 2^53, in two's complement. */
  integer(value: number, count: number): void {
    this.bits64(Math.floor(value / TWO_TO_32), value, count);
  }

  /** A signed whole number; the nearer to 0, the fewer bits. */
  varbitInt(value: number): void {
    this.#varbit(value, (bits) => fitsSigned(value, bits));
  }

  varbitUint(value: number): void {
    this.#varbit(value, (bits) => value < 2 ** bits);
  }

  /** Seven bits in a byte, the lowest first, as Go's binary.PutUvarint. */
  uvarint(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.bits((rest % 128) | 128, 8);
    this.bits(rest, 8);
  }

  #varbit(value: number, fits: (bits: number) => boolean): void {
    if (value === 0) {
      this.bits(0, 1);
      return;
    }
    const at = VARBIT_SIZES.findIndex(fits);
    if (at < 0) {
      this.bits(0xff, 8);
      this.integer(value, 64);
      return;
    }
    // As many ones as the place in the list, one more, and a zero.
    this.bits(2 ** (at + 2) - 2, at + 2);
    this.integer(value, VARBIT_SIZES[at]!);
  }

  #grow(): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = 0;
    this.#free = 8;
  }
}

/** Whether a number has its place in so many bits; these ranges have one more above 0 than below. */
export function fitsSigned(value: number, bits: number): boolean {
  const half = 2 ** (bits - 1);
  return value > -half && value <= half;
}
