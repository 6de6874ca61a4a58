/** Reads frames and chunks of a streamed remote read for tests, written after the format's description and in BigInt. */
import { crc32c } from '../crc32c.ts';
import { WireReader } from '../wire-reader.ts';

export interface ReadChunk {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly encoding: number;
  readonly data: Uint8Array;
}

export interface ReadFrame {
  readonly query: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly chunks: readonly ReadChunk[];
  readonly sizeBytes: number;
}

/** Throws where a checksum is wrong. */
export function readFrames(bytes: Uint8Array): ReadFrame[] {
  const frames: ReadFrame[] = [];
  const lengths = new WireReader(bytes);
  while (lengths.at < bytes.length) {
    const size = lengths.varint();
    const wanted = new DataView(bytes.buffer, bytes.byteOffset + lengths.at).getUint32(0);
    const message = bytes.subarray(lengths.at + 4, lengths.at + 4 + size);
    if (message.length !== size) throw new Error('the stream ends within a frame');
    if (crc32c(message) !== wanted) throw new Error('checksum');
    lengths.at += 4 + size;
    frames.push({ ...readResponse(new WireReader(message)), sizeBytes: size });
  }
  return frames;
}

function readResponse(reader: WireReader) {
  const labels: Record<string, string> = {};
  const chunks: ReadChunk[] = [];
  let query = 0;
  while (reader.next()) {
    if (reader.field === 2) query = reader.varint();
    if (reader.field !== 1) continue;
    const series = reader.message();
    while (series.next()) {
      const message = series.message();
      const fields: Record<number, string | number | Uint8Array> = {};
      const isLabel = series.field === 1;
      while (message.next()) {
        if (isLabel) fields[message.field] = message.text();
        else if (message.field !== 4) fields[message.field] = message.int64();
        else {
          const data = message.message();
          fields[4] = data.bytes.subarray(data.at, data.end);
        }
      }
      if (isLabel) labels[String(fields[1])] = String(fields[2] ?? '');
      else {
        chunks.push({
          minTimeMs: Number(fields[1] ?? 0),
          maxTimeMs: Number(fields[2] ?? 0),
          encoding: Number(fields[3]),
          data: fields[4] as Uint8Array,
        });
      }
    }
  }
  return { query, labels, chunks };
}

class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new Error('the chunk is too short');
      value = (value << 1n) | BigInt((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  ones(max: number): number {
    let count = 0;
    while (count < max && this.take(1) === 1n) count++;
    return count;
  }

  signed(count: number): number {
    const value = this.take(count);
    return Number(value > 1n << BigInt(count - 1) ? value - (1n << BigInt(count)) : value);
  }

  varbit(signed: boolean): number {
    const size = [0, 3, 6, 9, 12, 18, 25, 56, 64][this.ones(8)]!;
    return size === 0 ? 0 : signed ? this.signed(size) : Number(this.take(size));
  }

  uvarint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.take(8);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return Number(value);
    }
  }
}

class Xor {
  #bits = 0n;
  #leading = 0;
  #trailing = 0;

