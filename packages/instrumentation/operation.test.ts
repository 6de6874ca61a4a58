import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { activeTraceparent, linksToCause } from './causality.ts';
import { instrumentOperation, recordDomainEvent, recordValidationFailure } from './operation.ts';
import { configureTelemetry, type Telemetry } from './telemetry.ts';

const exporter = new InMemorySpanExporter();
let telemetry: Telemetry;

before(() => {
  telemetry = configureTelemetry({
    serviceName: 'test',
    environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
});
after(() => telemetry.shutdown());
beforeEach(() => exporter.reset());

const page = async () => (await telemetry.prometheus('text/plain')).body;

test('a success is one span and three metrics, and its result passes', async () => {
  const result = await instrumentOperation({ operation: 'query', type: 'MenuQuery' }, async () => {
    recordDomainEvent('menu.read');
    await Promise.resolve();
    return trace.getActiveSpan()?.spanContext().spanId;
  });
  const [span] = exporter.getFinishedSpans();
  assert.equal(span?.name, 'MenuQuery');
  assert.equal(span?.kind, SpanKind.INTERNAL);
  assert.equal(span?.spanContext().spanId, result);
  assert.deepEqual(span?.attributes, { 'cqrs.operation': 'query', 'cqrs.type': 'MenuQuery' });
  assert.equal(span?.events[0]?.name, 'menu.read');
  const text = await page();
  assert.match(text, /^cqrs_executions_total\{operation="query",type="MenuQuery"\} 1$/m);
  assert.match(text, /^cqrs_executions_success_total\{operation="query",type="MenuQuery"\} 1$/m);
  assert.match(text, /^cqrs_execution_duration_milliseconds_count\{operation="query",type="MenuQuery"\} 1$/m);
});

test('a failure is counted by its kind and thrown on', async () => {
  class KitchenFull extends Error {}
  const failing = instrumentOperation({ operation: 'command', type: 'CookCommand' }, () => {
    recordValidationFailure('kitchen-at-capacity', 'CookCommand');
    throw new KitchenFull('no place left');
  });
  await assert.rejects(failing, KitchenFull);
  const [span] = exporter.getFinishedSpans();
  assert.equal(span?.status.code, SpanStatusCode.ERROR);
  assert.deepEqual(
    span?.events.map(({ name }) => name),
    ['validation.failed', 'exception'],
  );
  const text = await page();
  assert.match(
    text,
    /^cqrs_executions_failure_total\{error_type="KitchenFull",operation="command",type="CookCommand"\} 1$/m,
  );
  assert.match(text, /^cqrs_validation_failures_total\{rule="kitchen-at-capacity",type="CookCommand"\} 1$/m);
  assert.match(text, /^cqrs_executions_total\{operation="command",type="CookCommand"\} 1$/m);
  assert.ok(!text.includes('cqrs_executions_success_total{operation="command"'));
});

test('an event’s handler is linked to the request that caused it', async () => {
  let traceparent: string | null = null;
  await instrumentOperation({ operation: 'command', type: 'A' }, () => {
    traceparent = activeTraceparent();
  });
  await instrumentOperation({ operation: 'event', type: 'B', links: linksToCause(traceparent) }, () => {});
  const [cause, effect] = exporter.getFinishedSpans();
  assert.equal(effect?.kind, SpanKind.CONSUMER);
  assert.equal(effect?.links[0]?.context.spanId, cause?.spanContext().spanId);
  assert.notEqual(effect?.spanContext().traceId, cause?.spanContext().traceId);
});

test('malformed causes are no links', () => {
  for (const text of [null, undefined, '', 'x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`]) {
    assert.deepEqual(linksToCause(text), []);
  }
  assert.equal(activeTraceparent(), null);
});

test('what is tallied is counted when the tally is called, and not before', async () => {
  const tallied: (() => void)[] = [];
  await instrumentOperation({ operation: 'event', type: 'Tallied', tally: (count) => tallied.push(count) }, () => {});
  assert.equal(exporter.getFinishedSpans().length, 1);
  assert.doesNotMatch(await page(), /type="Tallied"/);
  for (const count of tallied) count();
  assert.match(await page(), /^cqrs_executions_success_total\{operation="event",type="Tallied"\} 1$/m);
});
