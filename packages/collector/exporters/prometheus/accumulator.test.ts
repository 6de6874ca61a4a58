// What a scrape of the prometheus exporter shows after a sequence of batches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagNoRecordedValue, MetricBatchBuilder } from '@mario/otlp';
import { readConfigText } from '../../testing/read-config.ts';
import { Accumulator } from './accumulator.ts';
import { readPrometheusConfig } from './config.ts';
import { formatExposition } from './exposition.ts';

function open(config = '{endpoint: "localhost:0"}') {
  const read = readConfigText({ readConfig: readPrometheusConfig }, config);
  assert.deepEqual(read.issues, []);
  const warnings: string[] = [];
  const accumulator = new Accumulator(read.config, (message) => warnings.push(message));
  const shown = () =>
    formatExposition(accumulator.families.values(), { openMetrics: false, timestamps: read.config.sendTimestamps });
  return { accumulator, warnings, shown };
}

const value = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  );

test('the newest cumulative value is shown, delta values are added up', () => {
  const { accumulator, shown } = open();
  const send = (timeNs: bigint, amount: number) =>
    accumulator.add(
      new MetricBatchBuilder()
        .sum({ name: 'c' }, [{ timeNs, value: amount }])
        .sum({ name: 'd', temporality: 'delta' }, [{ timeNs, value: amount }])
        .histogram({ name: 'h', temporality: 'delta' }, [
          { timeNs, count: 2, sum: amount, bounds: [1], buckets: [1, 1] },
        ])
        .build(),
      0,
    );
  send(10n, 5);
  send(20n, 7);
  send(15n, 100);
  const text = shown();
  assert.equal(value(text, 'c_total'), 7);
  assert.equal(value(text, 'd_total'), 12);
  assert.equal(value(text, 'h_bucket{le="1"}'), 2);
  assert.equal(value(text, 'h_count'), 4);
  assert.equal(value(text, 'h_sum'), 12);
});

test('what a scope says of itself becomes labels, except attributes that would take their names', () => {
  const { accumulator, shown } = open();
  const builder = new MetricBatchBuilder().resource({});
  for (const [i, options] of [
    { schemaUrl: 'https://s/1', attributes: { 'short.name': 'a', version: 'hidden' } },
    { attributes: { 'short.name': 'b' } },
  ].entries())
    builder.scope('x', '2', options).gauge({ name: 'g' }, [{ timeNs: 1n, value: i }]);
  accumulator.add(builder.build(), 0);
  const common = 'otel_scope_name="x",';
  assert.equal(
    value(shown(), `g{${common}otel_scope_schema_url="https://s/1",otel_scope_short_name="a",otel_scope_version="2"}`),
    0,
  );
  assert.equal(value(shown(), `g{${common}otel_scope_short_name="b",otel_scope_version="2"}`), 1);
});

test('bounds of buckets are written as the real exporter writes them', () => {
  const { accumulator, shown } = open();
  const bounds = [0.00005, 0.001, 1, 999_999, 1_048_576, 2.5e12];
  const buckets = [...bounds, 0].map(() => 0);
  accumulator.add(
    new MetricBatchBuilder().histogram({ name: 'h' }, [{ timeNs: 1n, count: 0, sum: 0, bounds, buckets }]).build(),
    0,
  );
  const written = ['5e-05', '0.001', '1', '999999', '1.048576e+06', '2.5e+12', '+Inf'];
  assert.deepEqual(
    [...shown().matchAll(/le="([^"]*)"/g)].map(([, le]) => le),
    written,
  );
  const open2 = formatExposition(accumulator.families.values(), { openMetrics: true, timestamps: false });
  assert.match(open2, /le="1\.0"[\s\S]*le="999999\.0"[\s\S]*le="1\.048576e\+06"/);
});

