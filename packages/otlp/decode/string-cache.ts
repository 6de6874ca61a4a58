// Bytes to strings without allocating the same string twice: a process-wide dictionary keyed by the bytes themselves.
import { DecodeError } from './decode-error.ts';

/** Longer strings are rarely repeated (SQL, stack traces) and would fill the dictionary. */
const cachedBytesMax = 256;
/** Entries before the dictionary is emptied: attribute keys and values of a few hundred services fit several times. */
const entriesMax = 32_768;
const slots = entriesMax * 4;
/** A crafted set of colliding strings costs at most this many comparisons each; after that it is simply not cached. */
const probesMax = 16;
/** Strings are admitted when their hash is seen a second time, so unique ids do not push out what repeats. */
const doorSlots = 65_536;

/** Node's own fast path under `toString('latin1')`, which the types do not list. */
interface LatinBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class StringCache {
  private bytes: Buffer = Buffer.alloc(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private strings: string[] = [''];
  /** Batches since start; tells whether an entry has an id in the current batch. */
  private batch = 0;
  /** The entry that the last `id` used, to be given as a prediction next time; -1 when it was not cached. */
  entry = -1;
  /** Changes when all entries become void, and predictions with them. */
  generation = 0;

  private readonly table = new Int32Array(slots).fill(-1);
  private readonly hashes = new Int32Array(entriesMax);
  private readonly lengths = new Uint16Array(entriesMax);
  /** Where the words of an entry start. */
  private readonly starts = new Uint32Array(entriesMax);
  private readonly texts: string[] = [];
  private readonly batchOf = new Int32Array(entriesMax).fill(-1);
  private readonly idOf = new Uint32Array(entriesMax);
  private readonly door = new Int32Array(doorSlots);
  private words = new Int32Array(16_384);
  private wordCount = 0;
  private count = 0;

  /** Starts a batch: strings are read from `bytes`, new ones appended to `strings`. */
  begin(bytes: Buffer, strings: string[]): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.strings = strings;
    this.batch++;
    if (this.count >= entriesMax - entriesMax / 8) this.empty();
  }

  /** Lets go of the input and of the batch. */
  release(): void {
    this.bytes = Buffer.alloc(0);
    this.strings = [''];
  }

  /**
   * The id in the current batch of the string of `length` bytes at `at`. `predicted` is the entry that it probably is
   * (or -1). Throws `DecodeError` when the bytes are not UTF-8; `place` names the field then.
   */
  id(at: number, length: number, predicted: number, place: string): number {
    if (length === 0) {
      this.entry = -1;
      return 0;
    }
    if (predicted >= 0 && this.lengths[predicted] === length && this.holds(predicted, at, length)) {
      this.entry = predicted;
      return this.idIn(predicted);
    }
    if (length > cachedBytesMax) {
      this.entry = -1;
      return this.strings.push(this.decode(at, length, place)) - 1;
    }
    return this.lookUp(at, length, place);
  }

  /** A string that does not belong to the batch's strings (inside a nested value). */
  text(at: number, length: number, place: string): string {
    return this.decode(at, length, place);
  }

  private lookUp(at: number, length: number, place: string): number {
    const hash = this.hash(at, length);
    let slot = hash & (slots - 1);
    let probes = 0;
    for (; probes < probesMax; probes++) {
      const entry = this.table[slot]!;
      if (entry < 0) break;
      if (this.hashes[entry] === hash && this.lengths[entry] === length && this.holds(entry, at, length)) {
        this.entry = entry;
        return this.idIn(entry);
      }
      slot = (slot + 1) & (slots - 1);
    }
    const text = this.decode(at, length, place);
    const door = (hash >>> 8) & (doorSlots - 1);
    const admitted = this.door[door] === hash && probes < probesMax && this.count < entriesMax;
    this.door[door] = hash;
    const id = this.strings.push(text) - 1;
    this.entry = admitted ? this.add(slot, hash, at, length, text, id) : -1;
    return id;
  }

  private idIn(entry: number): number {
    if (this.batchOf[entry] === this.batch) return this.idOf[entry]!;
    this.batchOf[entry] = this.batch;
    const id = this.strings.push(this.texts[entry]!) - 1;
    this.idOf[entry] = id;
    return id;
  }

  private add(slot: number, hash: number, at: number, length: number, text: string, id: number): number {
    const entry = this.count++;
    this.table[slot] = entry;
    this.hashes[entry] = hash;
    this.lengths[entry] = length;
    this.starts[entry] = this.wordCount;
    this.texts[entry] = text;
    this.batchOf[entry] = this.batch;
    this.idOf[entry] = id;
    const wordsNeeded = (length + 3) >> 2;
    if (this.wordCount + wordsNeeded > this.words.length) {
      const grown = new Int32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    const whole = length >> 2;
    for (let w = 0; w < whole; w++) this.words[this.wordCount++] = this.view.getInt32(at + w * 4, true);
    if (whole !== wordsNeeded) this.words[this.wordCount++] = this.tail(at, length);
    return entry;
  }

  private holds(entry: number, at: number, length: number): boolean {
    const { words, view } = this;
    let word = this.starts[entry]!;
    const end = at + (length & ~3);
    for (let p = at; p < end; p += 4) if (words[word++] !== view.getInt32(p, true)) return false;
    return (length & 3) === 0 || words[word] === this.tail(at, length);
  }

  private hash(at: number, length: number): number {
    const { view } = this;
    let hash = length;
    const end = at + (length & ~3);
    for (let p = at; p < end; p += 4) {
      hash = Math.imul(hash ^ view.getInt32(p, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    if ((length & 3) !== 0) hash = Math.imul(hash ^ this.tail(at, length), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }

  /** The last one to three bytes as a word. */
  private tail(at: number, length: number): number {
    const { bytes } = this;
    const p = at + (length & ~3);
    let word = bytes[p]!;
    if ((length & 3) > 1) word |= bytes[p + 1]! << 8;
    if ((length & 3) > 2) word |= bytes[p + 2]! << 16;
    return word;
  }

  private decode(at: number, length: number, place: string): string {
    const end = at + length;
    if (this.isAscii(at, length)) return (this.bytes as LatinBuffer).latin1Slice(at, end);
    try {
      return utf8.decode(this.bytes.subarray(at, end));
    } catch {
      throw new DecodeError(`${place} at byte ${at} is not valid UTF-8`);
    }
  }

  private isAscii(at: number, length: number): boolean {
    const { view } = this;
    const end = at + (length & ~3);
    let bits = 0;
    for (let p = at; p < end; p += 4) bits |= view.getInt32(p, true);
    if ((length & 3) !== 0) bits |= this.tail(at, length);
    return (bits & 0x80808080) === 0;
  }

  private empty(): void {
    this.table.fill(-1);
    this.batchOf.fill(-1);
    this.texts.length = 0;
    this.count = 0;
    this.wordCount = 0;
    this.generation++;
  }
}
