/** Reads columns (docs/format/metrics-column.md) straight into the arrays of a query. */
import { Head, Kind, POWERS } from './column-format.ts';

/** Where the samples of one decoded column are; reused from call to call. */
export class ColumnReader {
  /** First row that is there. */
  first = 0;
  /** Rows from `first` to the last one that is there. */
  span = 0;
  /** Values written, which is less than `span` when there are holes. */
  count = 0;
  /** With holes: the row of each value, counted from the chunk's first; else null. */
  rows: Int32Array | null = null;
  /** Rows of staleness markers, counted from the chunk's first; null when there are none. */
  stale: Int32Array | null = null;
  /** Whether the column has native histograms. */
  histograms = false;

  /**
   * Decodes the column at bytes[start … end) of a chunk of `chunkRows` rows: its values, in order, go to
   * out[at + first … at + first + count), so that without holes each is at its row. An empty run has no samples.
   */
  read(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    chunkRows: number,
    out: Float64Array,
    at: number,
  ): void {
    this.rows = null;
    this.stale = null;
    this.histograms = false;
    if (end === start) {
      this.first = this.span = this.count = 0;
      return;
    }
    const head = bytes[start]!;
    let p = start + 1;
    this.first = 0;
    this.span = chunkRows;
    if (head & Head.range) {
      this.first = view.getUint16(p, true);
      this.span = view.getUint16(p + 2, true);
      p += 4;
    }
    this.count = this.span;
    if (head & ~Head.kindMask & ~Head.range) p = this.#readExtras(head, bytes, view, p);
    decodeBody(head & Head.kindMask, bytes, view, p, this.count, out, at + this.first);
  }

  #readExtras(head: number, bytes: Uint8Array, view: DataView, at: number): number {
    let p = at;
    if (head & Head.holes) {
      const rows = new Int32Array(this.span);
      let count = 0;
      for (let i = 0; i < this.span; i++) if (bytes[p + (i >> 3)]! & (1 << (i & 7))) rows[count++] = this.first + i;
      this.rows = rows.subarray(0, count);
      this.count = count;
      p += (this.span + 7) >> 3;
    }
    if (head & Head.stale) {
      const count = view.getUint16(p, true);
      p += 2;
      this.stale = new Int32Array(count);
      for (let i = 0; i < count; i++, p += 2) this.stale[i] = view.getUint16(p, true);
    }
    this.histograms = (head & Head.histograms) !== 0;
    return p;
  }
}

/** The timestamps of a chunk. */
export function decodeTimestamps(bytes: Uint8Array, view: DataView, start: number, rows: number): Float64Array {
  const out = new Float64Array(rows);
  decodeBody(bytes[start]! & Head.kindMask, bytes, view, start + 1, rows, out, 0);
  return out;
}

function decodeBody(
  kind: number,
  bytes: Uint8Array,
  view: DataView,
  p: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  switch (kind) {
    case Kind.constant:
      out.fill(view.getFloat64(p, true), at, at + count);
      return;
    case Kind.integers:
      decodeIntegers(bytes, view, p, count, out, at);
      return;
    case Kind.deltas:
      decodeDeltas(bytes, view, p, count, out, at);
      return;
    case Kind.doubles:
      decodeDoubles(bytes, view, p, count, out, at);
      return;
    default:
      throw new Error(`BUG: a column of kind ${kind} passed its checksum`);
  }
}

function decodeIntegers(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  const power = POWERS[bytes[p]!]!;
  const width = bytes[p + 1]!;
  const base = view.getFloat64(p + 2, true);
  unpack(bytes, view, p + 10, width, count, out, at);
  const end = at + count;
  if (power === 1) for (let i = at; i < end; i++) out[i] = base + out[i]!;
  else for (let i = at; i < end; i++) out[i] = (base + out[i]!) / power;
}

