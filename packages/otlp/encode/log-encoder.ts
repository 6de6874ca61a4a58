// Encodes a batch of log records as an ExportLogsServiceRequest in protobuf.
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { LogBatch } from '../model/logs.ts';
import { ValueType } from '../model/value.ts';
import { writeRequest } from './origin-writer.ts';
import { writeId } from './span-encoder.ts';
import { writeAttributes, writeValue } from './value-writer.ts';
import { WireWriter } from './wire-writer.ts';

export function encodeLogs(batch: LogBatch): Buffer {
  const writer = new WireWriter();
  const { strings } = batch;
  return writeRequest(writer, batch, batch, (i) => {
    const record = writer.begin(2);
    writer.word64(1, batch.timeNs[i]!);
    writer.u32(2, batch.severityNumber[i]!);
    writer.string(3, strings[batch.severityText[i]!]!);
    if (batch.body.types[i] !== ValueType.empty) {
      const body = writer.begin(5);
      writeValue(writer, batch.body, i);
      writer.end(body);
    }
    writeAttributes(writer, 6, batch.attributes, i);
    writer.u32(7, batch.droppedAttributes[i]!);
    writer.fixed32(8, batch.flags[i]!);
    writeId(writer, 9, batch.traceIds, i, traceIdBytes);
    writeId(writer, 10, batch.spanIds, i, spanIdBytes);
    writer.word64(11, batch.observedNs[i]!);
    writer.string(12, strings[batch.eventName[i]!]!);
    writer.end(record);
  });
}
