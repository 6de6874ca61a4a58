// Which spans make an edge, and what becomes of those that stay single.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeMap, type MetricBatch, type SpanBatch, SpanBatchBuilder, type SpanInput } from '@mario/otlp';
import { readConfigText } from '../../testing/read-config.ts';
import { ownMetric, testSettings } from '../../testing/settings.ts';
import { serviceGraphConnector } from './service-graph.ts';

const MS = 1_000_000n;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALL = '00000000000000c1';

function span(service: string, input: Partial<SpanInput> & { ms?: number }): SpanBatch {
  const { ms = 10, ...rest } = input;
  return new SpanBatchBuilder()
    .resource({ 'service.name': service, zone: `${service}-zone` })
    .span({
      traceId: TRACE,
      spanId: CALL,
      name: 'x',
      startNs: 1000n * MS,
      endNs: 1000n * MS + BigInt(ms) * MS,
      ...rest,
    })
    .build();
}

const client = (service: string, input: Partial<SpanInput> & { ms?: number } = {}) =>
  span(service, { kind: 'client', ...input });
const server = (service: string, input: Partial<SpanInput> & { ms?: number } = {}) =>
  span(service, { kind: 'server', spanId: '00000000000000d1', parentSpanId: CALL, ...input });

async function open(config = '') {
  const settings = testSettings('service_graph');
  const sent: MetricBatch[] = [];
  const read = readConfigText(serviceGraphConnector, config);
  assert.deepEqual(read.issues, []);
  const route = { from: 'traces', to: 'metrics' } as const;
  const step = serviceGraphConnector.create(route, read.config, settings, async (batch) => void sent.push(batch));
  await step.start();
  return { settings, sent, step };
}

/** `name{…} value` of each number point. */
function counts({ numbers, metrics, strings }: MetricBatch): string[] {
  return Array.from({ length: numbers.count }, (_, row) => {
    const name = strings[metrics.name[numbers.metric[row]!]!]!.replace('traces_service_graph_', '');
    const attributes = Object.fromEntries(attributeMap(numbers.attributes, row));
    return `${name}${JSON.stringify(attributes).replaceAll('"', '')} ${numbers.ints[row]}`;
  });
}

test('both halves of a call make an edge, in whichever order they come', async () => {
  const { sent, step } = await open();
  await step.consume(client('shop', { ms: 30 }));
  await step.consume(server('bank', { ms: 20 }));
  await step.consume(server('bank', { traceId: '1'.repeat(32), status: 'error' }));
  await step.consume(client('shop', { traceId: '1'.repeat(32) }));
  await step.consume(span('shop', { kind: 'internal', spanId: '00000000000000e1' }));
  await step.shutdown();
  assert.deepEqual(counts(sent[0]!), [
    'request_total{client:shop,server:bank,connection_type:,failed:false} 1',
    'request_total{client:shop,server:bank,connection_type:,failed:true} 1',
    'request_failed_total{client:shop,server:bank,connection_type:,failed:true} 1',
  ]);
  const { histograms, metrics, strings } = sent[0]!;
  const named = [...histograms.metric].map((metric) => strings[metrics.name[metric]!]!);
  assert.deepEqual(
    named.map((name, row) => `${name} ${histograms.sum[row]}`),
    [
      'traces_service_graph_request_server 0.02',
      'traces_service_graph_request_server 0.01',
      'traces_service_graph_request_client 0.03',
      'traces_service_graph_request_client 0.01',
    ],
  );
  assert.equal(strings[metrics.unit[histograms.metric[0]!]!], 's');
});

test('queues and databases are told apart', async () => {
  const { sent, step } = await open();
  await step.consume(client('shop', { kind: 'producer' }));
  await step.consume(server('kitchen', { kind: 'consumer' }));
  await step.consume(client('shop', { spanId: '00000000000000c2', attributes: { 'db.name': 'orders' } }));
  await step.shutdown();
  assert.deepEqual(counts(sent[0]!), [
    'request_total{client:shop,server:kitchen,connection_type:messaging_system,failed:false} 1',
    'request_total{client:shop,server:orders,connection_type:database,failed:false} 1',
  ]);
});

test('who stays single was called by a user, or calls somebody without spans', async () => {
  const { settings, sent, step } = await open('{virtual_node_extra_label: true, metrics_flush_interval: 10s}');
  await step.consume(server('shop', { parentSpanId: undefined }));
  await step.consume(client('shop', { attributes: { 'net.peer.name': 'mail' } }));
  await step.consume(client('shop', { spanId: '00000000000000c2' }));
  await step.consume(server('bank', { parentSpanId: '00000000000000f9' }));
  assert.equal(ownMetric(settings, 'otelcol_connector_servicegraph_total_edges_total{connector="service_graph"}'), 4);
  await settings.clock.advance(10_000);
  assert.deepEqual(counts(sent[0]!), [
    'request_total{client:user,server:shop,connection_type:virtual_node,failed:false,virtual_node:client} 1',
    'request_total{client:shop,server:mail,connection_type:virtual_node,failed:false,virtual_node:server} 1',
    'request_total{client:shop,server:unknown,connection_type:virtual_node,failed:false,virtual_node:server} 1',
  ]);
  assert.equal(ownMetric(settings, 'otelcol_connector_servicegraph_expired_edges_total{connector="service_graph"}'), 4);
  await step.shutdown();
});

test('dimensions are of the side that has them', async () => {
  const { sent, step } = await open('dimensions: [zone, only]');
  await step.consume(client('shop', { attributes: { only: 'here' } }));
  await step.consume(server('bank'));
  await step.shutdown();
  assert.match(counts(sent[0]!)[0]!, /failed:false,client_zone:shop-zone,server_zone:bank-zone,client_only:here\} 1$/);
});

test('halves are limited, and those beyond are counted', async () => {
  const { settings, sent, step } = await open('{store: {max_items: 1, ttl: 1s}, metrics_flush_interval: 1h}');
  await step.consume(client('a'));
  await step.consume(client('b', { spanId: '00000000000000c2' }));
  assert.equal(ownMetric(settings, 'otelcol_connector_servicegraph_dropped_spans_total{connector="service_graph"}'), 1);
  await settings.clock.advance(1000);
  await step.consume(client('c', { spanId: '00000000000000c3' }));
  await step.consume(server('d', { parentSpanId: '00000000000000c3' }));
  await step.shutdown();
  assert.equal(counts(sent[0]!).filter((line) => line.includes('client:c,server:d')).length, 1);
});

test('exponential histograms, and what is refused', async () => {
  const { sent, step } = await open('exponential_histogram_max_size: 10');
  await step.consume(client('shop'));
  await step.consume(server('bank'));
  await step.shutdown();
  assert.equal(sent[0]!.exponentials.count, 2);
  const { issues } = readConfigText(
    serviceGraphConnector,
    '{latency_histogram_buckets: [1s], exponential_histogram_max_size: 1, bogus: 1}',
  );
  assert.match(issues.join('\n'), /use either `latency_histogram_buckets`/);
  assert.match(issues.join('\n'), /bogus/);
});
