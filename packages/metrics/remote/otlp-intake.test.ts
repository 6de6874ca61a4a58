import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MetricBatch, MetricBatchBuilder, PermanentError } from '@mario/otlp';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { OTLP_DEFAULT, type OtlpConfig } from '../config/otlp-config.ts';
import type { AppendRequest } from '../store/append-request.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import { type IntakeOptions, OtlpIntake } from './otlp-intake.ts';
import { labelName, metricName } from './otlp-names.ts';

const T0 = Date.UTC(2026, 0, 1);
const at = (seconds: number) => BigInt(T0 + seconds * 1000) * 1_000_000n;

async function intake(
  config: Partial<OtlpConfig> = {},
  options: IntakeOptions = {},
  directory = openMemoryDirectory(),
) {
  const store = await MetricsStore.open({
    directory,
    clock: new FakeClock(T0 + 60_000),
    log: silentLog,
  });
  const appended: AppendRequest[] = [];
  const append = store.append.bind(store);
  store.append = (request) => {
    appended.push(request);
    return append(request);
  };
  const otlp = new OtlpIntake(store, () => ({ ...OTLP_DEFAULT, ...config }), options);
  const dump = async () => {
    const set = await store.select([{ name: '__name__', op: '=~', value: '.+' }], { startMs: 0, endMs: Infinity });
    return Object.fromEntries(
      set.labels.map((labels, i) => {
        const { from, to, values, stale, histograms } = set.read(i);
        const cell = (p: number) => (stale?.includes(p) ? 'stale' : (histograms?.[p]?.count ?? values[p]));
        return [String(labels), Array.from({ length: to - from }, (_, p) => cell(from + p)).join(' ')];
      }),
    );
  };
  return { store, otlp, dump, appended };
}

function resource(): MetricBatchBuilder {
  const builder = new MetricBatchBuilder();
  builder.resource({
    'service.name': 'shop',
    'service.namespace': 'ns',
    'service.instance.id': 'i1',
    'host.name': 'h',
  });
  return builder;
}

test('names follow the unit, the type and the strategy', () => {
  const name = (...args: [string, string, 'counter' | 'gauge' | 'other']) =>
    metricName(...args, 'UnderscoreEscapingWithSuffixes');
  assert.equal(name('http.server.duration', 'ms', 'other'), 'http_server_duration_milliseconds');
  assert.equal(name('mario.orders.created', '{orders}', 'counter'), 'mario_orders_created_total');
  assert.equal(name('mario.orders.value', 'USD', 'other'), 'mario_orders_value_USD');
  assert.equal(name('system.cpu.utilization', '1', 'gauge'), 'system_cpu_utilization_ratio');
  assert.equal(name('requests', '1', 'counter'), 'requests_total');
  assert.equal(name('network.io', 'By/s', 'gauge'), 'network_io_bytes_per_second');
  assert.equal(name('request.total.seconds', 's', 'counter'), 'request_seconds_total');
  assert.equal(name('1st-metric', '', 'gauge'), '_1st_metric');
  assert.equal(
    metricName('a.b', 's', 'counter', 'NoUTF8EscapingWithSuffixes'),
    'a.b_s_total'.replace('_s_', '_seconds_'),
  );
  assert.equal(metricName('a.b', 's', 'counter', 'NoTranslation'), 'a.b');
  assert.equal(metricName('a.b', 's', 'counter', 'UnderscoreEscapingWithoutSuffixes'), 'a_b');
  assert.deepEqual(
    ['http.route', '1x', '_x', '__x', 'a..b'].map((each) => labelName(each, OTLP_DEFAULT)),
    ['http_route', 'key_1x', 'key_x', '__x', 'a__b'],
  );
  const bare = { ...OTLP_DEFAULT, labelUnderscoreSanitization: false, labelPreserveMultipleUnderscores: false };
  assert.deepEqual(
    ['_x', 'a..b'].map((each) => labelName(each, bare)),
    ['_x', 'a_b'],
  );
});

