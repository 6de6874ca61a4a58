// Spans of a batch that is being built; the decoders and the builder write to it.
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { SpanBatch, SpanEventTable, SpanLinkTable } from '../model/spans.ts';
import type { ValuePool } from '../model/value.ts';
import { U8Column, U32Column, Word64Column } from './growable.ts';
import { ResourceColumns, ScopeColumns } from './origin-columns.ts';
import type { PoolColumns } from './pool.ts';
import { AttributeColumns } from './value-columns.ts';

/**
 * All columns of one span are pushed before those of the next; its attributes, events and links may be pushed at any
 * time before `endSpan`, which closes them.
 */
export class SpanColumns<Pool extends PoolColumns = PoolColumns> {
  readonly pool: Pool;
  readonly resources: ResourceColumns;
  readonly scopes: ScopeColumns;
  readonly resource = new U32Column();
  readonly scope = new U32Column();
  readonly traceIds = new U8Column();
  readonly spanIds = new U8Column();
  readonly parentSpanIds = new U8Column();
  readonly traceState = new U32Column();
  readonly flags = new U32Column();
  readonly name = new U32Column();
  readonly kind = new U8Column();
  readonly startNs = new Word64Column();
  readonly endNs = new Word64Column();
  readonly statusCode = new U8Column();
  readonly statusMessage = new U32Column();
  readonly attributes: AttributeColumns;
  readonly droppedAttributes = new U32Column();
  readonly events: SpanEventColumns;
  readonly links: SpanLinkColumns;

  constructor(pool: Pool) {
    this.pool = pool;
    this.resources = new ResourceColumns(pool);
    this.scopes = new ScopeColumns(pool);
    this.attributes = new AttributeColumns(pool);
    this.events = new SpanEventColumns(pool);
    this.links = new SpanLinkColumns(pool);
  }

  /** Pushes a zero to each column of one entry a span, to be overwritten; gives the span's row. */
  beginSpan(): number {
    this.traceIds.pushZeros(traceIdBytes);
    this.spanIds.pushZeros(spanIdBytes);
    this.parentSpanIds.pushZeros(spanIdBytes);
    this.traceState.push(0);
    this.flags.push(0);
    this.name.push(0);
    this.kind.push(0);
    this.startNs.push(0, 0);
    this.endNs.push(0, 0);
    this.statusCode.push(0);
    this.statusMessage.push(0);
    this.droppedAttributes.push(0);
    this.events.dropped.push(0);
    this.links.dropped.push(0);
    return this.resource.length;
  }

  endSpan(resource: number, scope: number): void {
    this.resource.push(resource);
    this.scope.push(scope);
    this.attributes.endOwner();
    this.events.endSpan();
    this.links.endSpan();
  }

  take(): SpanBatch {
    const pool: ValuePool = this.pool.take();
    const count = this.resource.length;
    return {
      signal: 'traces',
      count,
      strings: pool.strings,
      bigints: pool.bigints,
      complex: pool.complex,
      resources: this.resources.take(pool),
      scopes: this.scopes.take(pool),
      resource: this.resource.take(),
      scope: this.scope.take(),
      traceIds: this.traceIds.take(),
      spanIds: this.spanIds.take(),
      parentSpanIds: this.parentSpanIds.take(),
      traceState: this.traceState.take(),
      flags: this.flags.take(),
      name: this.name.take(),
      kind: this.kind.take(),
      startNs: this.startNs.take(),
      endNs: this.endNs.take(),
      statusCode: this.statusCode.take(),
      statusMessage: this.statusMessage.take(),
      attributes: this.attributes.takeAttributes(pool),
      droppedAttributes: this.droppedAttributes.take(),
      events: this.events.take(pool),
      links: this.links.take(pool),
    };
  }

