/**
 * Protobuf into one growing byte array, for what is encoded at every request. Everything here avoids calls into native
 * code and allocation: with the official serialiser, the UTF-8 writes of attribute keys alone took 50 µs a request
 * (docs/adr/0060).
 */

const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
/** Lengths of messages are written after their content, into four bytes: enough for 256 MB, and valid padded. */
const LENGTH_BYTES = 4;
/** Up to here a loop over the characters beats a native call; longer texts are worth remembering. */
const SHORT_CHARS_MAX = 40;
/** Longer texts (stack traces) are rarely the same twice. */
const REMEMBERED_CHARS_MAX = 1_024;
/** Two generations of so many texts: what is in use is carried over, what came once is forgotten. */
const REMEMBERED_TEXTS_MAX = 1_024;

let young = new Map<string, Uint8Array>();
let old = new Map<string, Uint8Array>();

export class Wire {
  bytes: Uint8Array;
  at = 0;

  /** Takes memory to write into, or so many bytes of its own. */
  constructor(memory: Uint8Array | number) {
    this.bytes = typeof memory === 'number' ? unfilled(memory) : memory;
  }

  clear(): void {
    this.at = 0;
  }

  /** Opens a message field; `close` with what this gives. */
  open(field: number): number {
    this.#ensure(16);
    this.tag(field, BYTES);
    this.at += LENGTH_BYTES;
    return this.at;
  }

  close(start: number): void {
    const length = this.at - start;
    const { bytes } = this;
    bytes[start - 4] = (length & 127) | 128;
    bytes[start - 3] = ((length >>> 7) & 127) | 128;
    bytes[start - 2] = ((length >>> 14) & 127) | 128;
    bytes[start - 1] = length >>> 21;
  }

  /** The field's number and type; the caller has made room or writes a value that does. */
  tag(field: number, type: number): void {
    const tag = field * 8 + type;
    if (tag > 127) {
      this.bytes[this.at++] = (tag & 127) | 128;
      this.bytes[this.at++] = tag >>> 7;
    } else {
      this.bytes[this.at++] = tag;
    }
  }

  /** A whole number from 0 to 2^53. */
  uint(field: number, value: number): void {
    this.#ensure(16);
    this.tag(field, 0);
    this.#varint(value);
  }

  /** int64: negative numbers as the ten bytes of their two's complement. */
  int(field: number, value: number): void {
    if (value >= 0) {
      this.uint(field, value);
      return;
    }
    this.#ensure(16);
    this.tag(field, 0);
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      if (rest <= 127n) {
        this.bytes[this.at++] = Number(rest);
        return;
      }
      this.bytes[this.at++] = Number(rest & 127n) | 128;
    }
  }

  fixed32(field: number, value: number): void {
    this.#ensure(16);
    this.tag(field, FIXED32);
    this.#word(value);
  }

  /** Seconds and nanoseconds as whole nanoseconds, in 32-bit halves: the product passes 2^53. */
  time(field: number, seconds: number, nanos: number): void {
    this.#ensure(16);
    this.tag(field, FIXED64);
    const upper = Math.floor(seconds / 65_536) * 1e9;
    const lower = (upper % 65_536) * 65_536 + (seconds % 65_536) * 1e9 + Math.floor(nanos);
    this.#word(lower % 4_294_967_296);
    this.#word(Math.floor(upper / 65_536) + Math.floor(lower / 4_294_967_296));
  }

  timeMs(field: number, timeMs: number): void {
    const seconds = Math.floor(timeMs / 1000);
    this.time(field, seconds, (timeMs - seconds * 1000) * 1e6);
  }

  double(field: number, value: number): void {
    this.#ensure(16);
    this.tag(field, FIXED64);
    doubleValue[0] = value;
    this.bytes.set(doubleBytes, this.at);
    this.at += 8;
  }

  /** A trace or span id. */
  hex(field: number, text: string): void {
    this.#ensure(16 + text.length);
    this.tag(field, BYTES);
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = text.length >>> 1;
    for (let i = 0; i < text.length; i += 2) {
      bytes[at++] = (NIBBLES[text.charCodeAt(i)]! << 4) | NIBBLES[text.charCodeAt(i + 1)]!;
    }
    this.at = at;
  }

  /** An id that neighbours have as well, a trace's or a parent's: read from its digits once for all that follow. */
  repeatedId(field: number, text: string): void {
    const last = text.length === 32 ? lastTrace : lastParent;
    if (text !== last.text || text === '') {
      this.hex(field, text);
      const { length } = last.bytes;
      last.text = text.length === 2 * length ? text : '';
      for (let i = 0; i < length; i += 1) last.bytes[i] = this.bytes[this.at - length + i]!;
      return;
    }
    this.#ensure(32);
    this.tag(field, BYTES);
    const { bytes, at } = this;
    const { length } = last.bytes;
    bytes[at] = length;
    for (let i = 0; i < length; i += 1) bytes[at + 1 + i] = last.bytes[i]!;
    this.at = at + 1 + length;
  }

  /** Written also when it is empty: in a oneof that is a value. */
  string(field: number, text: string): void {
    if (text.length <= SHORT_CHARS_MAX && this.#ascii(field, text)) return;
    const utf8 = text.length <= REMEMBERED_CHARS_MAX ? remembered(text) : encoder.encode(text);
    this.raw(field, utf8);
  }

  raw(field: number, content: Uint8Array): void {
    this.#ensure(16 + content.length);
    this.tag(field, BYTES);
    this.#varint(content.length);
    this.bytes.set(content, this.at);
    this.at += content.length;
  }

  /** Bytes that are fields already. */
  append(content: Uint8Array): void {
    this.#ensure(content.length);
    this.bytes.set(content, this.at);
    this.at += content.length;
  }

  /** One byte for each character, or nothing written and false. */
  #ascii(field: number, text: string): boolean {
    this.#ensure(16 + text.length);
    const before = this.at;
    this.tag(field, BYTES);
    const { bytes } = this;
    let at = this.at;
    bytes[at++] = text.length;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.at = before;
        return false;
      }
      bytes[at++] = code;
    }
    this.at = at;
    return true;
  }

  #word(value: number): void {
    const { bytes } = this;
    bytes[this.at++] = value & 255;
    bytes[this.at++] = (value >>> 8) & 255;
    bytes[this.at++] = (value >>> 16) & 255;
    bytes[this.at++] = (value >>> 24) & 255;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }

  #ensure(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = unfilled(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}

/** Every byte up to `at` is written before it is read: filling with zeros first would be work for nothing. */
function unfilled(length: number): Uint8Array {
  return Buffer.allocUnsafeSlow(length);
}

const lastTrace = { text: '', bytes: new Uint8Array(16) };
const lastParent = { text: '', bytes: new Uint8Array(8) };

const encoder = new TextEncoder();
const doubleValue = new Float64Array(1);
/** Little-endian, as protobuf wants it and as every machine that Node supports has it. */
const doubleBytes = new Uint8Array(doubleValue.buffer);

/** Values of hexadecimal digits, in either case, by their character codes. */
const NIBBLES = new Uint8Array(128);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  NIBBLES[digit.charCodeAt(0)] = value;
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value;
}

function remembered(text: string): Uint8Array {
  let utf8 = young.get(text);
  if (utf8 !== undefined) return utf8;
  utf8 = old.get(text) ?? encoder.encode(text);
  if (young.size >= REMEMBERED_TEXTS_MAX) {
    old = young;
    young = new Map();
  }
  young.set(text, utf8);
  return utf8;
}