test('gauges, sums, histograms and summaries with job, instance and target_info', async () => {
  const { otlp, dump, store } = await intake();
  const batch: MetricBatch = resource()
    .gauge({ name: 'temp', unit: 'Cel' }, [{ timeNs: at(1), value: 21.5, attributes: { 'room.name': 'oven' } }])
    .sum({ name: 'orders' }, [{ timeNs: at(1), value: 3n }])
    .histogram({ name: 'wait', unit: 's', description: 'h' }, [
      {
        timeNs: at(1),
        count: 4,
        sum: 7,
        bounds: [1, 5],
        buckets: [1, 2, 1],
        exemplars: [
          { timeNs: at(1), value: 3, traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
        ],
      },
    ])
    .summary({ name: 'lag' }, [{ timeNs: at(1), count: 2, sum: 3, quantiles: [{ quantile: 0.5, value: 1 }] }])
    .build();
  await otlp.consumeMetrics(batch);
  const who = 'instance="i1", job="ns/shop"';
  assert.deepEqual(await dump(), {
    [`lag{${who}, quantile="0.5"}`]: '1',
    [`lag_count{${who}}`]: '2',
    [`lag_sum{${who}}`]: '3',
    [`orders_total{${who}}`]: '3',
    [`target_info{host_name="h", ${who}}`]: '1',
    [`temp_celsius{${who}, room_name="oven"}`]: '21.5',
    [`wait_seconds_bucket{${who}, le="+Inf"}`]: '4',
    [`wait_seconds_bucket{${who}, le="1"}`]: '1',
    [`wait_seconds_bucket{${who}, le="5"}`]: '3',
    [`wait_seconds_count{${who}}`]: '4',
    [`wait_seconds_sum{${who}}`]: '7',
  });
  const [exemplars] = await store.exemplars({ matcherSets: [], startMs: 0, endMs: Infinity });
  assert.equal(exemplars!.seriesLabels.get('le'), '5');
  assert.equal(exemplars!.exemplars[0]!.labels.get('trace_id'), '0af7651916cd43dd8448eb211c80319c');
  assert.deepEqual(store.metadata('wait_seconds').get('wait_seconds'), [{ type: 'histogram', help: 'h', unit: 's' }]);
});

const deltaBatch = (seconds: number, value: number) =>
  new MetricBatchBuilder()
    .resource({ 'service.name': 'shop' })
    .sum({ name: 'n', temporality: 'delta' }, [{ timeNs: at(seconds), value }])
    .exponentialHistogram({ name: 'e', temporality: 'delta' }, [
      { timeNs: at(seconds), count: value, sum: 1, scale: 0, positive: { first: 0, counts: [value] } },
    ])
    .build();

test('delta temporality becomes running totals; the same delta again adds nothing', async () => {
  const { otlp, dump } = await intake();
  await otlp.consumeMetrics(deltaBatch(1, 5));
  await otlp.consumeMetrics(deltaBatch(2, 7));
  await otlp.consumeMetrics(deltaBatch(2, 7));
  assert.deepEqual(await dump(), { 'e{job="shop"}': '5 12', 'n_total{job="shop"}': '5 12' });
});

for (const [where, flushes] of [
  ['the head', false],
  ['a block', true],
] as const) {
  test(`running totals of deltas go on after a restart, from ${where}`, async () => {
    const directory = openMemoryDirectory();
    for (const seconds of [1, 2, 3]) {
      const { store, otlp, dump } = await intake({}, {}, directory);
      await otlp.consumeMetrics(deltaBatch(seconds, 5));
      // Sent again by a collector that did not get the answer.
      await otlp.consumeMetrics(deltaBatch(seconds, 5));
      if (flushes) await store.flush();
      const totals = ['5', '5 10', '5 10 15'][seconds - 1];
      assert.deepEqual(await dump(), { 'e{job="shop"}': totals, 'n_total{job="shop"}': totals });
      await store.close();
    }
  });
}

test('promotion, scope labels, and points without a value', async () => {
  const { otlp, dump } = await intake({
    promoteResourceAttributes: ['host.name'],
    promoteScopeMetadata: true,
    keepIdentifyingResourceAttributes: true,
  });
  const builder = resource();
  builder.scope('lib', '1');
  await otlp.consumeMetrics(builder.gauge({ name: 'g' }, [{ timeNs: at(1), value: undefined, flags: 1 }]).build());
  assert.deepEqual(await dump(), {
    'g{host_name="h", instance="i1", job="ns/shop", otel_scope_name="lib", otel_scope_version="1"}': 'stale',
    'target_info{host_name="h", instance="i1", job="ns/shop", service_instance_id="i1", service_name="shop", service_namespace="ns"}':
      '1',
  });
});

test('late points are refused with their number, the others stored', async () => {
  const { otlp, dump } = await intake();
  const gauge = (seconds: number) =>
    new MetricBatchBuilder().gauge({ name: 'g' }, [{ timeNs: at(seconds), value: seconds }]).build();
  await otlp.consumeMetrics(gauge(5));
  await assert.rejects(
    otlp.consumeMetrics(gauge(2)),
    (error: PermanentError) => error instanceof PermanentError && error.rejected === 1,
  );
  assert.deepEqual(await dump(), { g: '5' });
});

test('explicit histograms become native ones with custom buckets where the configuration says so', async () => {
  const { otlp, dump, store } = await intake({ convertHistogramsToNhcb: true });
  const batch = new MetricBatchBuilder()
    .histogram({ name: 'wait', unit: 's' }, [{ timeNs: at(1), count: 4, sum: 7, bounds: [1, 5], buckets: [1, 0, 3] }])
    .build();
  await otlp.consumeMetrics(batch);
  assert.deepEqual(await dump(), { wait_seconds: '4' });
  const set = await store.select([{ name: '__name__', op: '=', value: 'wait_seconds' }], {
    startMs: 0,
    endMs: Infinity,
  });
  const { histograms, from } = set.read(0);
  const { schema, sum, customValues, positive } = histograms![from]!;
  assert.deepEqual([schema, sum, customValues], [-53, 7, [1, 5]]);
  assert.deepEqual(
    [[...positive.indexes], [...positive.counts]],
    [
      [0, 2],
      [1, 3],
    ],
  );
});

test('the start of what counts up is kept when it is asked for; deltas and gauges have none', async () => {
  const batch = () =>
    new MetricBatchBuilder()
      .sum({ name: 'n' }, [{ timeNs: at(5), startNs: at(-10), value: 1 }])
      .sum({ name: 'd', temporality: 'delta' }, [{ timeNs: at(5), startNs: at(4), value: 1 }])
      .sum({ name: 'updown', temporality: 'delta', monotonic: false }, [{ timeNs: at(5), value: -1 }])
      .gauge({ name: 'g' }, [{ timeNs: at(5), startNs: at(-10), value: 1 }])
      .build();
  const { otlp, appended, dump } = await intake({}, { startTimestamps: true });
  await otlp.consumeMetrics(batch());
  assert.deepEqual(
    appended[0]!.rows.map(({ starts }) => (starts === null || starts === undefined ? null : Array.from(starts))),
    [[T0 - 10_000], null, null, null],
  );
  assert.equal((await dump()).updown, '-1');
  const plain = await intake();
  await plain.otlp.consumeMetrics(batch());
  assert.ok(plain.appended[0]!.rows.every(({ starts }) => !starts));
});