function decodeDeltas(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  const power = POWERS[bytes[start]!]!;
  const width = bytes[start + 1]!;
  let m = view.getFloat64(start + 2, true);
  const base = view.getFloat64(start + 10, true);
  const exceptions = view.getUint16(start + 18, true);
  const exceptionsAt = start + 20;
  if (exceptions === 0 && width <= 2) {
    decodePlainDeltas(bytes, exceptionsAt, width, m, base, power, count, out, at);
    return;
  }
  unpack(bytes, view, exceptionsAt + exceptions * 10, width, count - 1, out, at + 1);
  out[at] = power === 1 ? m : m / power;
  let done = 1;
  for (let e = 0; e <= exceptions; e++) {
    const next = e < exceptions ? view.getUint16(exceptionsAt + e * 10, true) : count;
    if (power === 1) for (; done < next; done++) out[at + done] = m += base + out[at + done]!;
    else for (; done < next; done++) out[at + done] = (m += base + out[at + done]!) / power;
    if (e === exceptions) break;
    m += view.getFloat64(exceptionsAt + e * 10 + 2, true);
    out[at + done++] = m / power;
  }
}

/** Deltas of at most two bytes without exceptions, which nearly all counters have: one pass instead of two. */
function decodePlainDeltas(
  bytes: Uint8Array,
  start: number,
  width: number,
  first: number,
  base: number,
  power: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  let m = first;
  let p = start;
  const end = at + count;
  out[at] = m / power;
  if (width === 0) {
    for (let i = at + 1; i < end; i++) out[i] = (m += base) / power;
  } else if (width === 1) {
    if (power === 1) for (let i = at + 1; i < end; i++) out[i] = m += base + bytes[p++]!;
    else for (let i = at + 1; i < end; i++) out[i] = (m += base + bytes[p++]!) / power;
  } else if (power === 1) {
    for (let i = at + 1; i < end; i++, p += 2) out[i] = m += base + (bytes[p]! | (bytes[p + 1]! << 8));
  } else {
    for (let i = at + 1; i < end; i++, p += 2) out[i] = (m += base + (bytes[p]! | (bytes[p + 1]! << 8))) / power;
  }
}

/** Unsigned integers of a fixed width to doubles; the narrow widths are what nearly all columns have. */
function unpack(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  width: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  let p = start;
  const end = at + count;
  switch (width) {
    case 0:
      out.fill(0, at, end);
      return;
    case 1:
      for (let i = at; i < end; i++) out[i] = bytes[p++]!;
      return;
    case 2:
      for (let i = at; i < end; i++, p += 2) out[i] = bytes[p]! | (bytes[p + 1]! << 8);
      return;
    case 3:
      for (let i = at; i < end; i++, p += 3) out[i] = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16);
      return;
    case 4:
      for (let i = at; i < end; i++, p += 4) out[i] = view.getUint32(p, true);
      return;
    default:
      for (let i = at; i < end; i++) {
        let value = 0;
        for (let b = width - 1; b >= 0; b--) value = value * 256 + bytes[p + b]!;
        out[i] = value;
        p += width;
      }
  }
}

/** The halves of the array decoded into last: making the view costs more than decoding a few values. */
let halves: Uint32Array = new Uint32Array(0);
let halvesOf: ArrayBufferLike | undefined;

function decodeDoubles(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  if (halvesOf !== out.buffer) {
    halvesOf = out.buffer;
    halves = new Uint32Array(out.buffer);
  }
  const width = bytes[start]!;
  const base = view.getUint32(start + 1, true);
  const step = width + 4;
  let p = start + 5;
  let h = (out.byteOffset >> 2) + 2 * at;
  for (let i = 0; i < count; i++, p += step, h += 2) {
    let top = 0;
    for (let b = width - 1; b >= 0; b--) top = top * 256 + bytes[p + b]!;
    halves[h] = view.getUint32(p + width, true);
    halves[h + 1] = base + top;
  }
}
