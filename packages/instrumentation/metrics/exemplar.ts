/** A measurement that stands for its bucket, with the span in which it was made. */
import { context, type Span, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { DataPoint } from '@opentelemetry/sdk-metrics';
import { spanOf } from '../trace/linked-context.ts';

export interface Exemplar {
  readonly value: number;
  readonly timeMs: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** A data point of the SDK's shape that also carries exemplars: one entry a bucket, or one for a counter. */
export interface ExemplarPoint<T> extends DataPoint<T> {
  readonly exemplars?: readonly (Exemplar | undefined)[];
}

/** The exemplars of any data point, none for those that the SDK made. */
export function exemplarsOf(point: DataPoint<unknown>): readonly (Exemplar | undefined)[] {
  return (point as ExemplarPoint<unknown>).exemplars ?? [];
}

/**
 * The span that an exemplar may name: the active one when it is sampled (the `trace_based` filter of the
 * specification: a link to a trace that nobody kept would lead nowhere).
 */
export function activeExemplarSpan(): SpanContext | undefined {
  return sampledOnly(spanOf(context.active())?.spanContext());
}

/** The same of a span that is at hand. */
export function exemplarSpanOf(span: Span): SpanContext | undefined {
  return sampledOnly(span.spanContext());
}

let enabled = true;

/** False for OTEL_METRICS_EXEMPLAR_FILTER=always_off. */
export function enableExemplars(enable: boolean): void {
  enabled = enable;
}

function sampledOnly(span: SpanContext | undefined): SpanContext | undefined {
  return enabled && span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0 ? span : undefined;
}

/** The latest exemplar of one bucket, overwritten in place: recording must not allocate. */
export class ExemplarSlot {
  value = 0;
  timeMs = 0;
  span: SpanContext | undefined = undefined;

  offer(value: number, span: SpanContext, timeMs: number): void {
    this.value = value;
    this.timeMs = timeMs;
    this.span = span;
  }

  snapshot(): Exemplar | undefined {
    if (this.span === undefined) return undefined;
    return { value: this.value, timeMs: Math.floor(this.timeMs), traceId: this.span.traceId, spanId: this.span.spanId };
  }
}
