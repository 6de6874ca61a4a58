// What is counted of spans, and when it is handed on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attributeMap,
  type MetricBatch,
  type Points,
  Present,
  type SpanBatch,
  SpanBatchBuilder,
  type SpanInput,
  Temporality,
} from '@mario/otlp';
import { readConfigText } from '../../testing/read-config.ts';
import { testSettings } from '../../testing/settings.ts';
import { spanMetricsConnector } from './span-metrics.ts';

const MS = 1_000_000n;

function spans(service: string | undefined, ...inputs: (Partial<SpanInput> & { ms?: number })[]): SpanBatch {
  const builder = new SpanBatchBuilder();
  builder.resource(service === undefined ? { host: 'h' } : { 'service.name': service, host: 'h' });
  inputs.forEach(({ ms = 5, ...input }, n) => {
    builder.span({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: (n + 1).toString(16).padStart(16, '0'),
      name: 'GET /',
      kind: 'server',
      startNs: 1_000n * MS,
      endNs: 1_000n * MS + BigInt(ms * 1000) * 1000n,
      ...input,
    });
  });
  return builder.build();
}

async function open(config = '', next: (batch: MetricBatch) => Promise<void> = async () => {}) {
  const settings = testSettings('span_metrics');
  const sent: MetricBatch[] = [];
  const read = readConfigText(spanMetricsConnector, config);
  assert.deepEqual(read.issues, []);
  const step = spanMetricsConnector.create({ from: 'traces', to: 'metrics' }, read.config, settings, async (batch) => {
    sent.push(batch);
    await next(batch);
  });
  await step.start();
  return { settings, sent, step };
}

function attributes(points: Points, row: number): Record<string, unknown> {
  return Object.fromEntries(attributeMap(points.attributes, row));
}

/** `name{dimensions} value` of each number point. */
function counts(batch: MetricBatch): string[] {
  const { numbers, metrics, strings } = batch;
  return Array.from({ length: numbers.count }, (_, row) => {
    const name = strings[metrics.name[numbers.metric[row]!]!]!;
    return `${name}${JSON.stringify(attributes(numbers, row))} ${numbers.ints[row]}`;
  });
}

test('calls by service, name, kind and status, cumulative from flush to flush', async () => {
  const { settings, sent, step } = await open('metrics_flush_interval: 15s');
  await step.consume(spans('shop', {}, {}, { status: 'error' }));
  await settings.clock.advance(15_000);
  await step.consume(spans('shop', {}));
  await settings.clock.advance(15_000);
  const series = (status: string, value: number) =>
    `traces.span.metrics.calls{"service.name":"shop","span.name":"GET /","span.kind":"SPAN_KIND_SERVER","status.code":"STATUS_CODE_${status}","collector.instance.id":"c1"} ${value}`;
  assert.deepEqual(counts(sent[0]!), [series('UNSET', 2), series('ERROR', 1)]);
  assert.deepEqual(counts(sent[1]!), [series('UNSET', 3), series('ERROR', 1)]);
  const { metrics, numbers, scopes, strings, resources } = sent[1]!;
  assert.deepEqual([metrics.temporality[0], metrics.monotonic[0]], [Temporality.cumulative, 1]);
  assert.equal(strings[scopes.name[metrics.scope[0]!]!], 'spanmetricsconnector');
  assert.deepEqual(Object.fromEntries(attributeMap(resources.attributes, metrics.resource[0]!)), {
    'service.name': 'shop',
    host: 'h',
  });
  assert.equal(numbers.startNs[0], sent[0]!.numbers.startNs[0]);
  assert.ok(numbers.timeNs[0]! > sent[0]!.numbers.timeNs[0]!);
  await step.shutdown();
});