test('labels: constant ones, those of the resource when asked, collisions joined, values escaped', () => {
  const { accumulator, shown } = open(
    '{endpoint: "localhost:0", const_labels: {env: "test"}, resource_to_telemetry_conversion: {enabled: true}, send_timestamps: true}',
  );
  accumulator.add(
    new MetricBatchBuilder()
      .resource({ 'service.name': 's', 'service.namespace': 'n', 'host.name': 'h' })
      .gauge({ name: 'g' }, [{ timeNs: 5_000_000n, value: 1.5, attributes: { 'a.b': 'x', a_b: 'y', q: 'a"b\\c\nd' } }])
      .build(),
    0,
  );
  const line = shown()
    .split('\n')
    .find((each) => each.startsWith('g{'));
  assert.equal(
    line,
    'g{a_b="x;y",env="test",host_name="h",job="n/s",q="a\\"b\\\\c\\nd",service_name="s",service_namespace="n"} 1.5 5',
  );
});

test('series go when they are not updated any more or are told to have no value', () => {
  const { accumulator, shown } = open('{endpoint: "localhost:0", metric_expiration: 10s}');
  const gauge = (name: string, flags = 0) =>
    new MetricBatchBuilder().gauge({ name }, [{ timeNs: 1n, value: 1, flags }]).build();
  accumulator.add(gauge('old'), 0);
  accumulator.add(gauge('new'), 5_000);
  accumulator.add(gauge('gone'), 5_000);
  accumulator.add(gauge('gone', flagNoRecordedValue), 6_000);
  accumulator.expire(10_000);
  assert.equal(shown(), '# HELP new \n# TYPE new gauge\nnew 1\n');
});

test('a name that arrives with two types keeps the first and says so once', () => {
  const { accumulator, warnings } = open();
  const gauge = new MetricBatchBuilder().gauge({ name: 'x_total' }, [{ timeNs: 1n, value: 1 }]).build();
  const sum = new MetricBatchBuilder().sum({ name: 'x' }, [{ timeNs: 1n, value: 1 }]).build();
  assert.equal(accumulator.add(gauge, 0), 0);
  assert.equal(accumulator.add(sum, 0), 1);
  assert.equal(accumulator.add(sum, 0), 1);
  assert.equal(warnings.length, 1);
});

test('what would make the whole page unreadable is left out and said once', () => {
  const { accumulator, warnings, shown } = open();
  const batch = new MetricBatchBuilder()
    .gauge({ name: '' }, [{ timeNs: 1n, value: 1 }])
    .gauge({ name: 'good' }, [{ timeNs: 1n, value: 1, attributes: { le: 'left' } }])
    .gauge({ name: 'renamed' }, [{ timeNs: 1n, value: 1, attributes: { __name__: 'other' } }])
    .histogram({ name: 'h' }, [{ timeNs: 1n, count: 1, bounds: [], buckets: [1], attributes: { le: '5' } }])
    .summary({ name: 's' }, [{ timeNs: 1n, count: 1, sum: 1, quantiles: [], attributes: { quantile: '0.5' } }])
    .build();
  assert.equal(accumulator.add(batch, 0), 4);
  assert.equal(accumulator.add(batch, 0), 4);
  assert.equal(warnings.length, 4);
  assert.deepEqual(
    shown()
      .split('\n')
      .filter((line) => !line.startsWith('#') && line !== ''),
    ['good{le="left"} 1'],
  );
});

test('summaries and native histograms in the text format', () => {
  const { accumulator, shown } = open();
  accumulator.add(
    new MetricBatchBuilder()
      .summary({ name: 's' }, [{ timeNs: 1n, count: 3, sum: 6, quantiles: [{ quantile: 0.5, value: 2 }] }])
      .exponentialHistogram({ name: 'e' }, [
        { timeNs: 1n, count: 4, sum: 8, scale: 1, positive: { first: 0, counts: [4] } },
      ])
      .build(),
    0,
  );
  assert.equal(
    shown(),
    '# HELP e \n# TYPE e histogram\ne_bucket{le="+Inf"} 4\ne_sum 8\ne_count 4\n' +
      '# HELP s \n# TYPE s summary\ns{quantile="0.5"} 2\ns_sum 6\ns_count 3\n',
  );
});
