/** Reads columns (docs/format/metrics-column.md) straight into the arrays of a query. */
import { Head, Kind, POWERS } from './column-format.ts';

/** Where the samples of one decoded column are; reused from call to call. Rows count from the chunk's first. */
export class ColumnReader {
  /** First of the wanted rows that is there. */
  first = 0;
  /** Values written. */
  count = 0;
  /** The row of each value when some rows in between are missing; else null. */
  rows: Int32Array | null = null;
  /** Rows of staleness markers; null when there are none. */
  stale: Int32Array | null = null;
  /** Whether the column has native histograms (in any row). */
  histograms = false;
  /**
   * How many values may be below the one before, known without looking at them: the first entries of `falls`, counted
   * from the first value. -1 when any may.
   */
  fallCount = -1;
  readonly falls = FALLS;

  /**
   * Decodes rows fromRow <= row < toRow of the column at bytes[start … end) of a chunk of `chunkRows` rows. Its values,
   * in order, go to out[at + first - fromRow …], so that without holes each is at its row. An empty run of bytes has no
   * samples.
   */
  read(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    chunkRows: number,
    fromRow: number,
    toRow: number,
    out: Float64Array,
    at: number,
  ): void {
    this.rows = null;
    this.stale = null;
    this.histograms = false;
    this.fallCount = -1;
    this.first = fromRow;
    this.count = 0;
    if (end === start) return;
    const head = bytes[start]!;
    let p = start + 1;
    let first = 0;
    let span = chunkRows;
    if (head & Head.range) {
      first = view.getUint16(p, true);
      span = view.getUint16(p + 2, true);
      p += 4;
    }
    let from = Math.max(fromRow, first);
    const to = Math.min(toRow, first + span);
    if (to <= from) return;
    // Positions of the first and behind the last wanted value among all values of the column.
    let i0 = from - first;
    let i1 = to - first;
    let total = span;
    if ((head & ~Head.kindMask & ~Head.range) !== 0) {
      if (head & Head.holes) {
        const bitsAt = p;
        p += (span + 7) >> 3;
        i1 = countBits(bytes, bitsAt, i1);
        const before = countBits(bytes, bitsAt, i0);
        total = countBits(bytes, bitsAt, span);
        if (i1 === before) return;
        this.rows = presentRows(bytes, bitsAt, i0, to - first, first, i1 - before);
        i0 = before;
        from = this.rows[0]!;
        if (this.rows[this.rows.length - 1]! - from + 1 === this.rows.length) this.rows = null;
      }
      if (head & Head.stale) p = this.#readStale(view, p, from, to);
      this.histograms = (head & Head.histograms) !== 0;
    }
    this.first = from;
    this.count = i1 - i0;
    this.fallCount = decodeBody(head & Head.kindMask, bytes, view, p, total, i0, i1, out, at + from - fromRow);
  }

  #readStale(view: DataView, at: number, from: number, to: number): number {
    const count = view.getUint16(at, true);
    const rows: number[] = [];
    for (let i = 0; i < count; i++) {
      const row = view.getUint16(at + 2 + 2 * i, true);
      if (row >= from && row < to) rows.push(row);
    }
    if (rows.length > 0) this.stale = Int32Array.from(rows);
    return at + 2 + 2 * count;
  }
}

/** The timestamps of a chunk. */
export function decodeTimestamps(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  rows: number,
  out: Float64Array,
): Float64Array {
  decodeBody(bytes[start]! & Head.kindMask, bytes, view, start + 1, rows, 0, rows, out, 0);
  return out;
}

/** How many of the first `count` bits are set. */
function countBits(bytes: Uint8Array, at: number, count: number): number {
  let set = 0;
  const whole = count >> 3;
  for (let i = 0; i < whole; i++) {
    for (let byte = bytes[at + i]!; byte !== 0; byte &= byte - 1) set++;
  }
  for (let i = whole << 3; i < count; i++) if (bytes[at + (i >> 3)]! & (1 << (i & 7))) set++;
  return set;
}

