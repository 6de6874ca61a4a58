import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createListener, listen } from '@mario/service';
import { ProtobufReader } from '../exposition/protobuf-reader.ts';
import { Labels } from '../model/labels.ts';
import { parseScript } from '../promql/script/commands.ts';
import { load } from '../promql/script/load.ts';
import { MemoryStore } from '../promql/script/memory-store.ts';
import { addFederateRoute } from './federate-route.ts';
import { acceptForms } from './params.ts';
import type { ApiSources } from './sources.ts';

const DATA = `load 15s
  up{job="a"} 1x40
  up{job="b"} 0x30 stale
  requests_total{job="a", zone="x"} -0x40
  {"http.requests", "a.b"="\\"ü"} 3e6x40
  durations{job="a"} {{schema:1 count:5.5 sum:5 z_bucket:1 z_bucket_w:0.001 buckets:[1 2 0 1] n_buckets:[0.5]}}x40
  durations{job="b"} 4x40
  custom{job="a"} {{schema:-53 count:5 sum:7 custom_values:[0.5 2] buckets:[1 2 2]}}x40
  gauges{job="a"} {{schema:0 count:1 sum:7 buckets:[1] counter_reset_hint:gauge}}x40
`;

async function start(t: TestContext) {
  const store = new MemoryStore();
  for (const command of parseScript(DATA)) if (command.type === 'load') load(store, command);
  const app = await createListener();
  t.after(() => app.close());
  acceptForms(app);
  const externalLabels = () => Labels.from({ region: 'eu', zone: 'z' });
  addFederateRoute(app, { queryable: store, nowMs: () => 600_000, externalLabels } as unknown as ApiSources);
  const address = await listen(app, 'test', '127.0.0.1', 0);
  return async (match: string, accept = '*/*') => {
    const query = new URLSearchParams(match.split(';').map((each) => ['match[]', each]));
    const response = await fetch(`${address}/federate?${query}`, { headers: { accept } });
    assert.equal(response.status, 200);
    return { type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
  };
}

test('text: escaped names, labels in order, custom buckets as classic ones, no other native histograms', async (t) => {
  const ask = await start(t);
  const { type, bytes } = await ask('{__name__!=""}');
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  const own = 'instance="",region="eu"';
  assert.deepEqual(String(bytes).split('\n'), [
    '# TYPE custom histogram',
    `custom_bucket{job="a",${own},zone="z",le="0.5"} 1 600000`,
    `custom_bucket{job="a",${own},zone="z",le="2"} 3 600000`,
    `custom_bucket{job="a",${own},zone="z",le="+Inf"} 5 600000`,
    `custom_sum{job="a",${own},zone="z"} 7 600000`,
    `custom_count{job="a",${own},zone="z"} 5 600000`,
    '# TYPE durations untyped',
    `durations{job="b",${own},zone="z"} 4 600000`,
    '# TYPE http_requests untyped',
    `http_requests{a_b="\\"ü",${own},zone="z"} 3e+06 600000`,
    '# TYPE requests_total untyped',
    `requests_total{job="a",zone="x",${own}} 0 600000`,
    '# TYPE up untyped',
    `up{job="a",${own},zone="z"} 1 600000`,
    '',
  ]);
});

test('text for who takes all names; several selectors give each series once, in order', async (t) => {
  const ask = await start(t);
  const { bytes } = await ask('up;{"http.requests"};{job="a"};up', 'text/plain;escaping=allow-utf-8');
  const lines = String(bytes).split('\n');
  assert.ok(lines.includes('# TYPE "http.requests" untyped'));
  assert.ok(lines.includes('{"http.requests","a.b"="\\"ü",instance="",region="eu",zone="z"} 3e+06 600000'));
  assert.equal(lines.filter((line) => line.startsWith('up{')).length, 1);
});

test('protobuf: native histograms too', async (t) => {
  const ask = await start(t);
  const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const { type, bytes } = await ask('{__name__!=""}', accept);
  assert.match(type ?? '', /^application\/vnd\.google\.protobuf; proto=.*; escaping=underscores$/);
  const options = { nativeHistograms: true, alwaysClassic: false, startTimestamps: false };
  const reader = new ProtobufReader(options);
  const samples = reader.read(bytes, bytes.length);
  const series = Array.from({ length: samples.count }, (_, i) => ({
    labels: String(reader.labelsOf(samples.entries[i]!)),
    value: samples.values[i],
    histogram: samples.histograms?.get(i),
  }));
  const named = (name: string) => series.filter(({ labels }) => labels.startsWith(name));
  assert.deepEqual(
    named('durations').map(({ labels }) => labels),
    ['durations{job="a", region="eu", zone="z"}', 'durations{job="b", region="eu", zone="z"}'],
  );
  const { histogram } = named('durations')[0]!;
  assert.deepEqual(
    [histogram!.schema, histogram!.count, histogram!.sum, histogram!.zeroCount, histogram!.zeroThreshold],
    [1, 5.5, 5, 1, 0.001],
  );
  assert.deepEqual(
    [[...histogram!.positive.indexes], [...histogram!.positive.counts]],
    [
      [0, 1, 3],
      [1, 2, 1],
    ],
  );
  assert.deepEqual([...histogram!.negative.counts], [0.5]);
  assert.equal(named('gauges')[0]!.histogram!.counterResetHint, 'gauge');
  assert.equal(named('custom_bucket').length, 3);
  assert.equal(named('http_requests')[0]!.value, 3e6);
  assert.equal(named('up')[0]!.labels, 'up{job="a", region="eu", zone="z"}');
});
