import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { trace } from '@opentelemetry/api';
import fastify, { type FastifyInstance } from 'fastify';
import { BUFFER_BYTES_DEFAULT } from './export/export-buffer.ts';
import { businessMetrics, createLogger, httpTelemetry, instrumentOperation, type Telemetry } from './index.ts';
import { configureTelemetry } from './telemetry.ts';
import { attributesOf, FakeCollector } from './testing/fake-collector.ts';

const collector = new FakeCollector();
const lines: string[] = [];
let telemetry: Telemetry;
let app: FastifyInstance;
const warnings: string[] = [];

before(async () => {
  await collector.start();
  telemetry = configureTelemetry({
    serviceName: 'mario-pizzeria',
    serviceVersion: '1.2.3',
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
    retry: { initialMs: 5, factor: 1, maxMs: 5 },
    warn: (message) => warnings.push(message),
  });
  const logger = createLogger({ name: 'pizzeria', destination: { write: (line) => void lines.push(line) } });
  app = fastify();
  app.register(
    async (api) => {
      await api.register(httpTelemetry, { app: 'api-app' });
      api.post<{ Body: { pizza: string } }>('/orders/', async (request, reply) => {
        await instrumentOperation({ operation: 'command', type: 'PlaceOrderCommand' }, async () => {
          businessMetrics().ordersCreated.add(1, { channel: 'api' });
          logger.info({ order: { pizza: request.body.pizza, phone: '555-1' } }, 'order placed');
        });
        return reply.code(201).send({ pizza: request.body.pizza });
      });
    },
    { prefix: '/api' },
  );
  await app.ready();
});

after(async () => {
  await app.close();
  await telemetry.shutdown();
  await collector.stop();
});

const STATEMENT = {
  'db.system.name': 'sqlite',
  'db.namespace': 'pizzeria',
  'db.operation.name': 'SELECT',
  'db.collection.name': 'orders',
  'db.query.summary': 'SELECT orders',
  'db.query.text': 'select * from "orders" where "id" = ? and "status" = ? order by "placed_at" desc limit ?',
};

