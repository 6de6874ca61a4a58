import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { writeLogRecord } from '../export/log-encoder.ts';
import { Wire } from '../export/wire.ts';
import { setLogSink } from './log-sink.ts';
import { createLogger } from './logger.ts';

const TIME = Date.parse('2026-01-01T12:00:00.345Z');
const SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};
const resource = resourceFromAttributes({ 'service.name': 'shop' });
let exporter: InMemoryLogRecordExporter;
let taken: ReadableLogRecord[];

beforeEach(() => {
  taken = [];
  exporter = new InMemoryLogRecordExporter();
  const processors = [new SimpleLogRecordProcessor({ exporter })];
  logs.setGlobalLoggerProvider(new LoggerProvider({ resource, processors }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(() => {
  setLogSink(undefined);
  logs.disable();
  context.disable();
});

function speak(): void {
  const logger = createLogger({ name: 'shop', level: 'trace', destination: { write: () => {} } });
  logger.child({ order: { id: 7, tags: ['a', 'b'] } }).info({ email: 'a@b', whole: true }, 'placed');
  logger.error(new TypeError('no oven'));
  const within = (spanContext: typeof SPAN) => trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(spanContext));
  context.with(within(SPAN), () => logger.warn({ ms: 1.5 }, 'in a span'));
  context.with(within({ ...SPAN, spanId: '0'.repeat(16) }), () => logger.debug('in a span without an id'));
}

const encoded = (record: ReadableLogRecord) => {
  const wire = new Wire(1_024);
  writeLogRecord(wire, record);
  // The stack of the error tells where it was made.
  return Buffer.from(wire.bytes.subarray(0, wire.at))
    .toString('latin1')
    .replaceAll(/ {4}at .*/gs, '');
};

test('a record past the SDK is, byte for byte, the record that the SDK makes', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: TIME });
  speak();
  setLogSink({ resource, take: (record) => taken.push(record) });
  speak();
  const official = exporter.getFinishedLogRecords();
  assert.equal(official.length, 4);
  assert.deepEqual(taken.map(encoded), official.map(encoded));
  for (const [at, record] of taken.entries()) {
    assert.equal(record.resource, resource);
    assert.equal(record.instrumentationScope.name, official[at]!.instrumentationScope.name);
  }
  // Encoders gather the records of a scope by its identity.
  assert.equal(new Set(taken.map((record) => record.instrumentationScope)).size, 1);
});

test('without a sink, and when it has gone, records take the SDK’s way', () => {
  setLogSink({ resource, take: (record) => taken.push(record) });
  setLogSink(undefined);
  speak();
  assert.equal(taken.length, 0);
  assert.equal(exporter.getFinishedLogRecords().length, 4);
});
