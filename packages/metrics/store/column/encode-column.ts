/** Writes one column as small as its values allow (docs/format/metrics-column.md). */
import type { ByteWriter } from './byte-writer.ts';
import { Cell, EXCEPTION_BYTES, Head, INTEGER_MAX, Kind, POWERS, SCALE_MAX } from './column-format.ts';
import { encodeIntegerColumn } from './encode-integers.ts';

/** An exception costs ten bytes; more of them than this share of the values never pay. */
const EXCEPTIONS_MAX = 65_535;

/** Scratch memory: encoding is synchronous and not reentrant. */
let dense = new Float64Array(1024);
let scaled = new Float64Array(1024);
let deltas = new Float64Array(1024);
const halves = new DataView(new ArrayBuffer(8));

/**
 * Appends the column of `rows` cells to `out` and returns its length in bytes. `states` and `values` are read at
 * `offset + row * stride`. A column without samples writes nothing.
 */
export function encodeColumn(
  out: ByteWriter,
  rows: number,
  values: Float64Array,
  states: Uint8Array,
  offset: number,
  stride: number,
): number {
  const start = out.length;
  if (rows > 0 && encodeIntegerColumn(out, rows, values, states, offset, stride)) return out.length - start;
  let first = -1;
  let last = -1;
  let count = 0;
  let stale = 0;
  let histograms = 0;
  if (dense.length < rows) resize(rows);
  let previous = 0;
  for (let row = 0, at = offset; row < rows; row++, at += stride) {
    const state = states[at]!;
    if (state === Cell.absent) continue;
    if (first < 0) first = row;
    last = row;
    if (state === Cell.float) previous = values[at]!;
    else if (state === Cell.stale) stale++;
    else histograms++;
    dense[count++] = previous;
  }
  if (count === 0) return 0;
  const span = last - first + 1;
  const flags =
    (span < rows ? Head.range : 0) |
    (count < span ? Head.holes : 0) |
    (stale > 0 ? Head.stale : 0) |
    (histograms > 0 ? Head.histograms : 0);
  const headAt = out.length;
  out.u8(flags);
  if (span < rows) {
    out.u16(first);
    out.u16(span);
  }
  if (count < span) writeHoles(out, states, offset, stride, first, span);
  if (stale > 0) writeStale(out, states, offset, stride, rows, stale);
  const kind = encodeValues(out, count);
  out.bytes[headAt] = flags | kind;
  return out.length - start;
}

/** Appends a column of timestamps: ascending integers, all rows there. */
export function encodeTimestamps(out: ByteWriter, timestamps: Float64Array, rows: number): number {
  const start = out.length;
  if (dense.length < rows) resize(rows);
  dense.set(timestamps.subarray(0, rows));
  const headAt = out.length;
  out.u8(0);
  const kind = encodeValues(out, rows);
  out.bytes[headAt] = kind;
  return out.length - start;
}

function resize(rows: number): void {
  dense = new Float64Array(2 * rows);
  scaled = new Float64Array(2 * rows);
  deltas = new Float64Array(2 * rows);
}

function writeHoles(
  out: ByteWriter,
  states: Uint8Array,
  offset: number,
  stride: number,
  first: number,
  span: number,
): void {
  const bytes = (span + 7) >> 3;
  out.reserve(bytes);
  out.bytes.fill(0, out.length, out.length + bytes);
  for (let i = 0; i < span; i++) {
    if (states[offset + (first + i) * stride] !== Cell.absent) out.bytes[out.length + (i >> 3)]! |= 1 << (i & 7);
  }
  out.length += bytes;
}

function writeStale(
  out: ByteWriter,
  states: Uint8Array,
  offset: number,
  stride: number,
  rows: number,
  count: number,
): void {
  out.u16(count);
  for (let row = 0; row < rows; row++) if (states[offset + row * stride] === Cell.stale) out.u16(row);
}

/** Writes the body for dense[0 … count) and gives its kind. */
function encodeValues(out: ByteWriter, count: number): number {
  const value = dense[0]!;
  let constant = true;
  for (let i = 1; i < count; i++) {
    if (!Object.is(dense[i], value)) {
      constant = false;
      break;
    }
  }
  if (constant) {
    out.f64(value);
    return Kind.constant;
  }
  const scale = scaleValues(count);
  if (scale < 0) {
    encodeDoubles(out, count);
    return Kind.doubles;
  }
  return encodeIntegers(out, count, scale);
}