function presentRows(
  bytes: Uint8Array,
  bitsAt: number,
  fromBit: number,
  toBit: number,
  first: number,
  count: number,
): Int32Array {
  const rows = new Int32Array(count);
  let n = 0;
  for (let i = fromBit; i < toBit; i++) if (bytes[bitsAt + (i >> 3)]! & (1 << (i & 7))) rows[n++] = first + i;
  return rows;
}

/** A column with more falls is no counter. */
const FALLS_MAX = 64;
const FALLS = new Int32Array(FALLS_MAX);

/** Writes values i0 <= i < i1 of the `total` that the body holds to out[at …]. Gives `ColumnReader.fallCount`. */
function decodeBody(
  kind: number,
  bytes: Uint8Array,
  view: DataView,
  p: number,
  total: number,
  i0: number,
  i1: number,
  out: Float64Array,
  at: number,
): number {
  switch (kind) {
    case Kind.constant:
      out.fill(view.getFloat64(p, true), at, at + i1 - i0);
      return 0;
    case Kind.integers:
      decodeIntegers(bytes, view, p, i0, i1, out, at);
      return -1;
    case Kind.deltas:
      return decodeDeltas(bytes, view, p, total, i0, i1, out, at);
    case Kind.doubles:
      decodeDoubles(bytes, view, p, i0, i1, out, at);
      return -1;
    default:
      throw new Error(`BUG: a column of kind ${kind} passed its checksum`);
  }
}

function decodeIntegers(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  i0: number,
  i1: number,
  out: Float64Array,
  at: number,
): void {
  const power = POWERS[bytes[p]!]!;
  const width = bytes[p + 1]!;
  const base = view.getFloat64(p + 2, true);
  const count = i1 - i0;
  unpack(bytes, view, p + 10 + i0 * width, width, count, out, at);
  const end = at + count;
  if (power === 1) for (let i = at; i < end; i++) out[i] = base + out[i]!;
  else for (let i = at; i < end; i++) out[i] = (base + out[i]!) / power;
}

/** Every m and every sum of deltas below is an integer that a double holds exactly, so the order of adding is free. */
function decodeDeltas(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  total: number,
  i0: number,
  i1: number,
  out: Float64Array,
  at: number,
): number {
  const power = POWERS[bytes[start]!]!;
  const width = bytes[start + 1]!;
  let m = view.getFloat64(start + 2, true);
  const base = view.getFloat64(start + 10, true);
  const exceptions = view.getUint16(start + 18, true);
  const exceptionsAt = start + 20;
  const deltasAt = exceptionsAt + exceptions * EXCEPTION_BYTES;
  if (i0 === 0) out[at] = m / power;
  let done = 0;
  let falls = base >= 0 ? 0 : -1;
  for (let e = 0; e <= exceptions && done + 1 < i1; e++) {
    const next = e < exceptions ? view.getUint16(exceptionsAt + e * EXCEPTION_BYTES, true) : total;
    // Values done + 1 … next - 1 follow by plain deltas; those before i0 are only added up.
    const skipTo = Math.min(next, i0) - 1;
    if (skipTo > done) {
      m = skipDeltas(bytes, deltasAt + done * width, width, skipTo - done, base, m);
      done = skipTo;
    }
    const end = Math.min(next, i1);
    if (end > done + 1) {
      m = addDeltas(
        bytes,
        view,
        deltasAt + done * width,
        width,
        end - done - 1,
        base,
        power,
        m,
        out,
        at + done + 1 - i0,
      );
      done = end - 1;
    }
    if (e === exceptions || next >= i1) break;
    const delta = view.getFloat64(exceptionsAt + e * EXCEPTION_BYTES + 2, true);
    m += delta;
    if (next >= i0) out[at + next - i0] = m / power;
    if (delta < 0 && next > i0 && falls >= 0) {
      if (falls < FALLS_MAX) FALLS[falls++] = next - i0;
      else falls = -1;
    }
    done = next;
  }
  return falls;
}