  /** Forgets a half-built batch. */
  clear(): void {
    const { resource, scope, traceIds, spanIds, parentSpanIds, traceState, flags, name, kind } = this;
    for (const column of [resource, scope, traceIds, spanIds, parentSpanIds, traceState, flags, name, kind]) {
      column.clear();
    }
    const { pool, resources, scopes, startNs, endNs, statusCode, statusMessage, attributes, events, links } = this;
    for (const part of [
      pool,
      resources,
      scopes,
      startNs,
      endNs,
      statusCode,
      statusMessage,
      attributes,
      events,
      links,
    ]) {
      part.clear();
    }
    this.droppedAttributes.clear();
  }
}

export class SpanEventColumns {
  readonly offsets = new U32Column();
  readonly timeNs = new Word64Column();
  readonly name = new U32Column();
  readonly attributes: AttributeColumns;
  readonly droppedAttributes = new U32Column();
  /** One entry a span. */
  readonly dropped = new U32Column();

  constructor(pool: PoolColumns) {
    this.attributes = new AttributeColumns(pool);
    this.offsets.push(0);
  }

  /** As `SpanColumns.beginSpan`, for one event. */
  beginEvent(): number {
    this.timeNs.push(0, 0);
    this.name.push(0);
    return this.droppedAttributes.push(0);
  }

  endSpan(): void {
    this.offsets.push(this.name.length);
  }

  take(pool: ValuePool): SpanEventTable {
    const taken = {
      offsets: this.offsets.take(),
      timeNs: this.timeNs.take(),
      name: this.name.take(),
      attributes: this.attributes.takeAttributes(pool),
      droppedAttributes: this.droppedAttributes.take(),
      dropped: this.dropped.take(),
    };
    this.offsets.push(0);
    return taken;
  }

  clear(): void {
    const { offsets, timeNs, name, attributes, droppedAttributes, dropped } = this;
    for (const part of [offsets, timeNs, name, attributes, droppedAttributes, dropped]) part.clear();
    offsets.push(0);
  }
}

export class SpanLinkColumns {
  readonly offsets = new U32Column();
  readonly traceIds = new U8Column();
  readonly spanIds = new U8Column();
  readonly traceState = new U32Column();
  readonly flags = new U32Column();
  readonly attributes: AttributeColumns;
  readonly droppedAttributes = new U32Column();
  /** One entry a span. */
  readonly dropped = new U32Column();

  constructor(pool: PoolColumns) {
    this.attributes = new AttributeColumns(pool);
    this.offsets.push(0);
  }

  /** As `SpanColumns.beginSpan`, for one link. */
  beginLink(): number {
    this.traceIds.pushZeros(traceIdBytes);
    this.spanIds.pushZeros(spanIdBytes);
    this.traceState.push(0);
    this.flags.push(0);
    return this.droppedAttributes.push(0);
  }

  endSpan(): void {
    this.offsets.push(this.flags.length);
  }

  take(pool: ValuePool): SpanLinkTable {
    const taken = {
      offsets: this.offsets.take(),
      traceIds: this.traceIds.take(),
      spanIds: this.spanIds.take(),
      traceState: this.traceState.take(),
      flags: this.flags.take(),
      attributes: this.attributes.takeAttributes(pool),
      droppedAttributes: this.droppedAttributes.take(),
      dropped: this.dropped.take(),
    };
    this.offsets.push(0);
    return taken;
  }

  clear(): void {
    const { offsets, traceIds, spanIds, traceState, flags, attributes, droppedAttributes, dropped } = this;
    for (const part of [offsets, traceIds, spanIds, traceState, flags, attributes, droppedAttributes, dropped]) {
      part.clear();
    }
    offsets.push(0);
  }
}

/** Pushes an id of which only a whole one counts: anything else of the right column is the absent id. */
export function pushTraceId(column: U8Column, id: Uint8Array | undefined): void {
  if (id === undefined) column.pushZeros(traceIdBytes);
  else column.pushBytes(id, 0, traceIdBytes);
}

/** As `pushTraceId`, for the 8 bytes of a span id. */
export function pushSpanId(column: U8Column, id: Uint8Array | undefined): void {
  if (id === undefined) column.pushZeros(spanIdBytes);
  else column.pushBytes(id, 0, spanIdBytes);
}
