/** One span as field 2 of ScopeSpans (opentelemetry/proto/trace/v1/trace.proto). */
import type { Attributes, Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { LeanSpan } from '../trace/lean-span.ts';
import { sharedFormOf } from '../trace/shared-attributes.ts';
import { Wire } from './wire.ts';
import { writeAttributes } from './wire-values.ts';

const ATTRIBUTES = 9;
/** Bits 8 and 9 of the flags: it is known whether the context came from another process, and it did. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

export function writeSpan(wire: Wire, span: ReadableSpan): void {
  const spanContext = span.spanContext();
  const parent = span.parentSpanContext;
  const start = wire.open(2);
  wire.repeatedId(1, spanContext.traceId);
  wire.hex(2, spanContext.spanId);
  if (spanContext.traceState !== undefined) wire.string(3, spanContext.traceState.serialize());
  if (parent !== undefined) wire.repeatedId(4, parent.spanId);
  wire.string(5, span.name);
  // The protocol's kinds begin with "unspecified".
  wire.uint(6, span.kind + 1);
  if (span instanceof LeanSpan) {
    wire.timeMs(7, span.startMs);
    wire.timeMs(8, span.endMs);
    writeLeanAttributes(wire, span);
  } else {
    wire.time(7, span.startTime[0], span.startTime[1]);
    wire.time(8, span.endTime[0], span.endTime[1]);
    writeAttributes(wire, ATTRIBUTES, span.attributes);
  }
  if (span.droppedAttributesCount > 0) wire.uint(10, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(wire, event);
  if (span.droppedEventsCount > 0) wire.uint(12, span.droppedEventsCount);
  for (const link of span.links) writeLink(wire, link);
  if (span.droppedLinksCount > 0) wire.uint(14, span.droppedLinksCount);
  const status = wire.open(15);
  if (span.status.message !== undefined) wire.string(2, span.status.message);
  if (span.status.code !== 0) wire.uint(3, span.status.code);
  wire.close(status);
  wire.fixed32(16, flagsOf(spanContext.traceFlags, parent));
  wire.close(start);
}

function writeLeanAttributes(wire: Wire, span: LeanSpan): void {
  const { initialAttributes, addedAttributes } = span;
  const shared = sharedFormOf(initialAttributes);
  if (shared === undefined) {
    writeAttributes(wire, ATTRIBUTES, span.attributes);
    return;
  }
  for (const key in addedAttributes) {
    // Rare: an attribute that was shared got another value. A key must not come twice.
    if (key in initialAttributes) {
      writeAttributes(wire, ATTRIBUTES, span.attributes);
      return;
    }
  }
  shared.encoded ??= encoded(initialAttributes);
  wire.append(shared.encoded);
  writeAttributes(wire, ATTRIBUTES, addedAttributes);
}

/** Encoded once for all spans that share them. */
function encoded(attributes: Attributes): Uint8Array {
  const wire = new Wire(512);
  writeAttributes(wire, ATTRIBUTES, attributes);
  return wire.bytes.slice(0, wire.at);
}

function writeEvent(wire: Wire, event: TimedEvent): void {
  const start = wire.open(11);
  wire.time(1, event.time[0], event.time[1]);
  wire.string(2, event.name);
  if (event.attributes !== undefined) writeAttributes(wire, 3, event.attributes);
  if (event.droppedAttributesCount) wire.uint(4, event.droppedAttributesCount);
  wire.close(start);
}

function writeLink(wire: Wire, link: Link): void {
  const start = wire.open(13);
  wire.hex(1, link.context.traceId);
  wire.hex(2, link.context.spanId);
  if (link.context.traceState !== undefined) wire.string(3, link.context.traceState.serialize());
  if (link.attributes !== undefined) writeAttributes(wire, 4, link.attributes);
  if (link.droppedAttributesCount) wire.uint(5, link.droppedAttributesCount);
  wire.fixed32(6, flagsOf(link.context.traceFlags, link.context));
  wire.close(start);
}

/** The trace flags, and whether `origin` (a span's parent, a link's span) is of another process. */
function flagsOf(traceFlags: number, origin: SpanContext | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (origin?.isRemote ? IS_REMOTE : 0);
}
