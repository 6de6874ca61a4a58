/** The types of snappyjs, which brings none. */
declare module 'snappyjs' {
  /** Throws when the input is not snappy or the output would be longer than `lengthMax`. */
  export function uncompress(bytes: Uint8Array, lengthMax?: number): Uint8Array;
  export function compress(bytes: Uint8Array): Uint8Array;
}
