import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { decode } from '../testing/protobuf-tree.ts';
import { ProtobufBatchEncoder } from './batch-encoder.ts';
import { writeLogRecord } from './log-encoder.ts';

test('says what the official serialiser says', () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('pizzeria', '1');
  const span = { traceId: '0123456789abcdef'.repeat(2), spanId: 'fedcba9876543210', traceFlags: TraceFlags.SAMPLED };
  logger.emit({
    context: trace.setSpanContext(ROOT_CONTEXT, span),
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    body: 'the oven is cold — again',
    attributes: { order: 7, tags: ['a', 'b'], nested: { deep: { x: 1.5 } }, bytes: new Uint8Array([1, 2, 3]) },
  });
  logger.emit({ body: { structured: ['body', 1] }, eventName: 'menu.read', timestamp: 1_700_000_000_123 });
  logger.emit({});
  const encoder = new ProtobufBatchEncoder(writeLogRecord);
  const records = exporter.getFinishedLogRecords();
  for (const record of records) encoder.add(record);
  assert.deepEqual(decode(encoder.take()!), decode(ProtobufLogsSerializer.serializeRequest(records)!));
});
