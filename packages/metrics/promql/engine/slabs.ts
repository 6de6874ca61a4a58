// Small columns, cut from larger arrays: thousands of small buffers cost more in allocation than in use. What is cut is
// zero; a slab lives as long as one of its columns, so only what a query holds while it runs is cut from one. Slabs are
// shared memory although nobody shares them: V8 counts other buffers against its heap and marks the whole of it two or
// three times in a large query, in threads that intake waits for.
const SLAB_LENGTH = 32_768;

let floats: Float64Array = new Float64Array(0);
let floatsUsed = 0;
let ints: Int32Array = new Int32Array(0);
let intsUsed = 0;
let bytes: Uint8Array = new Uint8Array(0);
let bytesUsed = 0;

export function cutFloats(length: number): Float64Array {
  if (floatsUsed + length > floats.length) {
    floats = new Float64Array(new SharedArrayBuffer(Math.max(SLAB_LENGTH, length) * Float64Array.BYTES_PER_ELEMENT));
    floatsUsed = 0;
  }
  return floats.subarray(floatsUsed, (floatsUsed += length));
}

export function cutInts(length: number): Int32Array {
  if (intsUsed + length > ints.length) {
    ints = new Int32Array(new SharedArrayBuffer(Math.max(SLAB_LENGTH, length) * Int32Array.BYTES_PER_ELEMENT));
    intsUsed = 0;
  }
  return ints.subarray(intsUsed, (intsUsed += length));
}

export function cutBytes(length: number): Uint8Array {
  if (bytesUsed + length > bytes.length) {
    bytes = new Uint8Array(new SharedArrayBuffer(Math.max(SLAB_LENGTH, length)));
    bytesUsed = 0;
  }
  return bytes.subarray(bytesUsed, (bytesUsed += length));
}
