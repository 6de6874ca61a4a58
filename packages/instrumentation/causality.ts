/**
 * Trace context that is stored beside data (an event in an outbox, a message in a queue), so that what happens later
 * can be linked to the request that caused it. The form is W3C `traceparent`, whatever propagators are configured.
 */
import { context, isSpanContextValid, type Link, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { LeanSpan } from './trace/lean-span.ts';

/** The active span as a `traceparent`, or null outside of one. */
export function activeTraceparent(): string | null {
  const active = trace.getSpan(context.active());
  const span = active?.spanContext();
  // Spans of this package are valid by construction.
  if (span === undefined || !(active instanceof LeanSpan || isSpanContextValid(span))) return null;
  return `00-${span.traceId}-${span.spanId}-0${span.traceFlags & TraceFlags.SAMPLED}`;
}

/** Links for `instrumentOperation`; none when the text is missing or malformed. */
export function linksToCause(traceparent: string | null | undefined): readonly Link[] {
  const cause = parseTraceparent(traceparent);
  return cause === undefined ? [] : [{ context: cause, attributes: { 'link.kind': 'cause' } }];
}

function parseTraceparent(traceparent: string | null | undefined): SpanContext | undefined {
  const match = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(traceparent ?? '');
  if (match === null) return undefined;
  const [, traceId, spanId, flags] = match as unknown as [string, string, string, string];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