  first(bits: Bits): number | 'stale' {
    this.#bits = bits.take(64);
    return doubleOf(this.#bits);
  }

  next(bits: Bits): number | 'stale' {
    if (bits.take(1) === 1n) {
      if (bits.take(1) === 1n) {
        this.#leading = Number(bits.take(5));
        this.#trailing = 64 - this.#leading - (Number(bits.take(6)) || 64);
      }
      this.#bits ^= bits.take(64 - this.#leading - this.#trailing) << BigInt(this.#trailing);
    }
    return doubleOf(this.#bits);
  }
}

function doubleOf(bits: bigint): number | 'stale' {
  if (bits === 0x7ff0000000000002n) return 'stale';
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

export type ReadSample = readonly [timeMs: number, value: number | 'stale'];

export function readFloatChunk(data: Uint8Array): ReadSample[] {
  const bits = new Bits(data);
  const value = new Xor();
  let timeMs = 0;
  let distance = 0;
  return Array.from({ length: Number(bits.take(16)) }, (_, i) => {
    if (i === 0) {
      const zigzag = bits.uvarint();
      timeMs = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      return [timeMs, value.first(bits)] as const;
    }
    if (i === 1) distance = bits.uvarint();
    else {
      const size = [0, 14, 17, 20, 64][bits.ones(4)]!;
      distance += size === 0 ? 0 : bits.signed(size);
    }
    timeMs += distance;
    return [timeMs, value.next(bits)] as const;
  });
}

export interface ReadHistogram {
  readonly timeMs: number;
  readonly sum: number | 'stale';
  readonly count?: number;
  readonly zeroCount?: number;
  /** Counts by index, without empty ones. */
  readonly positive?: Readonly<Record<number, number>>;
  readonly negative?: Readonly<Record<number, number>>;
}

export interface ReadHistograms {
  readonly resetBits: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customValues: readonly number[];
  readonly samples: readonly ReadHistogram[];
}

export function readHistogramChunk(data: Uint8Array, floats: boolean): ReadHistograms {
  const bits = new Bits(data);
  const length = Number(bits.take(16));
  const resetBits = Number(bits.take(8)) >> 6;
  const exponent = Number(bits.take(8));
  const zeroThreshold = exponent === 0 ? 0 : exponent === 255 ? Number(new Xor().first(bits)) : 2 ** (exponent - 244);
  const schema = bits.varbit(true);
  const sides = [readSpans(bits), readSpans(bits)] as const;
  const bounds = schema === -53 ? bits.varbit(false) : 0;
  const customValues = Array.from({ length: bounds }, () => {
    const thousandths = bits.varbit(false);
    return thousandths === 0 ? Number(new Xor().first(bits)) : (thousandths - 1) / 1000;
  });
  const read = floats ? floatReader(bits) : wholeReader(bits);
  const samples = Array.from({ length }, (_, i) => read(i === 0, sides));
  return { resetBits, schema, zeroThreshold, customValues, samples };
}

function readSpans(bits: Bits): number[] {
  const indexes: number[] = [];
  let next = 0;
  for (let spans = bits.varbit(false); spans > 0; spans--) {
    const length = bits.varbit(false);
    next += bits.varbit(true);
    for (let i = 0; i < length; i++) indexes.push(next++);
  }
  return indexes;
}

type Sides = readonly [positive: readonly number[], negative: readonly number[]];

const counted = (indexes: readonly number[], counts: readonly number[]) =>
  Object.fromEntries(indexes.map((index, i) => [index, counts[i]!]).filter(([, count]) => count !== 0));

function wholeReader(bits: Bits) {
  const values = new Map<string, { value: number; change: number }>();
  const whole = (name: string, isFirst: boolean, signed: boolean) => {
    const known = values.get(name);
    if (isFirst || known === undefined) {
      const value = bits.varbit(signed);
      values.set(name, { value, change: 0 });
      return value;
    }
    known.change += bits.varbit(true);
    known.value += known.change;
    return known.value;
  };
  const sums = new Xor();
  return (isFirst: boolean, [positive, negative]: Sides): ReadHistogram => {
    const timeMs = whole('time', isFirst, true);
    const count = whole('count', isFirst, false);
    const zeroCount = whole('zero', isFirst, false);
    const sum = isFirst ? sums.first(bits) : sums.next(bits);
    if (sum === 'stale') return { timeMs, sum };
    const side = (name: string, indexes: readonly number[]) => {
      let running = 0;
      return counted(
        indexes,
        indexes.map((_, i) => (running += whole(`${name}${i}`, isFirst, true))),
      );
    };
    return { timeMs, sum, count, zeroCount, positive: side('p', positive), negative: side('n', negative) };
  };
}

function floatReader(bits: Bits) {
  const values = new Map<string, Xor>();
  const float = (name: string, isFirst: boolean) => {
    const value = values.get(name) ?? new Xor();
    values.set(name, value);
    return isFirst ? value.first(bits) : value.next(bits);
  };
  let timeMs = 0;
  let distance = 0;
  return (isFirst: boolean, [positive, negative]: Sides): ReadHistogram => {
    if (isFirst) timeMs = bits.varbit(true);
    else {
      distance += bits.varbit(true);
      timeMs += distance;
    }
    const [count, zeroCount, sum] = [float('c', isFirst), float('z', isFirst), float('s', isFirst)];
    if (sum === 'stale') return { timeMs, sum };
    const side = (name: string, indexes: readonly number[]) =>
      counted(
        indexes,
        indexes.map((_, i) => Number(float(`${name}${i}`, isFirst))),
      );
    const numbers = { count: Number(count), zeroCount: Number(zeroCount) };
    return { timeMs, sum, ...numbers, positive: side('p', positive), negative: side('n', negative) };
  };
}
