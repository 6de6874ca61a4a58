/**
 * The usual column, written in one go: a sample in every row, and all of them integers. What comes out is byte for byte
 * what the general way (`encode-column.ts`) writes; it is here because most columns are counters and constants, and one
 * small function is compiled sooner, and runs faster, than ten general ones.
 */
import type { ByteWriter } from './byte-writer.ts';
import { Cell, EXCEPTION_BYTES, INTEGER_MAX, Kind } from './column-format.ts';

/** Scratch memory: encoding is synchronous and not reentrant. */
let dense = new Float64Array(1024);

/** The widest head of a column without exceptions: kind, scale, width, first, base, count of exceptions. */
const HEAD_BYTES = 21;
/** Wider numbers than 32 bits are left to the general way. */
const WIDTH_MAX = 4;

/** Appends the column, or does nothing and gives false when it is not of that kind. */
export function encodeIntegerColumn(
  out: ByteWriter,
  rows: number,
  values: Float64Array,
  states: Uint8Array,
  offset: number,
  stride: number,
): boolean {
  if (dense.length < rows) dense = new Float64Array(2 * rows);
  const column = dense;
  let previous = values[offset]!;
  let deltaLow = Infinity;
  let deltaHigh = -Infinity;
  for (let row = 0, at = offset; row < rows; row++, at += stride) {
    const value = values[at]!;
    if (states[at] !== Cell.float || Math.floor(value) !== value) return false;
    if (value === 0 && Object.is(value, -0)) return false;
    column[row] = value;
    if (row === 0) continue;
    const delta = value - previous;
    if (delta < deltaLow) deltaLow = delta;
    if (delta > deltaHigh) deltaHigh = delta;
    previous = value;
  }
  let low = column[0]!;
  let high = previous;
  // Of a counter that goes on, the first value is the lowest, and the last the highest: no need to look.
  if (deltaLow < 0) {
    for (let row = 0; row < rows; row++) {
      const value = column[row]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (high >= INTEGER_MAX || low <= -INTEGER_MAX || high - low > 0xffffffff) return false;
  if (low !== high) return writeVarying(out, rows, low, widthOf(high - low), deltaLow, deltaHigh);
  out.reserve(HEAD_BYTES);
  out.bytes[out.length] = Kind.constant;
  out.view.setFloat64(out.length + 1, low, true);
  out.length += 9;
  return true;
}

/** Writes dense[0 … rows) as integers above `low` or as deltas, whichever is smaller; false where exceptions may pay. */
function writeVarying(
  out: ByteWriter,
  rows: number,
  low: number,
  width: number,
  deltaLow: number,
  deltaHigh: number,
): boolean {
  const deltaWidth = widthOf(deltaHigh - deltaLow);
  if (deltaWidth > WIDTH_MAX || mayHaveExceptions(rows, deltaLow, deltaWidth)) return false;
  out.reserve(HEAD_BYTES + rows * WIDTH_MAX);
  const { bytes, view } = out;
  const isDeltas = 10 + rows * width > 20 + (rows - 1) * deltaWidth;
  let p = out.length;
  bytes[p] = isDeltas ? Kind.deltas : Kind.integers;
  bytes[p + 1] = 0;
  bytes[p + 2] = isDeltas ? deltaWidth : width;
  view.setFloat64(p + 3, isDeltas ? dense[0]! : low, true);
  p += 11;
  if (isDeltas) {
    view.setFloat64(p, deltaLow, true);
    view.setUint16(p + 8, 0, true);
    p += 10;
  }
  out.length = p;
  if (isDeltas && deltaWidth > 0) writeDeltas(out, rows, deltaLow, deltaWidth);
  else if (!isDeltas) writeAbove(out, rows, low, width);
  return true;
}

function writeDeltas(out: ByteWriter, rows: number, base: number, width: number): void {
  const { bytes } = out;
  let p = out.length;
  let previous = dense[0]!;
  for (let row = 1; row < rows; row++) {
    const value = dense[row]!;
    let rest = (value - previous - base) >>> 0;
    previous = value;
    bytes[p++] = rest & 255;
    for (let i = 1; i < width; i++) {
      rest >>>= 8;
      bytes[p++] = rest & 255;
    }
  }
  out.length = p;
}

function writeAbove(out: ByteWriter, rows: number, low: number, width: number): void {
  const { bytes } = out;
  let p = out.length;
  for (let row = 0; row < rows; row++) {
    let rest = (dense[row]! - low) >>> 0;
    bytes[p++] = rest & 255;
    for (let i = 1; i < width; i++) {
      rest >>>= 8;
      bytes[p++] = rest & 255;
    }
  }
  out.length = p;
}

/**
 * Whether deltas that are written as exceptions could make the others so much narrower that the column gets smaller, or
 * negative ones are few, which are then tried as exceptions too.
 */
function mayHaveExceptions(rows: number, deltaLow: number, deltaWidth: number): boolean {
  if (deltaWidth === 0) return false;
  const limit = deltaLow + LIMITS[deltaWidth - 1]! - 1;
  const wideMax = (rows * deltaWidth) / EXCEPTION_BYTES;
  let wide = 0;
  for (let row = 1; row < rows && wide < wideMax; row++) if (dense[row]! - dense[row - 1]! > limit) wide++;
  if (wide < wideMax) return true;
  if (deltaLow >= 0) return false;
  let negatives = 0;
  for (let row = 1; row < rows; row++) if (dense[row]! < dense[row - 1]!) negatives++;
  return negatives * 8 < rows;
}

/** 256 to the power of a width. */
const LIMITS = Float64Array.of(1, 0x100, 0x10000, 0x1000000, 0x100000000);

/** Bytes of an unsigned integer; more than `WIDTH_MAX` for all that is wider. */
function widthOf(value: number): number {
  if (value < 1) return 0;
  if (value < 0x100) return 1;
  if (value < 0x10000) return 2;
  if (value < 0x1000000) return 3;
  return value <= 0xffffffff ? WIDTH_MAX : WIDTH_MAX + 1;
}
