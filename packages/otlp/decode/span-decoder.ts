// Decodes an ExportTraceServiceRequest in protobuf into a span batch.
import { PoolColumns } from '../build/pool.ts';
import { SpanColumns } from '../build/span-columns.ts';
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import { type SpanBatch, SpanKind, StatusCode } from '../model/spans.ts';
import { AttributeReader, AttributeSite } from './attribute-reader.ts';
import { OriginReader } from './origin-reader.ts';
import { WireReader, WireType } from './wire-reader.ts';

/** Decodes `bytes`; throws `DecodeError`. An id of a wrong length is refused, an absent one is all zero. */
export function decodeSpans(bytes: Uint8Array): SpanBatch {
  return decoder.decode(bytes);
}

class SpanDecoder {
  private readonly reader = new WireReader();
  private readonly columns = new SpanColumns(new PoolColumns());
  private readonly attributes = new AttributeReader(this.reader);
  private readonly origin = new OriginReader(this.reader, this.columns, this.attributes, (end, resource, scope) =>
    this.span(end, resource, scope),
  );
  private readonly spanSite = new AttributeSite();
  private readonly eventSite = new AttributeSite();
  private readonly linkSite = new AttributeSite();
  private namePredicted = -1;
  private eventNamePredicted = -1;
  private attributeCount = 0;

  decode(bytes: Uint8Array): SpanBatch {
    const { reader, columns } = this;
    const generation = reader.strings.generation;
    reader.begin(bytes, columns.pool.strings);
    if (generation !== reader.strings.generation) this.namePredicted = this.eventNamePredicted = -1;
    for (const site of [this.spanSite, this.eventSite, this.linkSite]) site.begin(reader.strings.generation);
    try {
      this.origin.request();
      return columns.take();
    } catch (error) {
      columns.clear();
      throw error;
    } finally {
      reader.end();
    }
  }

  private span(outerEnd: number, resource: number, scope: number): void {
    const { reader, columns } = this;
    const end = reader.nested(outerEnd);
    const row = columns.beginSpan();
    this.attributeCount = 0;
    while (reader.pos < end) this.spanField(reader.tag(), row, end);
    reader.finish(end);
    columns.endSpan(resource, scope);
  }

  private spanField(field: number, row: number, end: number): void {
    const { reader, columns } = this;
    switch (field) {
      case 1:
        reader.id(columns.traceIds, row, traceIdBytes, end, 'Span.trace_id');
        break;
      case 2:
        reader.id(columns.spanIds, row, spanIdBytes, end, 'Span.span_id');
        break;
      case 3:
        columns.traceState.data[row] = reader.string(end, -1, 'Span.trace_state');
        break;
      case 4:
        reader.id(columns.parentSpanIds, row, spanIdBytes, end, 'Span.parent_span_id');
        break;
      case 5:
        columns.name.data[row] = reader.string(end, this.namePredicted, 'Span.name');
        this.namePredicted = reader.strings.entry;
        break;
      case 6:
        columns.kind.data[row] = known(reader.u32('Span.kind'), SpanKind.consumer);
        break;
      case 7:
        reader.word64(columns.startNs, row, 'Span.start_time_unix_nano');
        break;
      case 8:
        reader.word64(columns.endNs, row, 'Span.end_time_unix_nano');
        break;
      case 9:
        reader.expect(WireType.bytes, 'Span.attributes');
        this.attributes.keyValue(end, columns.attributes, this.spanSite, this.attributeCount++);
        break;
      case 10:
        columns.droppedAttributes.data[row] = reader.u32('Span.dropped_attributes_count');
        break;
      case 11:
        this.event(reader.message(end, 'Span.events'));
        break;
      case 12:
        columns.events.dropped.data[row] = reader.u32('Span.dropped_events_count');
        break;
      case 13:
        this.link(reader.message(end, 'Span.links'));
        break;
      case 14:
        columns.links.dropped.data[row] = reader.u32('Span.dropped_links_count');
        break;
      case 15:
        this.status(row, reader.message(end, 'Span.status'));
        break;
      case 16:
        reader.expect(WireType.fixed32, 'Span.flags');
        columns.flags.data[row] = reader.fixed32();
        break;
      default:
        reader.skip(end);
    }
  }

  private status(row: number, end: number): void {
    const { reader, columns } = this;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 2) columns.statusMessage.data[row] = reader.string(end, -1, 'Status.message');
      else if (field === 3) columns.statusCode.data[row] = known(reader.u32('Status.code'), StatusCode.error);
      else reader.skip(end);
    }
    reader.finish(end);
  }

  private event(end: number): void {
    const { reader } = this;
    const { events } = this.columns;
    const row = events.beginEvent();
    let attributeCount = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) reader.word64(events.timeNs, row, 'Event.time_unix_nano');
      else if (field === 2) {
        events.name.data[row] = reader.string(end, this.eventNamePredicted, 'Event.name');
        this.eventNamePredicted = reader.strings.entry;
      } else if (field === 3) {
        reader.expect(WireType.bytes, 'Event.attributes');
        this.attributes.keyValue(end, events.attributes, this.eventSite, attributeCount++);
      } else if (field === 4) events.droppedAttributes.data[row] = reader.u32('Event.dropped_attributes_count');
      else reader.skip(end);
    }
    reader.finish(end);
    events.attributes.endOwner();
  }

  private link(end: number): void {
    const { reader } = this;
    const { links } = this.columns;
    const row = links.beginLink();
    let attributeCount = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) reader.id(links.traceIds, row, traceIdBytes, end, 'Link.trace_id');
      else if (field === 2) reader.id(links.spanIds, row, spanIdBytes, end, 'Link.span_id');
      else if (field === 3) links.traceState.data[row] = reader.string(end, -1, 'Link.trace_state');
      else if (field === 4) {
        reader.expect(WireType.bytes, 'Link.attributes');
        this.attributes.keyValue(end, links.attributes, this.linkSite, attributeCount++);
      } else if (field === 5) links.droppedAttributes.data[row] = reader.u32('Link.dropped_attributes_count');
      else if (field === 6) {
        reader.expect(WireType.fixed32, 'Link.flags');
        links.flags.data[row] = reader.fixed32();
      } else reader.skip(end);
    }
    reader.finish(end);
    links.attributes.endOwner();
  }
}

/** An enum's number, or 0 (unspecified) for one that this version does not know. */
function known(value: number, max: number): number {
  return value <= max ? value : 0;
}

const decoder = new SpanDecoder();
