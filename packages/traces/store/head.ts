/** The traces that are not sealed yet: in memory, behind the write-ahead log. */

import type { SpanBatch } from '@mario/otlp';
import type { SpanRef } from './span-ref.ts';
import { TagSummary } from './tag-summary.ts';
import { spanKey, type TraceKey, traceKey } from './trace-id.ts';

export interface HeadTrace {
  readonly key: TraceKey;
  readonly spans: SpanRef[];
  /** Start of the first and end of the last span, Unix milliseconds. */
  minMs: number;
  maxMs: number;
  /** How many of `spans` have been checked for doubles. */
  checked: number;
}

/** Memory of a span in the head beside its columns: its reference, its place in a trace. */
const SPAN_OVERHEAD_BYTES = 100;

export class Head {
  readonly traces = new Map<TraceKey, HeadTrace>();
  readonly tags = new TagSummary();
  readonly createdMs: number;
  spanCount = 0;
  sizeBytes = 0;
  /** Of the write-ahead log: the head holds everything after the last sealed record up to this one. */
  lastSequence = 0;
  minMs = Number.POSITIVE_INFINITY;
  maxMs = Number.NEGATIVE_INFINITY;

  constructor(createdMs: number) {
    this.createdMs = createdMs;
  }

  /** Takes a compact batch whose record in the log has `sequence` and `sizeBytes`. */
  add(batch: SpanBatch, sequence: number, sizeBytes: number): void {
    let trace: HeadTrace | undefined;
    for (let row = 0; row < batch.count; row++) {
      const key = traceKey(batch.traceIds, row);
      if (trace === undefined || trace.key !== key) trace = this.#trace(key);
      trace.spans.push({ batch, row });
      const startMs = Number(batch.startNs[row]!) / 1e6;
      const endMs = Math.max(startMs, Number(batch.endNs[row]!) / 1e6);
      if (startMs < trace.minMs) trace.minMs = startMs;
      if (endMs > trace.maxMs) trace.maxMs = endMs;
      if (startMs < this.minMs) this.minMs = startMs;
      if (endMs > this.maxMs) this.maxMs = endMs;
    }
    this.tags.addBatch(batch);
    this.spanCount += batch.count;
    this.sizeBytes += sizeBytes + batch.count * SPAN_OVERHEAD_BYTES;
    this.lastSequence = sequence;
  }

  /** The spans of a trace without doubles, which senders that retry produce. */
  spansOf(trace: HeadTrace): readonly SpanRef[] {
    if (trace.checked === trace.spans.length) return trace.spans;
    const unique = withoutDoubles(trace.spans);
    trace.spans.splice(0, trace.spans.length, ...unique);
    trace.checked = trace.spans.length;
    return trace.spans;
  }

  #trace(key: TraceKey): HeadTrace {
    let trace = this.traces.get(key);
    if (trace === undefined) {
      const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
      trace = { key, spans: [], minMs: POSITIVE_INFINITY, maxMs: NEGATIVE_INFINITY, checked: 0 };
      this.traces.set(key, trace);
    }
    return trace;
  }
}

/**
 * The spans of one trace with each span id once, the first one kept. Zipkin gives client and server the same id, so the
 * kind is part of what makes a span, as in Tempo.
 */
export function withoutDoubles(spans: readonly SpanRef[]): SpanRef[] {
  if (spans.length < 2) return [...spans];
  const seen = new Set<string>();
  return spans.filter(({ batch, row }) => {
    const key = spanKey(batch.spanIds, row) + batch.kind[row];
    return seen.size < seen.add(key).size;
  });
}