/** Fills `scaled` with integers m such that m / 10^scale is each value exactly; -1 when there is no such scale. */
function scaleValues(count: number): number {
  let scale = 0;
  let power = 1;
  for (let i = 0; i < count; i++) {
    const value = dense[i]!;
    let m = Math.round(value * power);
    while (m / power !== value || (m === 0 && Object.is(value, -0)) || m >= INTEGER_MAX || m <= -INTEGER_MAX) {
      if (++scale > SCALE_MAX || m >= INTEGER_MAX || m <= -INTEGER_MAX || Number.isNaN(value) || Object.is(value, -0))
        return -1;
      power = POWERS[scale]!;
      m = Math.round(value * power);
    }
  }
  for (let i = 0; i < count; i++) {
    const m = Math.round(dense[i]! * power);
    if (m / power !== dense[i]! || m >= INTEGER_MAX || m <= -INTEGER_MAX) return -1;
    scaled[i] = m;
  }
  return scale;
}

function encodeIntegers(out: ByteWriter, count: number, scale: number): number {
  let low = scaled[0]!;
  let high = low;
  for (let i = 1; i < count; i++) {
    const m = scaled[i]!;
    if (m < low) low = m;
    else if (m > high) high = m;
    deltas[i] = m - scaled[i - 1]!;
  }
  // A base that is itself beyond 2^53 away from a value would not give it back.
  if (high - low >= INTEGER_MAX) {
    encodeDoubles(out, count);
    return Kind.doubles;
  }
  const integerWidth = widthOf(high - low);
  const plan = planDeltas(count);
  const deltaBytes = 20 + (count - 1) * plan.width + plan.exceptions * EXCEPTION_BYTES;
  if (10 + count * integerWidth <= deltaBytes) {
    out.u8(scale);
    out.u8(integerWidth);
    out.f64(low);
    out.reserve(count * 8);
    for (let i = 0; i < count; i++) out.uint(scaled[i]! - low, integerWidth);
    return Kind.integers;
  }
  encodeDeltas(out, count, scale, plan);
  return Kind.deltas;
}

interface DeltaPlan {
  readonly width: number;
  readonly base: number;
  readonly exceptions: number;
}

/** The width of deltas that makes the column smallest, with what does not fit as exceptions. */
function planDeltas(count: number): DeltaPlan {
  let low = Infinity;
  let high = -Infinity;
  let lowNotNegative = Infinity;
  let negatives = 0;
  for (let i = 1; i < count; i++) {
    const delta = deltas[i]!;
    if (delta < low) low = delta;
    if (delta > high) high = delta;
    if (delta < 0) negatives++;
    else if (delta < lowNotNegative) lowNotNegative = delta;
  }
  let best: DeltaPlan = { width: widthOf(high - low), base: low, exceptions: 0 };
  // Few negative deltas are resets of a counter: the others may be much smaller without them.
  const base = negatives > 0 && negatives * 8 < count ? lowNotNegative : low;
  for (let width = 0; width < best.width; width++) {
    const limit = base + 256 ** width - 1;
    let exceptions = 0;
    for (let i = 1; i < count; i++) if (deltas[i]! < base || deltas[i]! > limit) exceptions++;
    const bytes = count * width + exceptions * EXCEPTION_BYTES;
    if (exceptions <= EXCEPTIONS_MAX && bytes < count * best.width + best.exceptions * EXCEPTION_BYTES) {
      best = { width, base, exceptions };
    }
  }
  return best;
}

function encodeDeltas(out: ByteWriter, count: number, scale: number, plan: DeltaPlan): void {
  const { width, base, exceptions } = plan;
  const limit = base + 256 ** width - 1;
  out.u8(scale);
  out.u8(width);
  out.f64(scaled[0]!);
  out.f64(base);
  out.u16(exceptions);
  if (exceptions > 0) {
    for (let i = 1; i < count; i++) {
      const delta = deltas[i]!;
      if (delta >= base && delta <= limit) continue;
      out.u16(i);
      out.f64(delta);
    }
  }
  out.reserve(count * 8);
  for (let i = 1; i < count; i++) {
    const delta = deltas[i]!;
    out.uint(delta >= base && delta <= limit ? delta - base : 0, width);
  }
}

function encodeDoubles(out: ByteWriter, count: number): void {
  let low = 0xffffffff;
  let high = 0;
  for (let i = 0; i < count; i++) {
    halves.setFloat64(0, dense[i]!);
    const top = halves.getUint32(0);
    if (top < low) low = top;
    if (top > high) high = top;
  }
  const width = widthOf(high - low);
  out.u8(width);
  out.u32(low);
  out.reserve(count * (width + 4));
  const { bytes, view } = out;
  let p = out.length;
  for (let i = 0; i < count; i++) {
    halves.setFloat64(0, dense[i]!);
    let top = halves.getUint32(0) - low;
    for (let n = 0; n < width; n++) {
      bytes[p++] = top & 255;
      top >>>= 8;
    }
    view.setUint32(p, halves.getUint32(4), true);
    p += 4;
  }
  out.length = p;
}

/** Bytes of an unsigned integer below 2^53. */
function widthOf(value: number): number {
  let width = 0;
  for (let limit = 1; value >= limit; limit *= 256) width++;
  return width;
}