async function order(): Promise<void> {
  const response = await app.inject({
    method: 'POST',
    url: '/api/orders/?phone=555-1',
    payload: { pizza: 'Margherita' },
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  assert.equal(response.statusCode, 201);
}

describe('an order on both export paths', () => {
  test('leaves one trace, one log line and the metrics, correlated', async () => {
    await order();
    await telemetry.forceFlush();
    const server = collector.spans.find((span) => span.name === 'POST /api/orders/');
    const command = collector.spans.find((span) => span.name === 'PlaceOrderCommand');
    assert.ok(server && command);
    assert.equal(server.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(server.parentSpanId, 'b7ad6b7169203331');
    assert.equal(command.parentSpanId, server.spanId);
    assert.equal(attributesOf(server)['http.route'], '/api/orders/');
    assert.equal(attributesOf(server)['http.response.status_code'], 201);
    assert.equal(attributesOf(server)['url.path'], '/api/orders/');

    const [record] = collector.logRecords;
    assert.equal(record?.traceId, server.traceId);
    assert.equal(record?.spanId, command.spanId);
    assert.equal(record?.severityText, 'INFO');
    assert.deepEqual(attributesOf(record!), { 'order.pizza': 'Margherita', 'order.phone': '[redacted]' });
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    assert.equal(line.trace_id, server.traceId);
    assert.equal(line.msg, 'order placed');

    const duration = collector.metrics.find((metric) => metric.name === 'http.server.duration');
    assert.equal(duration?.histogram?.dataPoints[0]?.exemplars?.[0]?.traceId, server.traceId);
  });

  test('stands on the Prometheus page under the same names', async () => {
    const page = await telemetry.prometheus('application/openmetrics-text; version=1.0.0');
    assert.match(page.contentType, /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(
      page.body,
      /^http_server_duration_milliseconds_count\{app="api-app",endpoint="\/api\/orders\/",http_status_code="201",method="POST"\} 1$/m,
    );
    assert.match(page.body, /^http_server_active_requests\{.*\} 0$/m);
    assert.match(page.body, /^mario_orders_created_orders_total\{channel="api"\} 1 # \{trace_id="0af7651916cd43dd/m);
    assert.match(page.body, /^cqrs_executions_total\{operation="command",type="PlaceOrderCommand"\} 1/m);
    assert.match(page.body, /^target_info\{.*service_name="mario-pizzeria",service_version="1\.2\.3"/m);
    assert.ok(page.body.endsWith('# EOF\n'));
    const text = await telemetry.prometheus('text/plain');
    assert.ok(!text.body.includes('# {'), 'text 0.0.4 has no exemplars');
    assert.ok(!text.body.includes('555-1'), 'who the customer is does not stand in the metrics');
  });

  test('says nothing of the customer in spans', () => {
    assert.ok(!JSON.stringify(collector.spans).includes('555-1'));
  });
});

describe('a collector that goes away', () => {
  const isOutage = (warning: string) => warning.includes('/v1/traces') && warning.includes('cannot be reached');

  test('loses nothing: what was made meanwhile arrives in order when it is back', async () => {
    collector.spans.length = 0;
    await collector.stop();
    const tracer = trace.getTracer('outage');
    const made = 5_000;
    for (let i = 0; i < made; i += 1) tracer.startSpan(`span ${i}`).end();
    const deadlineMs = performance.now() + 5_000;
    while (!warnings.some(isOutage) && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await collector.start();
    await telemetry.forceFlush();
    const names = collector.spans.map((span) => span.name);
    assert.deepEqual(
      names,
      Array.from({ length: made }, (_, i) => `span ${i}`),
    );
    const page = await telemetry.prometheus(undefined);
    assert.match(
      page.body,
      /^otel_sdk_exporter_span_inflight\{otel_component_type="otlp_http_json_span_exporter"\} 0$/m,
    );
    assert.ok(!/exported_total\{[^}]*queue_full/.test(page.body));
  });

  test('leaves room for more than ten minutes at fifty requests a second', async () => {
    await collector.stop();
    const logger = createLogger({ name: 'load', destination: { write: () => {} } });
    // A tenth of it: 3,000 requests with a server span, a command span, five statements and a line or two.
    for (let request = 0; request < 3_000; request += 1) {
      await instrumentOperation({ operation: 'command', type: 'PlaceOrderCommand' }, () => {
        const attributes = { ...STATEMENT, 'db.response.returned_rows': request % 7 };
        for (let i = 0; i < 6; i += 1) trace.getTracer('load').startSpan('SELECT orders', { attributes }).end();
        logger.info({ order_id: `order-${request}`, total_cents: request * 7 }, 'order placed');
        if (request % 2 === 0) logger.info({ status: 201, duration_ms: request / 7 }, 'request completed');
      });
      if (request % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    let bytes = Number.POSITIVE_INFINITY;
    const deadlineMs = performance.now() + 5_000;
    while (bytes * 10 * 2 > BUFFER_BYTES_DEFAULT && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const { body } = await telemetry.prometheus(undefined);
      bytes = Number(/^telemetry_buffer_usage_bytes (\d+)$/m.exec(body)?.[1]);
    }
    assert.ok(bytes * 10 * 2 <= BUFFER_BYTES_DEFAULT, `${bytes} bytes for one minute`);
    collector.spans.length = 0;
    collector.logRecords.length = 0;
    await collector.start();
    await telemetry.forceFlush();
    assert.equal(collector.spans.length, 3_000 * 7);
    assert.equal(collector.logRecords.length, 4_500);
  });

  test('is told of once an outage, not at every try', () => {
    const told = warnings.filter(isOutage);
    assert.equal(told.length, 2, warnings.join('\n'));
  });
});
