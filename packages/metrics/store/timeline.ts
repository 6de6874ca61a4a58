/**
 * The rows of several sources one after the other, as all series of a scrape target have them. Their timestamps are put
 * together once for all queries of a thread: a hundred targets with twenty chunks each take longer to copy than to read.
 */
import type { Chunk, Source } from './chunk.ts';
import type { OpenSource } from './open-columns.ts';
import type { SelectSnapshot } from './select-snapshot.ts';

export interface Timeline {
  readonly sources: readonly Source[];
  /** Which of a series' columns is its own in each source. */
  readonly places: Int32Array;
  readonly timestamps: Float64Array;
  /** Rows fromRows[i] <= row < toRows[i] of source i are at positions starts[i] … of `timestamps`. */
  readonly starts: Int32Array;
  readonly fromRows: Int32Array;
  readonly toRows: Int32Array;
  /** False when the sources overlap in time, and rows must be merged one by one. */
  readonly ascending: boolean;
  /** What is known of the columns of the sources that are open rows. */
  readonly opens: (OpenSource | undefined)[];
}

export function buildTimeline(snapshot: SelectSnapshot, number: number): Timeline {
  const { timelineStarts, timelineSources, timelinePlaces, startMs, endMs } = snapshot;
  const begin = timelineStarts[number]!;
  const count = timelineStarts[number + 1]! - begin;
  const places = timelinePlaces.subarray(begin, begin + count);
  const sources = new Array<Source>(count);
  const numbers = new Int32Array(3 * count);
  const starts = numbers.subarray(0, count);
  const fromRows = numbers.subarray(count, 2 * count);
  const toRows = numbers.subarray(2 * count);
  for (let i = 0; i < count; i++) sources[i] = snapshot.sources[timelineSources[begin + i]!]!;
  const strand = strandOf(sources);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const { timestamps, rows } = sources[i]!;
    // What lies between the first and the last of ascending sources is wanted as a whole, and need not be looked at.
    const cutsFront = i === 0 || strand === undefined;
    const cutsBack = i === count - 1 || strand === undefined;
    // One row more than asked for: whether a histogram goes on or begins anew shows in the one before it.
    const from = cutsFront ? Math.max(0, firstAtOrAfter(timestamps, rows, startMs) - 1) : 0;
    const to = cutsBack ? Math.max(from, firstAtOrAfter(timestamps, rows, endMs + 1)) : rows;
    starts[i] = total;
    fromRows[i] = from;
    toRows[i] = to;
    total += to - from;
  }
  if (strand !== undefined) {
    const first = strand.begin + fromRows[0]!;
    const timestamps = strand.times.subarray(first, first + total);
    return { sources, places, timestamps, starts, fromRows, toRows, ascending: true, opens: [] };
  }
  const timestamps = new Float64Array(total);
  const ascending = fill(timestamps, sources, fromRows, toRows);
  return { sources, places, timestamps, starts, fromRows, toRows, ascending, opens: [] };
}

/** Copies the rows; false when they do not ascend. */
function fill(timestamps: Float64Array, sources: readonly Source[], fromRows: Int32Array, toRows: Int32Array): boolean {
  let ascending = true;
  let at = 0;
  for (let i = 0; i < sources.length; i++) {
    const from = fromRows[i]!;
    const to = toRows[i]!;
    const own = sources[i]!.timestamps;
    if (at > 0 && to > from && own[from]! <= timestamps[at - 1]!) ascending = false;
    // Some eighty rows: views for `set` would cost more than copying them one by one.
    for (let row = from; row < to; row++) timestamps[at++] = own[row]!;
  }
  return ascending;
}

/** The timestamps of chunks that follow one another, and of the open rows behind them. Only ever appended to. */
interface Strand {
  times: Float64Array;
  /** Ids of the chunks. */
  readonly chunks: number[];
  /** Rows before each chunk, and behind the last. */
  readonly starts: number[];
  /** Positions of `times` that are written: the open rows are the ones behind the chunks. */
  rows: number;
}

/** By id of a chunk: the strand it is in, and its place there. */
const strands = new Map<number, { readonly strand: Strand; readonly place: number }>();

/** Rows in all strands of a thread, 16 MB of them. Beyond, all are forgotten: what is asked again comes again. */
const STRAND_ROWS_MAX = 2_000_000;
let strandRows = 0;

/** Where all rows of the sources are in a strand; undefined when they do not ascend, or are not what strands are for. */
function strandOf(sources: readonly Source[]): { readonly times: Float64Array; readonly begin: number } | undefined {
  const count = sources.length;
  if (count === 0 || sources[0]!.kind !== 'chunk') return undefined;
  const last = sources[count - 1]!;
  const chunkCount = last.kind === 'chunk' ? count : count - 1;
  const known = strands.get(sources[0]!.id);
  const strand = known?.strand ?? newStrand();
  const place = known?.place ?? 0;
  for (let i = 0; i < chunkCount; i++) {
    const source = sources[i]!;
    if (source.kind !== 'chunk') return undefined;
    if (place + i < strand.chunks.length) {
      if (strand.chunks[place + i] !== source.id) return undefined;
    } else if (!append(strand, source)) return undefined;
  }
  // Rows that were open for an older query may be a chunk by now: they are the same.
  if (chunkCount < count && !extend(strand, strand.starts[place + chunkCount]!, last)) return undefined;
  return { times: strand.times, begin: strand.starts[place]! };
}

function newStrand(): Strand {
  return { times: new Float64Array(256), chunks: [], starts: [0], rows: 0 };
}

function append(strand: Strand, chunk: Chunk): boolean {
  const start = strand.starts[strand.chunks.length]!;
  if (!extend(strand, start, chunk)) return false;
  if (strandRows > STRAND_ROWS_MAX) {
    strands.clear();
    strandRows = 0;
  }
  strandRows += chunk.rows;
  strands.set(chunk.id, { strand, place: strand.chunks.length });
  strand.chunks.push(chunk.id);
  strand.starts.push(start + chunk.rows);
  return true;
}

/** Writes the rows of a source at `start`. False, and nothing is changed, when they do not belong there. */
function extend(strand: Strand, start: number, { timestamps, rows }: Source): boolean {
  let { times } = strand;
  const end = start + rows;
  const kept = Math.min(strand.rows, end);
  // What readers may have is there already, and the same: a chunk that was open rows before.
  for (let at = start; at < kept; at++) if (times[at] !== timestamps[at - start]) return false;
  if (end <= strand.rows) return true;
  if (start > 0 && kept === start && timestamps[0]! <= times[start - 1]!) return false;
  if (end > times.length) {
    times = new Float64Array(Math.max(end, times.length * 2));
    times.set(strand.times.subarray(0, strand.rows));
    strand.times = times;
  }
  for (let at = kept; at < end; at++) times[at] = timestamps[at - start]!;
  strand.rows = end;
  return true;
}

/** The first of the rows whose time is not before `timeMs`. */
function firstAtOrAfter(timestamps: Float64Array, rows: number, timeMs: number): number {
  // Most sources lie within a range as a whole.
  if (rows === 0 || timestamps[0]! >= timeMs) return 0;
  if (timestamps[rows - 1]! < timeMs) return rows;
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
