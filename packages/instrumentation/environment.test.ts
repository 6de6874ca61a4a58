import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from './environment.ts';

test('defaults are those of the specification', () => {
  const environment = readEnvironment({});
  assert.equal(environment.disabled, false);
  assert.equal(environment.signals.traces.exporter, 'otlp');
  assert.equal(environment.signals.traces.target.protocol, 'http/protobuf');
  assert.equal(environment.signals.traces.target.url, 'http://127.0.0.1:4318/v1/traces');
  assert.equal(environment.signals.traces.target.timeoutMs, 10_000);
  assert.equal(environment.metricExportIntervalMs, 60_000);
  assert.deepEqual(environment.spanBatch, { scheduleDelayMs: 5_000, batchSizeMax: 512 });
  assert.deepEqual(environment.logBatch, { scheduleDelayMs: 1_000, batchSizeMax: 512 });
  assert.deepEqual(environment.propagators, ['tracecontext', 'baggage']);
  assert.equal(environment.sampler.name, 'parentbased_always_on');
  assert.deepEqual(environment.warnings, []);
});

test('the common endpoint is a base for HTTP, a signal’s own is used as it is', () => {
  const { signals } = readEnvironment({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/otlp/',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://loki:3100/otlp/v1/logs',
  });
  assert.equal(signals.traces.target.url, 'http://collector:4318/otlp/v1/traces');
  assert.equal(signals.metrics.target.url, 'http://collector:4318/otlp/v1/metrics');
  assert.equal(signals.logs.target.url, 'http://loki:3100/otlp/v1/logs');
});

test('a signal’s own variable wins over the common one', () => {
  const { signals } = readEnvironment({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '500',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  });
  assert.equal(signals.traces.target.protocol, 'grpc');
  assert.equal(signals.traces.target.timeoutMs, 500);
  assert.deepEqual(signals.traces.target.headers, { a: '1', b: '3' });
  assert.equal(signals.metrics.target.protocol, 'http/json');
  assert.equal(signals.metrics.target.timeoutMs, 3000);
  assert.equal(signals.metrics.target.gzip, true);
});

test('an endpoint that only gRPC can have makes the protocol gRPC, unless one is named', () => {
  const target = (variables: Record<string, string>) => readEnvironment(variables).signals.traces.target;
  const named = target({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  assert.deepEqual([named.protocol, named.url], ['grpc', 'http://127.0.0.1:4317']);
  const port = target({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317/' });
  assert.deepEqual([port.protocol, port.url], ['grpc', 'http://collector:4317/']);
  const own = target({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:14317', OTEL_EXPORTER_OTLP_INSECURE: 'true' });
  assert.deepEqual([own.protocol, own.url], ['grpc', 'http://collector:14317']);
  const other = target({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:14317' });
  assert.deepEqual([other.protocol, other.url], ['http/protobuf', 'http://collector:14317/v1/traces']);
  const asked = target({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  });
  assert.deepEqual([asked.protocol, asked.url], ['http/protobuf', 'http://collector:4317/v1/traces']);
});

test('gRPC endpoints without a scheme are secure unless said otherwise', () => {
  const secure = readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' });
  assert.equal(secure.signals.traces.target.url, 'https://collector:4317');
  const insecure = readEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
  });
  assert.equal(insecure.signals.traces.target.url, 'http://collector:4317');
});

test('an empty value counts as unset', () => {
  const environment = readEnvironment({
    OTEL_SERVICE_NAME: '',
    OTEL_TRACES_EXPORTER: ' ',
    OTEL_BSP_SCHEDULE_DELAY: '',
  });
  assert.equal(environment.serviceName, undefined);
  assert.equal(environment.signals.traces.exporter, 'otlp');
  assert.equal(environment.spanBatch.scheduleDelayMs, 5_000);
});

test('resource attributes are percent-decoded; a malformed list is dropped whole and told of', () => {
  const good = readEnvironment({ OTEL_RESOURCE_ATTRIBUTES: 'team=pizza%2Cpasta, region = eu ' });
  assert.deepEqual(good.resourceAttributes, { team: 'pizza,pasta', region: 'eu' });
  const bad = readEnvironment({ OTEL_RESOURCE_ATTRIBUTES: 'team=%zz,region=eu' });
  assert.deepEqual(bad.resourceAttributes, {});
  assert.match(bad.warnings[0]!, /OTEL_RESOURCE_ATTRIBUTES/);
});

test('what is not understood is a warning that names it, and the default holds', () => {
  const environment = readEnvironment({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '-3',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://[',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  });
  assert.equal(environment.signals.traces.target.protocol, 'http/protobuf');
  assert.equal(environment.signals.traces.target.url, 'http://127.0.0.1:4318/v1/traces');
  assert.equal(environment.spanBatch.batchSizeMax, 512);
  const told = environment.warnings.join('\n');
  for (const name of ['carrier-pigeon', 'zipkin', 'BATCH_SIZE=-3', 'http://[', 'delta'])
    assert.ok(told.includes(name), name);
});

test('exporters: none, console, and prometheus for metrics, whose page is always there', () => {
  const { signals } = readEnvironment({
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_LOGS_EXPORTER: 'none',
  });
  assert.deepEqual(
    [signals.traces.exporter, signals.metrics.exporter, signals.logs.exporter],
    ['console', 'none', 'none'],
  );
});
