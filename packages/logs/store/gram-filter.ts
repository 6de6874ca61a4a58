/**
 * A bitmap of the four-byte sequences of a block's lines. A needle whose sequences are not all there is in no line, so
 * the block need not be read. One hash a sequence: long needles have many sequences, each of which must be there, so the
 * bitmap may be rather full and still say no.
 */

const GRAM_BYTES = 4;

/** 8 KiB for a block of 256 KiB: 3 % of its text, and half full for the logs that were measured. */
export const FILTER_BYTES_MAX = 8192;
const FILTER_BYTES_MIN = 64;

export function buildGramFilter(text: Uint8Array): Uint8Array {
  let size = FILTER_BYTES_MIN;
  while (size < FILTER_BYTES_MAX && size * 8 < text.length) size *= 2;
  const filter = new Uint8Array(size);
  const mask = size * 8 - 1;
  let gram = 0;
  for (let i = 0; i < text.length; i++) {
    gram = (gram << 8) | text[i]!;
    if (i < GRAM_BYTES - 1) continue;
    const bit = hash(gram) & mask;
    filter[bit >>> 3]! |= 1 << (bit & 7);
  }
  return filter;
}

/** False only when no line can contain the needle. Needles shorter than a sequence are always possible. */
export function mayContain(filter: Uint8Array, needle: Uint8Array): boolean {
  const mask = filter.length * 8 - 1;
  let gram = 0;
  for (let i = 0; i < needle.length; i++) {
    gram = (gram << 8) | needle[i]!;
    if (i < GRAM_BYTES - 1) continue;
    const bit = hash(gram) & mask;
    if ((filter[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** The finalizer of MurmurHash3: every bit of the sequence moves every bit of the hash. */
function hash(gram: number): number {
  let mixed = gram;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
