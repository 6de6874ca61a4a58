// Small columns, cut from larger arrays: thousands of small buffers cost more in allocation than in use. What is cut is
// zero; a slab lives as long as one of its columns, so only what a query holds while it runs is cut from one.
const SLAB_LENGTH = 32_768;

let floats = new Float64Array(0);
let floatsUsed = 0;
let ints = new Int32Array(0);
let intsUsed = 0;
let bytes = new Uint8Array(0);
let bytesUsed = 0;

export function cutFloats(length: number): Float64Array {
  if (floatsUsed + length > floats.length) {
    floats = new Float64Array(Math.max(SLAB_LENGTH, length));
    floatsUsed = 0;
  }
  return floats.subarray(floatsUsed, (floatsUsed += length));
}

export function cutInts(length: number): Int32Array {
  if (intsUsed + length > ints.length) {
    ints = new Int32Array(Math.max(SLAB_LENGTH, length));
    intsUsed = 0;
  }
  return ints.subarray(intsUsed, (intsUsed += length));
}

export function cutBytes(length: number): Uint8Array {
  if (bytesUsed + length > bytes.length) {
    bytes = new Uint8Array(Math.max(SLAB_LENGTH, length));
    bytesUsed = 0;
  }
  return bytes.subarray(bytesUsed, (bytesUsed += length));
}
