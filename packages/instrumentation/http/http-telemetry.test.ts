import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import fastify, { type FastifyInstance } from 'fastify';
import { configureTelemetry, type Telemetry } from '../telemetry.ts';
import { endAtFirstByte, httpTelemetry } from './http-telemetry.ts';

const exporter = new InMemorySpanExporter();
const NO_EXPORT = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
let telemetry: Telemetry;
let app: FastifyInstance;

before(() => {
  telemetry = configureTelemetry({
    serviceName: 'test',
    environment: NO_EXPORT,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
});

after(() => telemetry.shutdown());

beforeEach(async () => {
  exporter.reset();
  app = fastify();
  app.register(httpTelemetry, { app: 'main-app' });
  app.get('/health', async () => 'ok');
  app.register(
    async (api) => {
      api.register(httpTelemetry, { app: 'api-app' });
      api.get('/orders/:id', async () => ({ active: trace.getActiveSpan()?.spanContext().spanId }));
      api.post('/orders/', async (_request, reply) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return reply.code(201).send({ active: trace.getActiveSpan()?.spanContext().spanId });
      });
      api.get('/broken', async () => {
        throw Object.assign(new Error('the oven is cold'), { code: 'OVEN_COLD' });
      });
      api.get('/events', (request, reply) => {
        endAtFirstByte(request, reply);
        reply.hijack();
        reply.raw.writeHead(200).write('data: 1\n\n');
      });
      api.get('/slow', () => new Promise(() => {}));
    },
    { prefix: '/api' },
  );
  await app.ready();
});

afterEach(() => app.close());

async function page(): Promise<string> {
  return (await telemetry.prometheus('text/plain')).body;
}

test('the span is active in handlers, also after a body was read from a real socket', async () => {
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(`${address}/api/orders/`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  const { active } = (await response.json()) as { active: string };
  const span = exporter.getFinishedSpans().find(({ kind }) => kind === SpanKind.SERVER);
  assert.equal(span?.spanContext().spanId, active);
  assert.equal(span?.name, 'POST /api/orders/');
  assert.equal(span?.attributes['server.address'], '127.0.0.1');
  assert.equal(span?.attributes['server.port'], (app.server.address() as AddressInfo).port);
  // The fetch of this test is instrumented as well: one trace across the socket.
  assert.equal(span?.parentSpanContext?.traceId, span?.spanContext().traceId);
});

test('each application’s routes carry its own name, once', async () => {
  await app.inject('/health');
  await app.inject('/api/orders/17');
  const text = await page();
  assert.match(
    text,
    /^http_server_duration_milliseconds_count\{app="main-app",endpoint="\/health",http_status_code="200",method="GET"\} 1$/m,
  );
  assert.match(
    text,
    /^http_server_duration_milliseconds_count\{app="api-app",endpoint="\/api\/orders\/\{id\}",http_status_code="200",method="GET"\} 1$/m,
  );
  assert.match(
    text,
    /^http_server_request_duration_seconds_count\{http_request_method="GET",http_response_status_code="200",http_route="\/api\/orders\/\{id\}",url_scheme="http"\} 1$/m,
  );
  // What machines poll is counted and not traced.
  assert.deepEqual(
    exporter.getFinishedSpans().map(({ name }) => name),
    ['GET /api/orders/{id}'],
  );
});

test('what no route fits is one endpoint, whatever the path', async () => {
  for (let i = 0; i < 5; i += 1) await app.inject(`/no/such/${i}`);
  const text = await page();
  assert.match(text, /_count\{app="main-app",endpoint="unmatched",http_status_code="404",method="GET"\} 5$/m);
  assert.ok(!text.includes('/no/such'));
  assert.equal(exporter.getFinishedSpans()[0]?.name, 'GET');
});

test('an exception is recorded with its kind, a client’s error is none of the server’s', async () => {
  await app.inject('/api/broken');
  const [span] = exporter.getFinishedSpans();
  assert.equal(span?.status.code, SpanStatusCode.ERROR);
  assert.equal(span?.attributes['error.type'], 'OVEN_COLD');
  assert.equal(span?.events[0]?.name, 'exception');
  exporter.reset();
  await app.inject({
    method: 'POST',
    url: '/api/orders/',
    payload: '{',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(exporter.getFinishedSpans()[0]?.status.code, SpanStatusCode.UNSET);
  assert.equal(exporter.getFinishedSpans()[0]?.attributes['http.response.status_code'], 400);
});

test('a client that goes away ends the span and is no longer active', async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const request = http.get({ host: '127.0.0.1', port, path: '/api/slow' });
  request.on('error', () => {});
  await new Promise((resolve) => app.server.once('request', resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.match(await page(), /^http_server_active_requests\{.*endpoint="\/api\/slow".*\} 1$/m);
  request.destroy();
  while (exporter.getFinishedSpans().length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(exporter.getFinishedSpans()[0]?.attributes['error.type'], 'aborted');
  const text = await page();
  assert.match(text, /^http_server_active_requests\{.*endpoint="\/api\/slow".*\} 0$/m);
  assert.match(text, /_count\{app="api-app",endpoint="\/api\/slow",http_status_code="499",method="GET"\} 1$/m);
});

test('a stream of events is measured to its first byte, and its end is no abortion', async () => {
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(`${address}/api/events`);
  const [span] = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER);
  assert.equal(span?.attributes['http.response.status_code'], 200);
  await response.body?.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const text = await page();
  assert.match(text, /_count\{app="api-app",endpoint="\/api\/events",http_status_code="200",method="GET"\} 1$/m);
  assert.match(text, /^http_server_active_requests\{.*endpoint="\/api\/events".*\} 0$/m);
  assert.ok(!text.includes('endpoint="/api/events",http_status_code="499"'));
});

test('who the client is stays out of the telemetry', async () => {
  await app.inject({ url: '/api/orders/1?phone=555-0100', headers: { authorization: 'Bearer secret', cookie: 'a=b' } });
  const text = JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes)) + (await page());
  for (const secret of ['555-0100', 'secret', 'a=b', 'client.address']) assert.ok(!text.includes(secret), secret);
});
