/** One log record as field 2 of ScopeLogs (opentelemetry/proto/logs/v1/logs.proto). */
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { Wire } from './wire.ts';
import { writeAttributes, writeValueField } from './wire-values.ts';

export function writeLogRecord(wire: Wire, record: ReadableLogRecord): void {
  const start = wire.open(2);
  wire.time(1, record.hrTime[0], record.hrTime[1]);
  if (record.severityNumber !== undefined) wire.uint(2, record.severityNumber);
  if (record.severityText !== undefined) wire.string(3, record.severityText);
  if (record.body !== undefined) writeValueField(wire, 5, record.body, 0);
  writeAttributes(wire, 6, record.attributes);
  if (record.droppedAttributesCount > 0) wire.uint(7, record.droppedAttributesCount);
  if (record.spanContext !== undefined) {
    wire.fixed32(8, record.spanContext.traceFlags & 0xff);
    wire.hex(9, record.spanContext.traceId);
    wire.hex(10, record.spanContext.spanId);
  }
  wire.time(11, record.hrTimeObserved[0], record.hrTimeObserved[1]);
  if (record.eventName !== undefined) wire.string(12, record.eventName);
  wire.close(start);
}