test('durations fall into inclusive buckets', async () => {
  const { sent, step } = await open('histogram: {explicit: {buckets: [1ms, 5ms]}}');
  await step.consume(spans('shop', { ms: 1 }, { ms: 1.5 }, { ms: 5 }, { ms: 6 }, { endNs: 0n }));
  await step.shutdown();
  const { histograms, metrics, strings } = sent[0]!;
  const metric = histograms.metric[0]!;
  assert.equal(strings[metrics.name[metric]!], 'traces.span.metrics.duration');
  assert.equal(strings[metrics.unit[metric]!], 'ms');
  assert.deepEqual([...histograms.bounds], [1, 5]);
  assert.deepEqual([...histograms.buckets], [2, 2, 1]);
  assert.deepEqual([histograms.total[0], histograms.sum[0]], [5, 13.5]);
  assert.equal(histograms.present[0]! & Present.sum, Present.sum);
});

test('in seconds, exponential, and not at all', async () => {
  const seconds = await open('histogram: {unit: s}');
  await seconds.step.consume(spans('shop', { ms: 1500 }));
  await seconds.step.shutdown();
  const { histograms, metrics, strings } = seconds.sent[0]!;
  assert.equal(strings[metrics.unit[histograms.metric[0]!]!], 's');
  assert.deepEqual([histograms.bounds[0], histograms.sum[0]], [0.002, 1.5]);

  const exponential = await open('histogram: {exponential: {max_size: 4}}');
  await exponential.step.consume(spans('shop', { ms: 0 }, { ms: 1 }, { ms: 8 }));
  await exponential.step.shutdown();
  const { exponentials } = exponential.sent[0]!;
  assert.deepEqual([exponentials.total[0], exponentials.zeroCount[0], exponentials.scale[0]], [3, 1, 0]);
  assert.deepEqual([...exponentials.positive.counts], [1, 0, 0, 1]);

  const none = await open('histogram: {disable: true}');
  await none.step.consume(spans('shop', {}));
  await none.step.shutdown();
  assert.deepEqual([none.sent[0]!.histograms.count, none.sent[0]!.numbers.count], [0, 1]);
});

test('dimensions come from the span, its resource or the default, and may be taken away', async () => {
  const config = `
namespace: ''
dimensions: [{name: http.route}, {name: host}, {name: region, default: eu}, {name: missing}]
calls_dimensions: [{name: only.calls, default: x}]
exclude_dimensions: [span.name, status.code, collector.instance.id]
`;
  const { sent, step } = await open(config);
  await step.consume(spans('shop', { attributes: { 'http.route': '/a', retries: 2 } }));
  await step.shutdown();
  const common = '"service.name":"shop","span.kind":"SPAN_KIND_SERVER","http.route":"/a","host":"h","region":"eu"';
  assert.deepEqual(counts(sent[0]!), [`calls{${common},"only.calls":"x"} 1`]);
  assert.equal(JSON.stringify(attributes(sent[0]!.histograms, 0)), `{${common}}`);
});

test('events are counted by their own attributes', async () => {
  const { sent, step } = await open('{namespace: t, events: {enabled: true, dimensions: [{name: exception.type}]}}');
  const event = (type: string) => ({ timeNs: 1n, name: 'exception', attributes: { 'exception.type': type } });
  await step.consume(spans('shop', { events: [event('E'), event('E'), event('F')] }, {}));
  await step.shutdown();
  const events = counts(sent[0]!).filter((line) => line.startsWith('t.events'));
  assert.deepEqual(
    events.map((line) => line.replace(/.*"exception.type"/, '')),
    [':"E"} 2', ':"F"} 1'],
  );
});

test('deltas begin anew with each flush, and nothing new is nothing sent', async () => {
  const { settings, sent, step } = await open(
    '{aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA, metrics_flush_interval: 10s}',
  );
  await step.consume(spans('shop', {}, {}));
  await settings.clock.advance(10_000);
  await settings.clock.advance(10_000);
  await step.consume(spans('shop', {}));
  await step.shutdown();
  assert.deepEqual(
    sent.map((batch) => Number(batch.numbers.ints[0])),
    [2, 1],
  );
  assert.equal(sent[0]!.metrics.temporality[0], Temporality.delta);
});

