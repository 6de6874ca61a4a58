// Decodes an ExportLogsServiceRequest in protobuf into a batch of log records.
import { LogColumns } from '../build/log-columns.ts';
import { PoolColumns } from '../build/pool.ts';
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { LogBatch } from '../model/logs.ts';
import { AttributeReader, AttributeSite } from './attribute-reader.ts';
import { OriginReader } from './origin-reader.ts';
import { WireReader, WireType } from './wire-reader.ts';

/** Severity numbers above this do not exist. */
const severityMax = 24;

/** Decodes `bytes`; throws `DecodeError`. */
export function decodeLogs(bytes: Uint8Array): LogBatch {
  return decoder.decode(bytes);
}

class LogDecoder {
  private readonly reader = new WireReader();
  private readonly columns = new LogColumns(new PoolColumns());
  private readonly attributes = new AttributeReader(this.reader);
  private readonly origin = new OriginReader(this.reader, this.columns, this.attributes, (end, resource, scope) =>
    this.record(end, resource, scope),
  );
  private readonly site = new AttributeSite();
  private bodyPredicted = -1;
  private severityPredicted = -1;
  private attributeCount = 0;

  decode(bytes: Uint8Array): LogBatch {
    const { reader, columns } = this;
    const generation = reader.strings.generation;
    reader.begin(bytes, columns.pool.strings);
    if (generation !== reader.strings.generation) this.bodyPredicted = this.severityPredicted = -1;
    this.site.begin(reader.strings.generation);
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

  private record(outerEnd: number, resource: number, scope: number): void {
    const { reader, columns } = this;
    const end = reader.nested(outerEnd);
    const row = columns.beginRecord();
    this.attributeCount = 0;
    while (reader.pos < end) this.recordField(reader.tag(), row, end);
    reader.finish(end);
    columns.endRecord(resource, scope);
  }

  private recordField(field: number, row: number, end: number): void {
    const { reader, columns } = this;
    switch (field) {
      case 1:
        reader.word64(columns.timeNs, row, 'LogRecord.time_unix_nano');
        break;
      case 2: {
        const severity = reader.u32('LogRecord.severity_number');
        columns.severityNumber.data[row] = severity <= severityMax ? severity : 0;
        break;
      }
      case 3:
        columns.severityText.data[row] = reader.string(end, this.severityPredicted, 'LogRecord.severity_text');
        this.severityPredicted = reader.strings.entry;
        break;
      case 5:
        this.body(reader.message(end, 'LogRecord.body'));
        break;
      case 6:
        reader.expect(WireType.bytes, 'LogRecord.attributes');
        this.attributes.keyValue(end, columns.attributes, this.site, this.attributeCount++);
        break;
      case 7:
        columns.droppedAttributes.data[row] = reader.u32('LogRecord.dropped_attributes_count');
        break;
      case 8:
        reader.expect(WireType.fixed32, 'LogRecord.flags');
        columns.flags.data[row] = reader.fixed32();
        break;
      case 9:
        reader.id(columns.traceIds, row, traceIdBytes, end, 'LogRecord.trace_id');
        break;
      case 10:
        reader.id(columns.spanIds, row, spanIdBytes, end, 'LogRecord.span_id');
        break;
      case 11:
        reader.word64(columns.observedNs, row, 'LogRecord.observed_time_unix_nano');
        break;
      case 12:
        columns.eventName.data[row] = reader.string(end, -1, 'LogRecord.event_name');
        break;
      default:
        reader.skip(end);
    }
  }

  private body(end: number): void {
    const { body } = this.columns;
    this.attributes.value(end, this.bodyPredicted);
    this.bodyPredicted = this.reader.strings.entry;
    body.pop();
    this.attributes.push(body);
  }
}

const decoder = new LogDecoder();
