// Columns that grow by doubling, one class per element type so that every hot loop sees a single kind of array.

/** A column above this many elements is not kept for the next batch: one giant batch must not pin its memory for ever. */
const keptElementsMax = 1 << 20;
const initialElements = 256;

export class U8Column {
  data = new Uint8Array(initialElements);
  length = 0;

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
  }

  /** Appends `size` bytes of `source` from `at`. */
  pushBytes(source: Uint8Array, at: number, size: number): void {
    if (this.length + size > this.data.length) this.reserve(size);
    const { data } = this;
    let to = this.length;
    for (let from = at, end = at + size; from < end; from++) data[to++] = source[from]!;
    this.length = to;
  }

  pushZeros(size: number): void {
    if (this.length + size > this.data.length) this.reserve(size);
    const { data } = this;
    const end = this.length + size;
    for (let at = this.length; at < end; at++) data[at] = 0;
    this.length = end;
  }

  /** Overwrites `size` bytes at `to` with those of `source` from `at`. */
  setBytes(to: number, source: Uint8Array, at: number, size: number): void {
    const { data } = this;
    for (let i = 0; i < size; i++) data[to + i] = source[at + i]!;
  }

  reserve(more: number): void {
    const grown = new Uint8Array(Math.max(this.data.length * 2, this.length + more));
    grown.set(this.data);
    this.data = grown;
  }

  /** A copy of exactly what was pushed; the column is empty afterwards. */
  take(): Uint8Array {
    const taken = this.data.slice(0, this.length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.length = 0;
    if (this.data.length > keptElementsMax) this.data = new Uint8Array(initialElements);
  }
}

export class U32Column {
  data = new Uint32Array(initialElements);
  length = 0;

  /** Gives the row that `value` got. */
  push(value: number): number {
    if (this.length === this.data.length) this.grow();
    this.data[this.length] = value;
    return this.length++;
  }

  take(): Uint32Array {
    const taken = this.data.slice(0, this.length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.length = 0;
    if (this.data.length > keptElementsMax) this.data = new Uint32Array(initialElements);
  }

  private grow(): void {
    const grown = new Uint32Array(this.data.length * 2);
    grown.set(this.data);
    this.data = grown;
  }
}

export class I32Column {
  private readonly bits = new U32Column();

  set(i: number, value: number): void {
    this.bits.data[i] = value >>> 0;
  }

  push(value: number): void {
    this.bits.push(value >>> 0);
  }

  take(): Int32Array {
    return new Int32Array(this.bits.take().buffer);
  }

  clear(): void {
    this.bits.clear();
  }
}

export class F64Column {
  data = new Float64Array(initialElements);
  length = 0;

  push(value: number): void {
    if (this.length === this.data.length) this.grow();
    this.data[this.length++] = value;
  }

  take(): Float64Array {
    const taken = this.data.slice(0, this.length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.length = 0;
    if (this.data.length > keptElementsMax) this.data = new Float64Array(initialElements);
  }

  private grow(): void {
    const grown = new Float64Array(this.data.length * 2);
    grown.set(this.data);
    this.data = grown;
  }
}

/** Words of 64 bits pushed as two halves, so that no BigInt is made on the way in. Batches assume a little-endian machine. */
export class Word64Column {
  data = new Uint32Array(initialElements * 2);
  /** In words. */
  length = 0;
  private readonly one = new BigUint64Array(1);
  private readonly oneDouble = new Float64Array(this.one.buffer);
  private readonly oneHalves = new Uint32Array(this.one.buffer);

  push(low: number, high: number): void {
    const at = this.length * 2;
    if (at === this.data.length) this.grow();
    this.data[at] = low;
    this.data[at + 1] = high;
    this.length++;
  }

  /** Overwrites word `i`. */
  set(i: number, low: number, high: number): void {
    this.data[i * 2] = low;
    this.data[i * 2 + 1] = high;
  }

  pushBigInt(value: bigint): void {
    this.one[0] = BigInt.asUintN(64, value);
    this.push(this.oneHalves[0]!, this.oneHalves[1]!);
  }

  pushDouble(value: number): void {
    this.oneDouble[0] = value;
    this.push(this.oneHalves[0]!, this.oneHalves[1]!);
  }

  /** The words as bytes in memory of their own, for any view of 64 bits. */
  takeBuffer(): ArrayBuffer {
    const taken = this.data.slice(0, this.length * 2).buffer;
    this.clear();
    return taken;
  }

  take(): BigUint64Array {
    return new BigUint64Array(this.takeBuffer());
  }

  clear(): void {
    this.length = 0;
    if (this.data.length > keptElementsMax * 2) this.data = new Uint32Array(initialElements * 2);
  }

  private grow(): void {
    const grown = new Uint32Array(this.data.length * 2);
    grown.set(this.data);
    this.data = grown;
  }
}