test('exemplars lead to the spans, a few between two flushes', async () => {
  const { settings, sent, step } = await open(
    '{exemplars: {enabled: true, max_per_data_point: 2}, metrics_flush_interval: 1s}',
  );
  await step.consume(spans('shop', { ms: 1 }, { ms: 2 }, { ms: 3 }));
  await settings.clock.advance(1000);
  const { exemplars } = sent[0]!.histograms;
  assert.deepEqual([...exemplars.doubles.subarray(0, 2)], [1, 2]);
  assert.equal(exemplars.offsets[1], 2);
  assert.equal(Buffer.from(exemplars.spanIds.subarray(8, 16)).toString('hex'), '0000000000000002');
  await settings.clock.advance(1000);
  assert.equal(sent[1]!.histograms.exemplars.offsets[1], 0);
  const calls = sent[0]!.numbers.exemplars;
  assert.deepEqual([...calls.doubles.subarray(0, calls.offsets[1])], [1, 2]);
  await step.shutdown();
});

test('series are limited and expire; services without a name are not counted', async () => {
  const { settings, sent, step } = await open(
    '{aggregation_cardinality_limit: 1, metrics_flush_interval: 1s, metrics_expiration: 5s, histogram: {disable: true}}',
  );
  await step.consume(spans('shop', { name: 'a' }, { name: 'b' }, { name: 'c' }));
  await step.consume(spans(undefined, { name: 'd' }));
  await settings.clock.advance(1000);
  assert.deepEqual(
    counts(sent[0]!).map((line) => line.replace(/.*"span.name":"(.)".*\}/, '$1')),
    ['a 1', 'traces.span.metrics.calls{"otel.metric.overflow":true} 2'],
  );
  await settings.clock.advance(10_000);
  const before = sent.length;
  await settings.clock.advance(5_000);
  assert.equal(sent.length, before);
  await step.shutdown();
});

test('each resource has its own metrics; of too many the one not seen for longest is forgotten', async () => {
  const { sent, step } = await open(
    '{resource_metrics_cache_size: 2, resource_metrics_key_attributes: [service.name]}',
  );
  await step.consume(spans('forgotten', {}));
  await step.consume(spans('shop', {}));
  await step.consume(spans('bank', {}));
  await step.shutdown();
  const { metrics, resources } = sent[0]!;
  assert.deepEqual(
    [metrics.resource[0]!, metrics.resource[2]!].map((row) =>
      Object.fromEntries(attributeMap(resources.attributes, row)),
    ),
    [
      { 'service.name': 'shop', host: 'h' },
      { 'service.name': 'bank', host: 'h' },
    ],
  );
});

test('a failure further down harms no sender of spans, and the next flush has everything', async () => {
  let fails = true;
  const { settings, sent, step } = await open('metrics_flush_interval: 1s', async () => {
    if (fails) throw new Error('disk full');
  });
  await step.consume(spans('shop', {}));
  await settings.clock.advance(1000);
  fails = false;
  await settings.clock.advance(1000);
  assert.deepEqual(
    sent.map((batch) => Number(batch.numbers.ints[0])),
    [1, 1],
  );
  await step.shutdown();
});

test('what the real connector refuses is refused, what only this one lacks is named', () => {
  const issues = (text: string) => readConfigText(spanMetricsConnector, text).issues.join('\n');
  assert.match(issues('dimensions: [{name: service.name}]'), /duplicate dimension name service\.name/);
  assert.match(issues('histogram: {explicit: {buckets: [1s]}, exponential: {}}'), /use either `explicit` or `exp/);
  assert.match(issues('histogram: {unit: h}'), /unknown unit "h"/);
  assert.match(issues('events: {enabled: true}'), /no dimensions configured for events/);
  assert.match(issues('metrics_flush_interval: -1s'), /must not be negative/);
  assert.match(issues('include_instrumentation_scope: [x]'), /include_instrumentation_scope is not supported/);
  assert.match(issues('dimensions: [{glob: "a*"}]'), /glob is not supported/);
  assert.match(issues('bogus: 1'), /bogus/);
});
