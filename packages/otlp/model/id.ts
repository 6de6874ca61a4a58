// Trace and span ids: bytes in batches, lower-case hexadecimal everywhere else.

export const traceIdBytes = 16;
export const spanIdBytes = 8;

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Id number `i` of a column of ids that are `size` bytes each, in hexadecimal. */
export function idHex(ids: Uint8Array, i: number, size: number): string {
  let hex = '';
  for (let at = i * size, end = at + size; at < end; at++) hex += hexOf[ids[at]!];
  return hex;
}

export function traceIdHex(ids: Uint8Array, i: number): string {
  return idHex(ids, i, traceIdBytes);
}

export function spanIdHex(ids: Uint8Array, i: number): string {
  return idHex(ids, i, spanIdBytes);
}

/** Whether id number `i` is absent, that is all zero. */
export function idIsZero(ids: Uint8Array, i: number, size: number): boolean {
  for (let at = i * size, end = at + size; at < end; at++) if (ids[at] !== 0) return false;
  return true;
}

/** Writes a hexadecimal id (any case) to `target` at byte `at`; false, and nothing written, when it is not `size` bytes of it. */
export function writeHexId(hex: string, size: number, target: Uint8Array, at: number): boolean {
  if (hex.length !== size * 2 || !/^[0-9a-f]*$/i.test(hex)) return false;
  for (let i = 0; i < size; i++) target[at + i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return true;
}
