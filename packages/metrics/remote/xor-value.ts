/** A sequence of doubles in which each is written as its difference in bits to the one before (Gorilla, VLDB 2015). */
import type { BitWriter } from './bit-writer.ts';

/** Patterns of NaN that readers tell apart (model/value). */
const STALE = { high: 0x7ff00000, low: 2 };
const NORMAL_NAN = { high: 0x7ff80000, low: 1 };

/** Five bits tell it. */
const LEADING_MAX = 31;

const view = new DataView(new ArrayBuffer(8));

export class XorValue {
  #high = 0;
  #low = 0;
  /** Zeros before and after the last difference; -1 while there was none. */
  #leading = -1;
  #trailing = 0;

  /** The first value, in full. */
  first(writer: BitWriter, value: number, stale: boolean): void {
    this.#leading = -1;
    [this.#high, this.#low] = bitsOf(value, stale);
    writer.bits64(this.#high, this.#low, 64);
  }

  next(writer: BitWriter, value: number, stale: boolean): void {
    const [high, low] = bitsOf(value, stale);
    const [differentHigh, differentLow] = [(high ^ this.#high) >>> 0, (low ^ this.#low) >>> 0];
    [this.#high, this.#low] = [high, low];
    if (differentHigh === 0 && differentLow === 0) {
      writer.bits(0, 1);
      return;
    }
    const leading = Math.min(LEADING_MAX, differentHigh !== 0 ? Math.clz32(differentHigh) : 32);
    const trailing = differentLow !== 0 ? trailingZeros(differentLow) : 32 + trailingZeros(differentHigh);
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= this.#trailing) writer.bits(0b10, 2);
    else {
      [this.#leading, this.#trailing] = [leading, trailing];
      writer.bits(0b11, 2);
      writer.bits(leading, 5);
      // 64 does not fit and is written as 0, which does not occur otherwise.
      writer.bits((64 - leading - trailing) & 63, 6);
    }
    this.#write(writer, differentHigh, differentLow);
  }

  #write(writer: BitWriter, high: number, low: number): void {
    const shift = this.#trailing;
    const count = 64 - this.#leading - shift;
    if (shift === 0) writer.bits64(high, low, count);
    else if (shift < 32) writer.bits64(high >>> shift, (low >>> shift) | (high << (32 - shift)), count);
    else writer.bits64(0, high >>> (shift - 32), count);
  }
}

function bitsOf(value: number, stale: boolean): [high: number, low: number] {
  if (stale) return [STALE.high, STALE.low];
  if (Number.isNaN(value)) return [NORMAL_NAN.high, NORMAL_NAN.low];
  view.setFloat64(0, value);
  return [view.getUint32(0), view.getUint32(4)];
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
