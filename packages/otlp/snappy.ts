// Snappy's block format, decompressed under a limit (google/snappy, format_description.txt). Our own, because the library
// at hand never ends on some malformed blocks: their literals have a negative length.
import { CorruptError, TooLargeError } from './compression.ts';

/** Throws `TooLargeError` when the block says that it holds more than `bytesMax`, `CorruptError` when it is no snappy. */
export function decompressSnappy(block: Uint8Array, bytesMax: number): Uint8Array {
  const { length, at } = uncompressedLength(block);
  if (length > bytesMax) throw new TooLargeError(`${length} bytes after decompression, at most ${bytesMax} are taken`);
  // A copy of three bytes gives at most 64: a short block that promises much more is a lie, and is not worth memory.
  if (length > block.length * 64) throw corrupt('it promises more than it can hold');
  const out = new Uint8Array(length);
  let p = at;
  let o = 0;
  while (p < block.length) {
    const tag = block[p++]!;
    if ((tag & 3) === 0) {
      const literal = literalLength(block, tag, p);
      p = literal.at;
      if (p + literal.length > block.length || o + literal.length > length)
        throw corrupt('a literal goes beyond the end');
      out.set(block.subarray(p, p + literal.length), o);
      p += literal.length;
      o += literal.length;
      continue;
    }
    const copy = copyOf(block, tag, p);
    p = copy.at;
    if (copy.offset === 0 || copy.offset > o || o + copy.length > length) throw corrupt('a copy goes beyond the ends');
    // Byte by byte: a copy may reach into what it writes.
    for (let i = 0; i < copy.length; i++, o++) out[o] = out[o - copy.offset]!;
  }
  if (o !== length) throw corrupt(`it holds ${o} bytes and promises ${length}`);
  return out;
}

function uncompressedLength(block: Uint8Array): { readonly length: number; readonly at: number } {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 127) * 128 ** i;
    if (byte < 128) return { length, at: i + 1 };
  }
  throw corrupt('its length cannot be read');
}

function literalLength(block: Uint8Array, tag: number, at: number): { readonly length: number; readonly at: number } {
  const short = tag >>> 2;
  if (short < 60) return { length: short + 1, at };
  const bytes = short - 59;
  return { length: unsigned(block, at, bytes) + 1, at: at + bytes };
}

function copyOf(block: Uint8Array, tag: number, at: number) {
  switch (tag & 3) {
    case 1:
      return { length: ((tag >>> 2) & 7) + 4, offset: ((tag >>> 5) << 8) + unsigned(block, at, 1), at: at + 1 };
    case 2:
      return { length: (tag >>> 2) + 1, offset: unsigned(block, at, 2), at: at + 2 };
    default:
      return { length: (tag >>> 2) + 1, offset: unsigned(block, at, 4), at: at + 4 };
  }
}

/** A little-endian number of one to four bytes. */
function unsigned(block: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > block.length) throw corrupt('it ends in the middle');
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + block[at + i]!;
  return value;
}

function corrupt(how: string): CorruptError {
  return new CorruptError(`not valid snappy: ${how}`);
}
