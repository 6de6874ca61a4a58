// Actions and selections of the attributes and resource processors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnyValue,
  attributeMap,
  LogBatchBuilder,
  type MetricBatch,
  MetricBatchBuilder,
  type SpanBatch,
  SpanBatchBuilder,
} from '@mario/otlp';
import { readConfigText } from '../../testing/read-config.ts';
import { testSettings } from '../../testing/settings.ts';
import { resourceProcessor } from '../resource/resource-processor.ts';
import { attributesProcessor } from './attributes-processor.ts';

function span(attributes: Record<string, string | number | boolean>, name = 'GET /'): SpanBatch {
  return new SpanBatchBuilder()
    .resource({ 'service.name': 'mario', 'host.name': 'oven' })
    .scope('lib', '1.0')
    .span({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), name, kind: 'server', startNs: 1n, endNs: 2n, attributes })
    .build();
}

async function run(config: string, batch: SpanBatch): Promise<Record<string, AnyValue>> {
  const read = readConfigText(attributesProcessor, config);
  assert.deepEqual(read.issues, []);
  let result: SpanBatch | undefined;
  const step = attributesProcessor.create('traces', read.config, testSettings('attributes'), async (edited) => {
    result = edited;
  });
  await step.consume(batch);
  return Object.fromEntries(attributeMap(result!.attributes, 0));
}

test('each action does what the real one does', async () => {
  const cases: [string, Record<string, string | number | boolean>, Record<string, AnyValue>][] = [
    ['{key: a, value: 5, action: insert}', {}, { a: 5n }],
    ['{key: a, value: 5, action: insert}', { a: 'x' }, { a: 'x' }],
    ['{key: a, value: x, action: update}', {}, {}],
    ['{key: a, value: x, action: update}', { a: 1 }, { a: 'x' }],
    ['{key: a, from_attribute: b, action: upsert}', { b: 'v' }, { a: 'v', b: 'v' }],
    ['{key: a, from_attribute: b, action: upsert}', {}, {}],
    ['{key: a, action: delete}', { a: 1, b: true }, { b: true }],
    ["{pattern: '^http\\.', action: delete}", { 'http.a': 1, 'x.http.b': 2 }, { 'x.http.b': 2n }],
    ['{key: a, action: hash}', { a: 'x' }, { a: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' }],
    [
      "{key: a, pattern: '^/user/(?P<user>\\w+)/(?P<page>\\w+)', action: extract}",
      { a: '/user/mario/x' },
      { a: '/user/mario/x', user: 'mario', page: 'x' },
    ],
    ['{key: a, converted_type: int, action: convert}', { a: '42' }, { a: 42n }],
    ['{key: a, converted_type: int, action: convert}', { a: 'no' }, { a: 'no' }],
    ['{key: a, converted_type: double, action: convert}', { a: '1.5' }, { a: 1.5 }],
    ['{key: a, converted_type: string, action: convert}', { a: 42 }, { a: '42' }],
  ];
  for (const [action, before, after] of cases) {
    assert.deepEqual(await run(`actions: [${action}]`, span(before)), after, action);
  }
});

test('include and exclude select by name, kind, service, attribute and library', async () => {
  const action = 'actions: [{key: seen, value: true, action: insert}]';
  const cases: [string, boolean][] = [
    ['include: {match_type: strict, span_names: [GET /]}', true],
    ['include: {match_type: regexp, span_names: ["^POST"]}', false],
    ['exclude: {match_type: strict, services: [mario]}', false],
    ['include: {match_type: strict, span_kinds: [SPAN_KIND_SERVER]}', true],
    ['include: {match_type: strict, attributes: [{key: a, value: 1}]}', true],
    ['include: {match_type: strict, attributes: [{key: gone}]}', false],
    ['include: {match_type: regexp, resources: [{key: host.name, value: "^ov"}]}', true],
    ['include: {match_type: strict, libraries: [{name: lib, version: "2"}]}', false],
  ];
  for (const [selection, selected] of cases) {
    const result = await run(`${action}\n${selection}`, span({ a: 1 }));
    assert.equal(result.seen, selected ? true : undefined, selection);
  }
});

test('log records and data points are edited too, resources by the resource processor', async () => {
  const { config } = readConfigText(attributesProcessor, 'actions: [{key: a, action: delete}]');
  const logs = new LogBatchBuilder().log({ timeNs: 1n, attributes: { a: 1, b: 2 } }).build();
  await attributesProcessor
    .create('logs', config, testSettings('a'), async (batch) => {
      assert.deepEqual([...attributeMap(batch.attributes, 0).keys()], ['b']);
    })
    .consume(logs);
  const metrics = new MetricBatchBuilder()
    .resource({ 'service.name': 'x', secret: 's' })
    .sum({ name: 'n' }, [{ timeNs: 1n, value: 1, attributes: { a: 1, b: 2 } }])
    .histogram({ name: 'h' }, [{ timeNs: 1n, count: 0, bounds: [], buckets: [], attributes: { a: 1 } }])
    .build();
  const check = async (batch: MetricBatch) => {
    assert.deepEqual([...attributeMap(batch.numbers.attributes, 0).keys()], ['b']);
    assert.equal(attributeMap(batch.histograms.attributes, 0).size, 0);
  };
  await attributesProcessor.create('metrics', config, testSettings('a'), check).consume(metrics);
  const resource = readConfigText(
    resourceProcessor,
    'attributes: [{key: secret, action: delete}, {key: env, value: test, action: upsert}]',
  );
  await resourceProcessor
    .create('metrics', resource.config, testSettings('r'), async (batch) => {
      assert.deepEqual(Object.fromEntries(attributeMap(batch.resources.attributes, 0)), {
        'service.name': 'x',
        env: 'test',
      });
    })
    .consume(metrics);
});

test('what is wrong with an action is told', () => {
  const issues = (actions: string) => readConfigText(attributesProcessor, `actions: [${actions}]`).issues;
  assert.match(issues('{key: a}')[0]!, /missing required field "action"/);
  assert.match(issues('{action: insert, value: 1}')[0]!, /missing required field "key"/);
  assert.match(issues('{key: a, action: insert}')[0]!, /needs exactly one of/);
  assert.match(issues('{key: a, action: explode}')[0]!, /unsupported action "explode"/);
  assert.match(issues("{key: a, pattern: '(', action: extract}")[0]!, /missing closing|error parsing regexp/);
  assert.match(issues("{key: a, pattern: 'x', action: extract}")[0]!, /no named matcher groups/);
  assert.match(readConfigText(attributesProcessor, '').issues[0]!, /missing required field "actions"/);
});
