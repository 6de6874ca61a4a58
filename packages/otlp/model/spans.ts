// A batch of spans as columns.
import type { AttributeTable } from './attributes.ts';
import type { TelemetryBatch } from './origin.ts';

export const SpanKind = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export type SpanKindCode = (typeof SpanKind)[keyof typeof SpanKind];

export const StatusCode = { unset: 0, ok: 1, error: 2 } as const;
export type StatusCodeCode = (typeof StatusCode)[keyof typeof StatusCode];

/** Row `i` of each column belongs to span `i`; columns of names hold string ids. */
export interface SpanBatch extends TelemetryBatch {
  readonly signal: 'traces';
  /** Index in `resources`. */
  readonly resource: Uint32Array;
  /** Index in `scopes`. */
  readonly scope: Uint32Array;
  /** 16 bytes a span. */
  readonly traceIds: Uint8Array;
  /** 8 bytes a span. */
  readonly spanIds: Uint8Array;
  /** 8 bytes a span, all zero for a root span. */
  readonly parentSpanIds: Uint8Array;
  readonly traceState: Uint32Array;
  readonly flags: Uint32Array;
  readonly name: Uint32Array;
  readonly kind: Uint8Array;
  readonly startNs: BigUint64Array;
  readonly endNs: BigUint64Array;
  readonly statusCode: Uint8Array;
  readonly statusMessage: Uint32Array;
  readonly attributes: AttributeTable;
  readonly droppedAttributes: Uint32Array;
  readonly events: SpanEventTable;
  readonly links: SpanLinkTable;
}

/** The events of span `i` are the rows `offsets[i]` up to `offsets[i + 1]`. */
export interface SpanEventTable {
  readonly offsets: Uint32Array;
  readonly timeNs: BigUint64Array;
  readonly name: Uint32Array;
  /** Owner = row of the event. */
  readonly attributes: AttributeTable;
  readonly droppedAttributes: Uint32Array;
  /** One entry a span: how many events the sender dropped. */
  readonly dropped: Uint32Array;
}

/** The links of span `i` are the rows `offsets[i]` up to `offsets[i + 1]`. */
export interface SpanLinkTable {
  readonly offsets: Uint32Array;
  readonly traceIds: Uint8Array;
  readonly spanIds: Uint8Array;
  readonly traceState: Uint32Array;
  readonly flags: Uint32Array;
  /** Owner = row of the link. */
  readonly attributes: AttributeTable;
  readonly droppedAttributes: Uint32Array;
  /** One entry a span: how many links the sender dropped. */
  readonly dropped: Uint32Array;
}