const EXCEPTION_BYTES = 10;
/** Products below this are exact, whatever the base. */
const EXACT_MAX = 2 ** 52;

/** The value after `count` deltas. */
function skipDeltas(bytes: Uint8Array, at: number, width: number, count: number, base: number, m: number): number {
  const end = at + count * width;
  if (width > 2 || Math.abs(base) * count > EXACT_MAX) {
    let value = m;
    for (let p = at, i = 0; i < count; i++, p += width) value += base + uintOf(bytes, p, width);
    return value;
  }
  let sum = 0;
  if (width === 1) for (let p = at; p < end; p++) sum += bytes[p]!;
  else for (let p = at; p < end; p += 2) sum += bytes[p]! | (bytes[p + 1]! << 8);
  return m + base * count + sum;
}

/** Writes `count` values, each the one before (at first m) and a delta, and gives the last. */
function addDeltas(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  width: number,
  count: number,
  base: number,
  power: number,
  m: number,
  out: Float64Array,
  outAt: number,
): number {
  let value = m;
  let p = at;
  const end = outAt + count;
  if (width > 2) {
    unpack(bytes, view, at, width, count, out, outAt);
    if (power === 1) for (let i = outAt; i < end; i++) out[i] = value += base + out[i]!;
    else for (let i = outAt; i < end; i++) out[i] = (value += base + out[i]!) / power;
  } else if (width === 0) {
    for (let i = outAt; i < end; i++) out[i] = (value += base) / power;
  } else if (Math.abs(m) + count * (Math.abs(base) + 65_535) < INT32_MAX) {
    return addSmallDeltas(bytes, at, width, base, power, m, out, outAt, end);
  } else if (width === 1) {
    for (let i = outAt; i < end; i++) out[i] = (value += base + bytes[p++]!) / power;
  } else {
    for (let i = outAt; i < end; i++, p += 2) out[i] = (value += base + (bytes[p]! | (bytes[p + 1]! << 8))) / power;
  }
  return value;
}

const INT32_MAX = 2 ** 31 - 1;

/** The same where no sum leaves 32 bits, as of nearly all counters: adding integers takes a quarter of the time. */
function addSmallDeltas(
  bytes: Uint8Array,
  at: number,
  width: number,
  base: number,
  power: number,
  m: number,
  out: Float64Array,
  outAt: number,
  end: number,
): number {
  let value = m | 0;
  let p = at;
  const step = base | 0;
  if (width === 1) {
    if (power === 1) for (let i = outAt; i < end; i++) out[i] = value = (value + step + bytes[p++]!) | 0;
    else for (let i = outAt; i < end; i++) out[i] = (value = (value + step + bytes[p++]!) | 0) / power;
  } else if (power === 1) {
    for (let i = outAt; i < end; i++, p += 2) {
      out[i] = value = (value + step + (bytes[p]! | (bytes[p + 1]! << 8))) | 0;
    }
  } else {
    for (let i = outAt; i < end; i++, p += 2) {
      out[i] = (value = (value + step + (bytes[p]! | (bytes[p + 1]! << 8))) | 0) / power;
    }
  }
  return value;
}

function uintOf(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let b = width - 1; b >= 0; b--) value = value * 256 + bytes[at + b]!;
  return value;
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
      for (let i = at; i < end; i++, p += width) out[i] = uintOf(bytes, p, width);
  }
}

/** The halves of the array decoded into last: making the view costs more than decoding a few values. */
let halves: Uint32Array = new Uint32Array(0);
let halvesOf: ArrayBufferLike | undefined;

function decodeDoubles(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  i0: number,
  i1: number,
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
  let p = start + 5 + i0 * step;
  let h = (out.byteOffset >> 2) + 2 * at;
  for (let i = i0; i < i1; i++, p += step, h += 2) {
    let top = 0;
    for (let b = width - 1; b >= 0; b--) top = top * 256 + bytes[p + b]!;
    halves[h] = view.getUint32(p + width, true);
    halves[h + 1] = base + top;
  }
}
