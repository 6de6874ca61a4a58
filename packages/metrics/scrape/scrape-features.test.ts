import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NetworkMap, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { delimited, type WireField, zigzag } from '../exposition/testing/wire-bytes.ts';
import type { AppendRequest } from '../store/append-request.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import type { FetchRequest } from './fetch.ts';
import { ScrapeManager } from './scrape-manager.ts';

const T0 = Date.UTC(2026, 0, 1);

/** One target, scraped each ten seconds with these keys in its config; each scrape gets the next body. */
async function scrape(
  t: TestContext,
  keys: string,
  bodies: readonly (readonly [contentType: string, body: string | Uint8Array])[],
  startTimestamps = false,
) {
  const clock = new FakeClock(T0);
  const store = await MetricsStore.open({ directory: openMemoryDirectory(), clock, log: silentLog });
  const appended: AppendRequest[] = [];
  const append = store.append.bind(store);
  store.append = (request) => {
    appended.push(request);
    return append(request);
  };
  const requests: FetchRequest[] = [];
  const nothing = async () => [];
  const manager = new ScrapeManager({
    clock,
    log: silentLog,
    network: new NetworkMap(),
    dns: { resolve4: nothing, resolve6: nothing, resolveSrv: nothing, resolveMx: nothing, resolveNs: nothing },
    store,
    startTimestamps,
    async fetch(request) {
      requests.push(request);
      const [contentType, body] = bodies[Math.min(requests.length, bodies.length) - 1]!;
      if (contentType === 'fail') throw new Error(String(body));
      return { status: 200, contentType, body: Buffer.from(body) };
    },
    observer: {
      scraped() {},
      bodySizeLimitExceeded() {},
      sampleLimitExceeded() {},
      samplesDropped() {},
      appendFailed() {},
    },
  });
  const yaml = `scrape_configs: [{job_name: j, scrape_interval: 10s, ${keys}, static_configs: [{targets: ["h:1"]}]}]`;
  const { config, issues } = parsePrometheusConfig(yaml, 'p.yml');
  assert.deepEqual(issues.all, []);
  await manager.apply(config!.scrapeConfigs);
  t.after(() => store.close());
  for (let i = 0; i < bodies.length; i++) await clock.advance(10_000);
  await manager.close();
  const series = async () => {
    const set = await store.select([{ name: 'job', op: '=', value: 'j' }], { startMs: 0, endMs: Infinity });
    return Object.fromEntries(
      set.labels.flatMap((labels, i) => {
        if (/^(scrape_|up$)/.test(labels.metricName)) return [];
        const { values, histograms, to } = set.read(i);
        return [[String(labels), histograms?.[to - 1] ?? values[to - 1]]];
      }),
    );
  };
  const lastError = manager.pools[0]?.loops[0]?.health.lastError;
  return { series, requests, appended, lastError };
}

const PROTOBUF = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const native = (start: number): WireField => [
  7,
  {
    message: [
      [1, { varint: 6 }],
      [2, { double: 18.4 }],
      [
        3,
        {
          message: [
            [1, { varint: 2 }],
            [2, { double: 1 }],
          ],
        },
      ],
      [5, zigzag(3)],
      [7, { varint: 0 }],
      [
        12,
        {
          message: [
            [1, zigzag(-2)],
            [2, { varint: 2 }],
          ],
        },
      ],
      [13, { packed: [4, 4] }],
      [15, { message: [[1, { varint: start }]] }],
    ],
  },
];
const FAMILY = delimited([
  [1, { text: 'h' }],
  [3, { varint: 4 }],
  [4, { message: [native(T0 / 1000 - 60)] }],
]);

