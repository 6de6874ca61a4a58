import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { configureTelemetry, type Telemetry } from '../telemetry.ts';
import { tracer } from './tracer.ts';

const exporter = new InMemorySpanExporter();
let telemetry: Telemetry;

/** The same is asked of the SDK's tracer and of ours: they must not differ. */
const tracers: readonly (readonly [name: string, of: () => Tracer])[] = [
  ['the SDK’s', () => trace.getTracer('other')],
  ['the lean', tracer],
];

before(() => {
  telemetry = configureTelemetry({
    serviceName: 'test',
    environment: {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5',
    },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
});
after(() => telemetry.shutdown());
beforeEach(() => exporter.reset());

for (const [name, of] of tracers) {
  test(`${name} tracer: parents, kinds, links and times`, () => {
    const outer = of().startSpan('outer', { kind: SpanKind.SERVER, startTime: 1_700_000_000_000 });
    const within = trace.setSpan(ROOT_CONTEXT, outer);
    const link = { context: outer.spanContext(), attributes: { a: 1 } };
    const inner = of().startSpan('inner', { links: [link] }, within);
    of().startSpan('root', { root: true }, within).end();
    inner.end();
    outer.end(1_700_000_000_250);
    const [root, child, parent] = exporter.getFinishedSpans();
    assert.equal(child?.spanContext().traceId, parent?.spanContext().traceId);
    assert.equal(child?.parentSpanContext?.spanId, parent?.spanContext().spanId);
    assert.notEqual(root?.spanContext().traceId, parent?.spanContext().traceId);
    assert.equal(parent?.kind, SpanKind.SERVER);
    assert.equal(child?.kind, SpanKind.INTERNAL);
    assert.deepEqual(child?.links[0]?.attributes, { a: 1 });
    assert.deepEqual(parent?.duration, [0, 250_000_000]);
    assert.deepEqual(parent?.startTime, [1_700_000_000, 0]);
    assert.equal(child?.instrumentationScope.name, of === tracer ? '@mario/instrumentation' : 'other');
  });

  test(`${name} tracer: limits, and what is refused`, () => {
    const span = of().startSpan('limits');
    span.setAttribute('long', 'abcdefgh');
    span.setAttribute('', 1).setAttribute('bad', {} as never);
    span.setAttributes({ b: 1, c: 2, d: 3, long: 'xyz' });
    for (const event of ['one', 'two', 'three']) span.addEvent(event, { at: event });
    span.end();
    span.setAttribute('late', 1).addEvent('late');
    const [ended] = exporter.getFinishedSpans();
    assert.deepEqual(ended?.attributes, { long: 'xyz', b: 1, c: 2 });
    assert.equal(ended?.droppedAttributesCount, 1);
    assert.deepEqual(
      ended?.events.map((event) => event.name),
      ['two', 'three'],
    );
    assert.equal(ended?.droppedEventsCount, 1);
  });

  test(`${name} tracer: a status of OK is final, an exception is an event`, () => {
    const span = of().startSpan('status');
    span.recordException(Object.assign(new RangeError('x'), { code: 'E' }));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
    span.setStatus({ code: SpanStatusCode.UNSET });
    assert.equal(span.isRecording(), true);
    span.setStatus({ code: SpanStatusCode.OK, message: 'ignored' });
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    const [ended] = exporter.getFinishedSpans();
    assert.deepEqual(ended?.status, { code: SpanStatusCode.OK });
    assert.equal(ended?.events[0]?.name, 'exception');
    assert.equal(ended?.events[0]?.attributes?.['exception.type'], 'E');
    assert.equal(span.isRecording(), false);
  });

  test(`${name} tracer: suppression and unsampled parents leave nothing, the trace goes on`, () => {
    of().startSpan('suppressed', {}, suppressTracing(ROOT_CONTEXT)).end();
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE, isRemote: true };
    const span = of().startSpan('unsampled', {}, trace.setSpanContext(ROOT_CONTEXT, remote));
    span.end();
    assert.equal(span.spanContext().traceId, remote.traceId);
    assert.equal(span.isRecording(), false);
    assert.deepEqual(exporter.getFinishedSpans(), []);
  });

  test(`${name} tracer: startActiveSpan in its three forms`, () => {
    const active = () => trace.getSpan(context.active());
    assert.equal(
      of().startActiveSpan('a', (span) => active() === span),
      true,
    );
    assert.equal(
      of().startActiveSpan('b', { kind: SpanKind.CLIENT }, (span) => active() === span),
      true,
    );
    assert.equal(
      of().startActiveSpan('c', {}, ROOT_CONTEXT, (span) => active() === span),
      true,
    );
  });
}

test('attributes that are not frozen may change after the call', () => {
  const attributes = { a: 1 };
  const span = tracer().startSpan('x', { attributes });
  attributes.a = 2;
  span.setAttribute('b', 3);
  span.end();
  assert.deepEqual(exporter.getFinishedSpans()[0]?.attributes, { a: 1, b: 3 });
});

test('spans begin in the order of their starts', () => {
  let last = 0;
  for (let i = 0; i < 1_000; i += 1) {
    tracer().startSpan('tick').end();
    const [seconds, nanos] = exporter.getFinishedSpans().at(-1)!.startTime;
    const at = seconds * 1000 + nanos / 1e6;
    assert.ok(at >= last && Math.abs(at - Date.now()) < 1_000);
    last = at;
  }
});
