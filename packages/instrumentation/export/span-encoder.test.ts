import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { decode } from '../testing/protobuf-tree.ts';
import { ProtobufBatchEncoder } from './batch-encoder.ts';
import { writeSpan } from './span-encoder.ts';

function spans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'mario', 'process.pid': 7 }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const remote = {
    traceId: '0123456789abcdef'.repeat(2),
    spanId: 'fedcba9876543210',
    traceFlags: TraceFlags.SAMPLED,
    traceState: createTraceState('vendor=value'),
    isRemote: true,
  };
  const parent = trace.setSpanContext(ROOT_CONTEXT, remote);
  const tracer = provider.getTracer('one', '1.0');
  const full = tracer.startSpan(
    'POST /api/orders/ ✓ ',
    {
      kind: SpanKind.SERVER,
      links: [{ context: remote, attributes: { 'link.kind': 'cause' } }],
      attributes: {
        text: 'short',
        'a.long.one': 'x'.repeat(300),
        empty: '',
        umlaut: 'Käse',
        paid: true,
        size: -12345,
        big: 2 ** 52,
        share: 0.1,
        list: ['a', 'b'],
        numbers: [1, 2.5],
      },
    },
    parent,
  );
  full.addEvent('order.placed', { 'order.total': 1999 });
  full.recordException(new Error('cold oven'));
  full.setStatus({ code: SpanStatusCode.ERROR, message: 'cold' });
  full.end();
  for (let i = 0; i < 50; i += 1)
    provider
      .getTracer(`library ${i % 3}`)
      .startSpan(`span ${i}`)
      .end();
  context.disable();
  return exporter.getFinishedSpans();
}

/** The official serialiser groups by scope as well; the trees are equal up to what proto3 lets one leave out. */
test('says what the official serialiser says, batch after batch', () => {
  const encoder = new ProtobufBatchEncoder(writeSpan);
  for (let batch = 0; batch < 3; batch += 1) {
    const records = spans();
    for (const span of records) encoder.add(span);
    assert.equal(encoder.size, records.length);
    const official = ProtobufTraceSerializer.serializeRequest(records)!;
    assert.deepEqual(decode(encoder.take()!), decode(official));
    assert.equal(encoder.take(), undefined);
  }
});

test('writes into the memory of requests that have left, and says the same', () => {
  const encoder = new ProtobufBatchEncoder(writeSpan);
  const records = spans();
  const take = () => {
    for (const span of records) encoder.add(span);
    return encoder.take()!;
  };
  const first = take();
  const expected = decode(first);
  const second = take();
  assert.notEqual(second.buffer, first.buffer, 'a request that is still on its way is not written over');
  encoder.reuse(first);
  const third = take();
  assert.equal(third.buffer, first.buffer);
  assert.deepEqual(decode(third), expected);
});