test('native histograms are asked for first, and stored, when the configuration wants them', async (t) => {
  const { series, requests } = await scrape(t, 'scrape_native_histograms: true', [
    [PROTOBUF, FAMILY],
    [PROTOBUF, FAMILY],
  ]);
  assert.match(requests[0]!.headers.accept!, /^application\/vnd\.google\.protobuf;.*;q=0\.6,application\/openmetrics/);
  const found = await series();
  assert.deepEqual(Object.keys(found), ['h{instance="h:1", job="j"}']);
  const histogram = Object.values(found)[0] as { schema: number; positive: { counts: Float64Array } };
  assert.deepEqual([histogram.schema, ...histogram.positive.counts], [3, 2, 4]);
});

test('without the wish the same answer gives classic buckets; with another both', async (t) => {
  const classic = await scrape(t, 'scrape_protocols: [PrometheusProto]', [[PROTOBUF, FAMILY]]);
  assert.deepEqual(Object.keys(await classic.series()).length, 4);
  const both = await scrape(t, 'scrape_native_histograms: true, always_scrape_classic_histograms: true', [
    [PROTOBUF, FAMILY],
  ]);
  assert.deepEqual(Object.keys(await both.series()).length, 5);
  const coarse = await scrape(t, 'scrape_native_histograms: true, native_histogram_bucket_limit: 1', [
    [PROTOBUF, FAMILY],
  ]);
  const histogram = Object.values(await coarse.series())[0] as { schema: number };
  assert.ok(histogram.schema < 3);
});

test('classic histograms of a text become native ones', async (t) => {
  const text = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n';
  const { series } = await scrape(t, 'convert_classic_histograms_to_nhcb: true', [
    ['text/plain', text],
    ['text/plain', text],
  ]);
  const found = await series();
  assert.deepEqual(Object.keys(found), ['h{instance="h:1", job="j"}']);
  assert.equal((Object.values(found)[0] as { schema: number }).schema, -53);
});

test('start timestamps reach the store from OpenMetrics and protobuf, when they are wanted', async (t) => {
  const open = '# TYPE a counter\na_total 1\na_created 1767225000\n# EOF\n';
  const type = 'application/openmetrics-text; version=1.0.0';
  const first = await scrape(
    t,
    'honor_labels: false',
    [
      [type, open],
      [type, open],
    ],
    true,
  );
  assert.deepEqual(Object.keys(await first.series()), ['a_total{instance="h:1", job="j"}']);
  for (const { rows } of first.appended) assert.equal(rows[0]!.starts?.[0], 1_767_225_000_000);
  const proto = await scrape(t, 'scrape_native_histograms: true', [[PROTOBUF, FAMILY]], true);
  assert.equal(proto.appended[0]!.rows[0]!.starts?.[0], T0 - 60_000);
  const plain = await scrape(t, 'honor_labels: false', [[type, open]]);
  assert.equal(Object.keys(await plain.series()).length, 2);
  assert.ok(!plain.appended[0]!.rows[0]!.starts);
});

test('names outside the classic alphabet are refused, and not asked for, under the legacy scheme', async (t) => {
  const body = ['text/plain', '{"a.b"} 1\n'] as const;
  const legacy = await scrape(t, 'metric_name_validation_scheme: legacy', [body]);
  assert.match(legacy.requests[0]!.headers.accept!, /escaping=underscores/);
  assert.deepEqual(await legacy.series(), {});
  const utf8 = await scrape(t, 'metric_name_escaping_scheme: values', [body]);
  assert.match(utf8.requests[0]!.headers.accept!, /escaping=values/);
  assert.deepEqual(await utf8.series(), { '{"a.b", instance="h:1", job="j"}': 1 });
});

test('failed scrapes are written to the file that the configuration names', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-scrape-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'failures.log');
  await scrape(t, `scrape_failure_log_file: "${file}"`, [
    ['fail', 'Get "http://h:1/metrics": EOF'],
    ['text/plain', 'a 1\n'],
    ['text/plain', 'a\n'],
  ]);
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['Get "http://h:1/metrics": EOF', 'line 1: expected value after metric, got "\\n"'],
  );
  assert.deepEqual([lines[0].level, lines[0].job_name, lines[0].target], ['ERROR', 'j', 'http://h:1/metrics']);
});
