// Encodes a span batch as an ExportTraceServiceRequest in protobuf.
import { idIsZero, spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { SpanBatch } from '../model/spans.ts';
import { writeRequest } from './origin-writer.ts';
import { writeAttributes } from './value-writer.ts';
import { WireWriter } from './wire-writer.ts';

export function encodeSpans(batch: SpanBatch): Buffer {
  const writer = new WireWriter();
  return writeRequest(writer, batch, batch, (i) => {
    const span = writer.begin(2);
    writeSpan(writer, batch, i);
    writer.end(span);
  });
}

/** Writes the inside of one Span message. */
function writeSpan(writer: WireWriter, batch: SpanBatch, i: number): void {
  const { strings } = batch;
  writeId(writer, 1, batch.traceIds, i, traceIdBytes);
  writeId(writer, 2, batch.spanIds, i, spanIdBytes);
  writer.string(3, strings[batch.traceState[i]!]!);
  writeId(writer, 4, batch.parentSpanIds, i, spanIdBytes);
  writer.string(5, strings[batch.name[i]!]!);
  writer.u32(6, batch.kind[i]!);
  writer.word64(7, batch.startNs[i]!);
  writer.word64(8, batch.endNs[i]!);
  writeAttributes(writer, 9, batch.attributes, i);
  writer.u32(10, batch.droppedAttributes[i]!);
  writeEvents(writer, batch, i);
  writer.u32(12, batch.events.dropped[i]!);
  writeLinks(writer, batch, i);
  writer.u32(14, batch.links.dropped[i]!);
  if (batch.statusCode[i] !== 0 || batch.statusMessage[i] !== 0) {
    const status = writer.begin(15);
    writer.string(2, strings[batch.statusMessage[i]!]!);
    writer.u32(3, batch.statusCode[i]!);
    writer.end(status);
  }
  writer.fixed32(16, batch.flags[i]!);
}

/** Writes an id; an absent one is left out. */
export function writeId(writer: WireWriter, field: number, ids: Uint8Array, i: number, size: number): void {
  if (!idIsZero(ids, i, size)) writer.bytesField(field, ids, i * size, size);
}

function writeEvents(writer: WireWriter, { events, strings }: SpanBatch, i: number): void {
  const end = events.offsets[i + 1]!;
  for (let row = events.offsets[i]!; row < end; row++) {
    const event = writer.begin(11);
    writer.word64(1, events.timeNs[row]!);
    writer.string(2, strings[events.name[row]!]!);
    writeAttributes(writer, 3, events.attributes, row);
    writer.u32(4, events.droppedAttributes[row]!);
    writer.end(event);
  }
}

function writeLinks(writer: WireWriter, { links, strings }: SpanBatch, i: number): void {
  const end = links.offsets[i + 1]!;
  for (let row = links.offsets[i]!; row < end; row++) {
    const link = writer.begin(13);
    writeId(writer, 1, links.traceIds, row, traceIdBytes);
    writeId(writer, 2, links.spanIds, row, spanIdBytes);
    writer.string(3, strings[links.traceState[row]!]!);
    writeAttributes(writer, 4, links.attributes, row);
    writer.u32(5, links.droppedAttributes[row]!);
    writer.fixed32(6, links.flags[row]!);
    writer.end(link);
  }
}
