/** Walks over all traces of a time range, each one once and whole, in slices that let intake run. */

import type { SpanBatch } from '@mario/otlp';
import { type Head, withoutDoubles } from './head.ts';
import type { TraceSegment } from './segment-file.ts';
import type { SpanRef } from './span-ref.ts';
import { type TraceKey, traceIdOfKey, traceKey } from './trace-id.ts';
import { nextTurn } from './turn.ts';

/** A whole trace, as far as it has arrived. */
export interface Trace {
  readonly id: Uint8Array;
  readonly spans: readonly SpanRef[];
}

export interface ScanRange {
  /** Unix milliseconds; traces that touch the range are visited. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Scan {
  readonly heads: readonly Head[];
  readonly segments: readonly TraceSegment[];
  readonly range: ScanRange;
  readonly readBlock: (segment: TraceSegment, block: number) => Promise<SpanBatch>;
  /** Called for each trace; must be quick. */
  readonly visit: (trace: Trace) => void;
  /** Asked before each older source, with the newest time that it can hold: true ends the scan. */
  readonly enough: (newestMs: number) => boolean;
  /** Leaves segments out that cannot hold a match. */
  readonly mayMatch: (segment: TraceSegment) => Promise<boolean>;
  readonly signal: AbortSignal | undefined;
}

/** A scan gives way to other work at least this often: an append that waits longer is a visible hole in intake. */
const SLICE_MS_MAX = 8;

/**
 * Parts of one trace are looked for in segments this far from the part at hand. A trace that pauses for longer is seen
 * as two by searches (and whole by its id).
 */
const PART_DISTANCE_MS = 30 * 60_000;

/** Runs the scan. Heads first, then segments by falling newest time. Rejects with the signal's reason. */
export async function runScan(scan: Scan): Promise<void> {
  const slice = new Slice(scan.signal);
  const seen = new Set<TraceKey>();
  for (const head of scan.heads) {
    if (head.traces.size === 0 || scan.enough(head.maxMs)) continue;
    for (const trace of Array.from(head.traces.values())) {
      if (trace.minMs > scan.range.toMs || trace.maxMs < scan.range.fromMs || seen.has(trace.key)) continue;
      seen.add(trace.key);
      const id = traceIdOfKey(trace.key);
      const parts: SpanRef[][] = [[...head.spansOf(trace)]];
      for (const other of scan.heads) {
        const part = other === head ? undefined : other.traces.get(trace.key);
        if (part !== undefined) parts.push([...part.spans]);
      }
      const sealed = placesIn(scan.segments, id, trace.minMs, trace.maxMs);
      if (sealed.length > 0) parts.push(await readPlaces(scan, sealed));
      scan.visit({ id, spans: parts.length === 1 ? parts[0]! : withoutDoubles(parts.flat()) });
      if (slice.isOver()) await slice.next();
    }
  }
  const scanned = new Set<TraceSegment>();
  for (const segment of [...scan.segments].sort((a, b) => b.entry.maxTimeMs - a.entry.maxTimeMs)) {
    const { minTimeMs, maxTimeMs } = segment.entry;
    if (minTimeMs > scan.range.toMs || maxTimeMs < scan.range.fromMs) continue;
    if (scan.enough(maxTimeMs)) return;
    if (!(await scan.mayMatch(segment))) continue;
    await scanSegment(scan, segment, scanned, seen, slice);
    scanned.add(segment);
  }
}

async function scanSegment(
  scan: Scan,
  segment: TraceSegment,
  scanned: ReadonlySet<TraceSegment>,
  seen: ReadonlySet<TraceKey>,
  slice: Slice,
): Promise<void> {
  const { fromMs, toMs } = scan.range;
  const others = near(scan.segments, segment.entry.minTimeMs, segment.entry.maxTimeMs).filter(
    (other) => other !== segment,
  );
  let blockIndex = -1;
  let batch: SpanBatch | undefined;
  // Blocks hold traces in the order of their ids, so each block is read once.
  for (let trace = 0; trace < segment.traceCount; trace++) {
    if (!segment.overlaps(trace, fromMs, toMs)) continue;
    const id = segment.id(trace);
    if (seen.size > 0 && seen.has(traceKey(id, 0))) continue;
    const place = segment.place(trace);
    if (batch === undefined || place.block !== blockIndex) {
      batch = await scan.readBlock(segment, place.block);
      blockIndex = place.block;
    }
    const { minMs, maxMs } = segment.times(trace);
    const parts = placesIn(others, id, minMs, maxMs);
    // A trace that a segment scanned before holds as well was visited there.
    const visited = parts.some((part) => scanned.has(part.segment) && part.segment.overlaps(part.trace, fromMs, toMs));
    if (!visited) {
      const spans = spanRefs(batch, place.row, place.spans);
      const all = parts.length === 0 ? spans : withoutDoubles([...spans, ...(await readPlaces(scan, parts))]);
      scan.visit({ id, spans: all });
    }
    if (slice.isOver()) await slice.next();
  }
}

interface SealedPart {
  readonly segment: TraceSegment;
  readonly trace: number;
}

function near(segments: readonly TraceSegment[], minMs: number, maxMs: number): TraceSegment[] {
  return segments.filter(
    ({ entry }) => entry.minTimeMs <= maxMs + PART_DISTANCE_MS && entry.maxTimeMs >= minMs - PART_DISTANCE_MS,
  );
}

function placesIn(segments: readonly TraceSegment[], id: Uint8Array, minMs: number, maxMs: number): SealedPart[] {
  const parts: SealedPart[] = [];
  for (const segment of near(segments, minMs, maxMs)) {
    const trace = segment.find(id);
    if (trace >= 0) parts.push({ segment, trace });
  }
  return parts;
}

async function readPlaces(scan: Scan, parts: readonly SealedPart[]): Promise<SpanRef[]> {
  const spans: SpanRef[] = [];
  for (const { segment, trace } of parts) {
    const { block, row, spans: count } = segment.place(trace);
    spans.push(...spanRefs(await scan.readBlock(segment, block), row, count));
  }
  return spans;
}

export function spanRefs(batch: SpanBatch, firstRow: number, count: number): SpanRef[] {
  const refs: SpanRef[] = [];
  for (let row = firstRow; row < firstRow + count; row++) refs.push({ batch, row });
  return refs;
}

class Slice {
  readonly #signal: AbortSignal | undefined;
  #startedMs = performance.now();
  #visits = 0;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Looks at the clock only now and then, because looking costs as much as a small trace. */
  isOver(): boolean {
    return (++this.#visits & 15) === 0 && performance.now() - this.#startedMs > SLICE_MS_MAX;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#startedMs = performance.now();
  }
}
