/**
 * A snappy block (google/snappy, format_description.txt) that is compressed while its content is still being made: the
 * elements of pieces can stand one after the other, as copies reach back only within their piece; only the length of the
 * whole, which comes first, has to wait.
 */
import { compress } from 'snappyjs';

/** Compressed in one go: a few milliseconds of processor. */
const PIECE_BYTES = 256 * 1024;

/** Literals up to this length have one byte before them. */
const SHORT_LITERAL_MAX = 60;

export class SnappyPieces {
  readonly #pieces: Uint8Array[] = [];
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sizeBytes = 0;

  /** Before compression. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The bytes must not change afterwards. True when pieces were compressed, which took time. */
  add(bytes: Uint8Array): boolean {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#sizeBytes += bytes.length;
    if (this.#waitingBytes < PIECE_BYTES) return false;
    this.#compress();
    return true;
  }

  /** Everything that was added, as elements without the length in front. */
  elements(): readonly Uint8Array[] {
    this.#compress();
    return this.#pieces;
  }

  #compress(): void {
    if (this.#waitingBytes === 0) return;
    const all = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (let at = 0; at < all.length; at += PIECE_BYTES) {
      const block = compress(all.subarray(at, at + PIECE_BYTES));
      let start = 0;
      while (block[start]! > 127) start++;
      this.#pieces.push(block.subarray(start + 1));
    }
  }
}

/** A few bytes as one element, uncompressed. */
export function shortLiteral(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || bytes.length > SHORT_LITERAL_MAX) {
    throw new Error(`BUG: ${bytes.length} bytes are no short literal`);
  }
  return Uint8Array.from([(bytes.length - 1) << 2, ...bytes]);
}

/** A block of elements that hold `sizeBytes` together. */
export function joinElements(sizeBytes: number, elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat([varintBytes(sizeBytes), ...elements]);
}

export function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
