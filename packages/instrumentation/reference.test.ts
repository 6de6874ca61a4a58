import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import fastify from 'fastify';
import { businessMetrics } from './business.ts';
import { measureConnectionPool } from './database/connection-pool.ts';
import { operationDuration, responseRows } from './database/database-instruments.ts';
import { httpTelemetry } from './http/http-telemetry.ts';
import { createLogger } from './logging/logger.ts';
import type { Instrument } from './metrics/instrument.ts';
import { instrumentOperation, recordValidationFailure } from './operation.ts';
import { checkEmitted, prometheusTypeOf, reference, seriesNames } from './reference.ts';
import { referencePage } from './reference-page.ts';
import { configureTelemetry, type Telemetry } from './telemetry.ts';
import { FakeCollector } from './testing/fake-collector.ts';

const collector = new FakeCollector();
let telemetry: Telemetry;

before(async () => {
  await collector.start();
  telemetry = configureTelemetry({
    serviceName: 'test',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  });
});

after(async () => {
  await telemetry.shutdown();
  await collector.stop();
});

/** Uses every instrument of the package, each in the way that an application does. */
async function emitEverything(): Promise<void> {
  const app = fastify();
  await app.register(httpTelemetry, { app: 'api-app' });
  app.get('/', async () => instrumentOperation({ operation: 'query', type: 'MenuQuery' }, () => 'pizza'));
  app.get('/broken', async () => {
    throw new Error('cold');
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const path of ['/', '/broken', '/none']) await (await fetch(address + path)).text();
  await app.close();
  await instrumentOperation({ operation: 'command', type: 'Failing' }, () => {
    recordValidationFailure('order-not-empty', 'Failing');
    throw new Error('no');
  }).catch(() => {});
  for (const instrument of [...Object.values(businessMetrics()), operationDuration, responseRows]) use(instrument);
  usePool();
  createLogger({ name: 'test', destination: { write: () => {} } }).info('hello');
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await new Promise((resolve) => setTimeout(resolve, 20));
  // The exporters count themselves after their first export: the second collection has seen all.
  await telemetry.forceFlush();
  await telemetry.forceFlush();
}

function usePool(): void {
  const pool = { name: 'db:5432/shop', connectionsMax: 10, idle: () => 1, used: () => 2, waiting: () => 3 };
  measureConnectionPool({
    ...pool,
    listen(listener) {
      listener.opened(1);
      listener.waited(1);
      listener.held(1);
      listener.timedOut();
    },
  });
}

function use(instrument: Instrument): void {
  const attributes = Object.fromEntries(Object.keys(instrument.definition.attributes).map((key) => [key, 'x']));
  if ('add' in instrument) instrument.add(1, attributes);
  else instrument.record(1, attributes);
}

test('what is emitted is what is listed, both ways, conditional instruments included', async () => {
  await emitEverything();
  const observed = await telemetry.collect();
  assert.deepEqual(checkEmitted(reference, observed), { unknown: [], missing: [], different: [] });
  const unconditional = reference.map(({ conditional: _conditional, ...definition }) => definition);
  assert.deepEqual(checkEmitted(unconditional, observed).missing, []);
});

test('the Prometheus page has exactly the series of the list', async () => {
  const { body } = await telemetry.prometheus('text/plain');
  const seen = new Set(
    body
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(/[{ ]/)[0]!),
  );
  seen.delete('target_info');
  assert.deepEqual([...seen].sort(), [...new Set(reference.flatMap(seriesNames))].sort());
});

test('both paths have the same names: what left by OTLP translates to what stands on the page', () => {
  const sent = new Map(collector.metrics.map((metric) => [metric.name, metric]));
  for (const definition of reference) {
    const metric = sent.get(definition.name);
    assert.ok(metric, `${definition.name} was not exported`);
    assert.equal(metric.unit, definition.unit);
    assert.equal(metric.histogram !== undefined, prometheusTypeOf(definition.kind) === 'histogram', definition.name);
  }
});

test('the names that the dashboards ask for are there', () => {
  const series = new Set(reference.flatMap(seriesNames));
  for (const name of [
    'http_server_duration_milliseconds_bucket',
    'http_server_active_requests',
    'http_server_request_duration_seconds_count',
    'process_runtime_nodejs_memory_rss_bytes',
    'process_runtime_nodejs_cpu_time_seconds_total',
    'process_runtime_nodejs_gc_count_total',
    'cqrs_executions_total',
    'cqrs_execution_duration_milliseconds_sum',
    'cqrs_executions_success_total',
    'cqrs_executions_failure_total',
    'cqrs_validation_failures_total',
    'mario_orders_created_orders_total',
    'mario_orders_completed_orders_total',
    'mario_orders_cancelled_orders_total',
    'mario_orders_in_progress',
    'mario_orders_value_USD_sum',
    'mario_pizzas_ordered_pizzas_total',
    'mario_pizzas_by_size_pizzas_total',
    'mario_kitchen_queue_length',
    'mario_kitchen_cooking_duration_seconds_count',
    'mario_delivery_duration_seconds_count',
    'mario_delivery_on_time_total',
  ]) {
    assert.ok(series.has(name), name);
  }
});

test('no two instruments become one family', () => {
  const all = reference.flatMap(seriesNames);
  assert.equal(new Set(all).size, all.length);
});

test('what is not on the list, or is emitted otherwise, is found', async () => {
  const observed: ResourceMetrics = await telemetry.collect();
  const [first, ...rest] = reference;
  assert.deepEqual(checkEmitted(rest, observed).unknown, [first!.name]);
  const changed = [{ ...first!, unit: 'kg', attributes: {} }, ...rest];
  assert.ok(checkEmitted(changed, observed).different.some((text) => text.includes('and not kg')));
  assert.ok(checkEmitted(changed, observed).different.some((text) => text.endsWith('has the attribute app')));
  assert.deepEqual(checkEmitted([...reference, { ...first!, name: 'absent' }], observed).missing, ['absent']);
});

test('the page in docs is the one that the list gives', () => {
  const page = new URL('../../docs/reference/telemetry.md', import.meta.url);
  assert.equal(readFileSync(page, 'utf8'), referencePage(), 'run node packages/instrumentation/bin/write-reference.ts');
});
