// Builds a span batch from plain objects.
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import { type SpanBatch, SpanKind, type SpanKindCode, StatusCode, type StatusCodeCode } from '../model/spans.ts';
import { type AttributesInput, idBytes, plainAttributes } from './attribute-input.ts';
import { BatchBuilder } from './batch-builder.ts';
import { InterningPool } from './pool.ts';
import { pushSpanId, pushTraceId, SpanColumns } from './span-columns.ts';

/** Ids are hexadecimal text or bytes. */
export interface SpanInput {
  readonly traceId: string | Uint8Array;
  readonly spanId: string | Uint8Array;
  readonly parentSpanId?: string | Uint8Array | undefined;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name: string;
  readonly kind?: keyof typeof SpanKind | SpanKindCode;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status?: keyof typeof StatusCode | StatusCodeCode;
  readonly statusMessage?: string;
  readonly attributes?: AttributesInput;
  readonly droppedAttributes?: number;
  readonly events?: readonly SpanEventInput[];
  readonly droppedEvents?: number;
  readonly links?: readonly SpanLinkInput[];
  readonly droppedLinks?: number;
}

export interface SpanEventInput {
  readonly timeNs: bigint;
  readonly name: string;
  readonly attributes?: AttributesInput;
  readonly dropped?: number;
}

export interface SpanLinkInput {
  readonly traceId: string | Uint8Array;
  readonly spanId: string | Uint8Array;
  readonly traceState?: string;
  readonly flags?: number;
  readonly attributes?: AttributesInput;
  readonly dropped?: number;
}

export class SpanBatchBuilder extends BatchBuilder {
  private readonly columns: SpanColumns<InterningPool>;

  constructor() {
    const columns = new SpanColumns(new InterningPool());
    super(columns);
    this.columns = columns;
  }

  get count(): number {
    return this.columns.resource.length;
  }

  span(span: SpanInput): this {
    const { columns, id } = this;
    const resource = this.currentResource();
    pushTraceId(columns.traceIds, idBytes(span.traceId, traceIdBytes));
    pushSpanId(columns.spanIds, idBytes(span.spanId, spanIdBytes));
    pushSpanId(columns.parentSpanIds, idBytes(span.parentSpanId, spanIdBytes));
    columns.traceState.push(id(span.traceState ?? ''));
    columns.flags.push(span.flags ?? 0);
    columns.name.push(id(span.name));
    columns.kind.push(typeof span.kind === 'string' ? SpanKind[span.kind] : (span.kind ?? SpanKind.internal));
    columns.startNs.pushBigInt(span.startNs);
    columns.endNs.pushBigInt(span.endNs);
    columns.statusCode.push(typeof span.status === 'string' ? StatusCode[span.status] : (span.status ?? 0));
    columns.statusMessage.push(id(span.statusMessage ?? ''));
    for (const [key, value] of plainAttributes(span.attributes)) {
      columns.attributes.pushKey(id(key));
      columns.attributes.pushPlain(value, id);
    }
    columns.droppedAttributes.push(span.droppedAttributes ?? 0);
    for (const event of span.events ?? []) this.event(event);
    columns.events.dropped.push(span.droppedEvents ?? 0);
    for (const link of span.links ?? []) this.link(link);
    columns.links.dropped.push(span.droppedLinks ?? 0);
    columns.endSpan(resource, this.currentScope());
    return this;
  }

  /** Hands the batch over; the builder starts anew. */
  build(): SpanBatch {
    return this.columns.take();
  }

  private event(event: SpanEventInput): void {
    const { events } = this.columns;
    events.timeNs.pushBigInt(event.timeNs);
    events.name.push(this.id(event.name));
    events.attributes.pushOwner(plainAttributes(event.attributes), this.id);
    events.droppedAttributes.push(event.dropped ?? 0);
  }

  private link(link: SpanLinkInput): void {
    const { links } = this.columns;
    pushTraceId(links.traceIds, idBytes(link.traceId, traceIdBytes));
    pushSpanId(links.spanIds, idBytes(link.spanId, spanIdBytes));
    links.traceState.push(this.id(link.traceState ?? ''));
    links.flags.push(link.flags ?? 0);
    links.attributes.pushOwner(plainAttributes(link.attributes), this.id);
    links.droppedAttributes.push(link.dropped ?? 0);
  }
}
