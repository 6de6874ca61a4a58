import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { instrumentOperation } from './operation.ts';
import { configureTelemetry } from './telemetry.ts';

const NO_EXPORT = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

test('OTEL_SDK_DISABLED: nothing is recorded, the application does not notice', async () => {
  const telemetry = configureTelemetry({ serviceName: 'x', environment: { OTEL_SDK_DISABLED: 'true' } });
  assert.equal(telemetry.enabled, false);
  const result = await instrumentOperation({ operation: 'query', type: 'Q' }, (span) => {
    assert.equal(span.isRecording(), false);
    return 1;
  });
  assert.equal(result, 1);
  assert.equal((await telemetry.prometheus(undefined)).body, '');
  await telemetry.forceFlush();
  await telemetry.shutdown();
});

test('the environment’s name and attributes win over the code’s', async () => {
  const telemetry = configureTelemetry({
    serviceName: 'code',
    serviceVersion: '1',
    resourceAttributes: { team: 'code', shop: 'one' },
    environment: { ...NO_EXPORT, OTEL_SERVICE_NAME: 'env', OTEL_RESOURCE_ATTRIBUTES: 'team=env,service.name=ignored' },
  });
  const { attributes } = telemetry.resource;
  assert.equal(attributes['service.name'], 'env');
  assert.equal(attributes.team, 'env');
  assert.equal(attributes.shop, 'one');
  assert.equal(attributes['service.version'], '1');
  assert.equal(attributes['telemetry.sdk.language'], 'nodejs');
  assert.equal(attributes['process.command_args'], undefined, 'command lines may hold secrets');
  await telemetry.shutdown();
});

test('samplers: a ratio of zero leaves no span of a new trace, a sampled parent decides', async () => {
  const exporter = new InMemorySpanExporter();
  const telemetry = configureTelemetry({
    serviceName: 'x',
    environment: { ...NO_EXPORT, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  await instrumentOperation({ operation: 'query', type: 'Q' }, () => {});
  trace.getTracer('t').startSpan('s').end();
  assert.deepEqual(exporter.getFinishedSpans(), []);
  await telemetry.shutdown();
});

test('OTEL_METRICS_EXEMPLAR_FILTER=always_off: no exemplars', async () => {
  for (const filter of ['always_off', 'trace_based']) {
    const environment = { ...NO_EXPORT, OTEL_METRICS_EXEMPLAR_FILTER: filter };
    const telemetry = configureTelemetry({ serviceName: 'x', environment });
    await instrumentOperation({ operation: 'query', type: 'Q' }, () => {});
    const { body } = await telemetry.prometheus('application/openmetrics-text');
    assert.equal(body.includes('# {trace_id='), filter === 'trace_based');
    await telemetry.shutdown();
  }
});

test('what is not understood is told of, and the start goes on', async () => {
  const warnings: string[] = [];
  const telemetry = configureTelemetry({
    serviceName: 'x',
    environment: { ...NO_EXPORT, OTEL_PROPAGATORS: 'b3,tracecontext', OTEL_TRACES_SAMPLER: 'xray' },
    warn: (message) => warnings.push(message),
  });
  assert.deepEqual(propagation.fields(), ['traceparent', 'tracestate']);
  assert.ok(warnings.some((warning) => warning.includes('b3')));
  assert.ok(warnings.some((warning) => warning.includes('xray')));
  await telemetry.shutdown();
});

test('a shutdown twice is harmless, gives the globals back, and a new set-up starts from zero', async () => {
  const first = configureTelemetry({ serviceName: 'x', environment: NO_EXPORT });
  await instrumentOperation({ operation: 'query', type: 'Counted' }, () => {});
  await Promise.all([first.shutdown(), first.shutdown()]);
  assert.equal(trace.getTracer('t').startSpan('s').isRecording(), false);
  const second = configureTelemetry({ serviceName: 'x', environment: NO_EXPORT });
  metrics.getMeter('library').createCounter('library.calls').add(1);
  const { body } = await second.prometheus(undefined);
  assert.ok(!body.includes('cqrs_executions_total{'));
  assert.match(body, /^library_calls_total 1$/m);
  await second.shutdown();
});
