/** Interned strings of a segment: ids are dense, the encoded form is one section (layout: docs/format/segment.md). */

import { StorageError } from './storage-error.ts';

/** Interns strings to ids 0, 1, 2 …; id 0 is always ''. */
export class StringDictionaryBuilder {
  readonly #ids = new Map<string, number>([['', 0]]);
  readonly #strings: string[] = [''];

  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#strings.length;
    this.#ids.set(text, id);
    this.#strings.push(text);
    return id;
  }

  /** The id of a string that was interned, else undefined. */
  find(text: string): number | undefined {
    return this.#ids.get(text);
  }

  get size(): number {
    return this.#strings.length;
  }

  /** The strings by id. The array is the builder's own: do not change it. */
  get strings(): readonly string[] {
    return this.#strings;
  }

  encode(): Uint8Array {
    return encodeStrings(this.#strings);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `count: u32`, then `count + 1` offsets (u32) into the text, then the text as UTF-8; little endian. */
export function encodeStrings(strings: readonly string[]): Uint8Array {
  const head = 4 * (strings.length + 2);
  let textBytesMax = 0;
  for (const text of strings) textBytesMax += text.length * 3;
  const out = new Uint8Array(head + textBytesMax);
  const view = new DataView(out.buffer);
  view.setUint32(0, strings.length, true);
  let end = head;
  for (let id = 0; id < strings.length; id++) {
    view.setUint32(4 + 4 * id, end - head, true);
    end += encoder.encodeInto(strings[id]!, out.subarray(end)).written;
  }
  view.setUint32(4 + 4 * strings.length, end - head, true);
  return out.slice(0, end);
}

/** The dictionary of an open segment. Strings are decoded when first asked for and kept. */
export class StringDictionary {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #textStart: number;
  readonly #cache: (string | undefined)[];
  #ids: Map<string, number> | undefined;

  /** Throws STORAGE_CORRUPT when the bytes are not a dictionary. The bytes must not change afterwards. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.size = bytes.length >= 8 ? this.#view.getUint32(0, true) : 0;
    this.#textStart = 4 * (this.size + 2);
    if (bytes.length < 8 || this.#textStart > bytes.length) throw damaged();
    let previous = 0;
    for (let id = 0; id <= this.size; id++) {
      const offset = this.#view.getUint32(4 + 4 * id, true);
      if (offset < previous) throw damaged();
      previous = offset;
    }
    if (this.#textStart + previous !== bytes.length) throw damaged();
    this.#cache = Array.from({ length: this.size }, () => undefined);
  }

  /** The string of an id; an id out of range is STORAGE_CORRUPT, because ids come from the disk. */
  get(id: number): string {
    const cached = this.#cache[id];
    if (cached !== undefined) return cached;
    if (!(id >= 0 && id < this.size)) throw damaged();
    const start = this.#textStart + this.#view.getUint32(4 + 4 * id, true);
    const end = this.#textStart + this.#view.getUint32(8 + 4 * id, true);
    const text = decoder.decode(this.#bytes.subarray(start, end));
    this.#cache[id] = text;
    return text;
  }

  /** The id of a string, or undefined. The first call builds an index over all strings. */
  find(text: string): number | undefined {
    if (this.#ids === undefined) {
      this.#ids = new Map();
      for (let id = 0; id < this.size; id++) this.#ids.set(this.get(id), id);
    }
    return this.#ids.get(text);
  }

  toArray(): string[] {
    return Array.from({ length: this.size }, (_, id) => this.get(id));
  }
}

function damaged(): StorageError {
  return new StorageError('STORAGE_CORRUPT', 'A string dictionary does not fit its length: the segment is damaged.');
}
