import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLog, NetworkMap } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { compress } from 'snappyjs';
import { type WireField, wireBytes } from '../exposition/testing/wire-bytes.ts';
import { Labels } from '../model/labels.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { openMetricsService } from './open-metrics-service.ts';

const NOW_MS = 1_800_000_000_000;

async function open(t: TestContext, ...enabledFeatures: string[]) {
  const lines: string[] = [];
  const clock = new FakeClock(NOW_MS);
  const service = await openMetricsService({
    config: { yaml: '' },
    directory: openMemoryDirectory(),
    clock,
    log: createLog({ clock, level: 'info', write: (line: string) => void lines.push(line) }),
    network: new NetworkMap(),
    host: '127.0.0.1',
    port: 0,
    portOffset: 0,
    queryThreadsMax: 0,
    enabledFeatures,
  });
  t.after(() => service.close());
  const ask = async (path: string) => (await fetch(`${service.addresses[0]}/api/v1/${path}`)).json();
  return { service, ask, lines };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly stats: { readonly samples: Record<string, unknown> }; readonly result: unknown[] };
}

test('experimental parts of the language need their flag; what is not known is said', async (t) => {
  const off = await open(t);
  const on = await open(t, 'promql-experimental-functions,type-and-unit-labels', 'promql-binop-fill-modifiers');
  for (const query of ['sort_by_label(up, "a")', 'up + fill(0) up']) {
    const path = `query?query=${encodeURIComponent(query)}`;
    assert.equal(((await off.ask(path)) as Answer).status, 'error', query);
    assert.equal(((await on.ask(path)) as Answer).status, 'success', query);
  }
  assert.equal(((await off.ask('query?query=up[1m*2]')) as Answer).status, 'success');
  const [warning, none] = on.lines.filter((line) => line.includes('enable-feature'));
  assert.match(warning!, /type-and-unit-labels.* is unknown or not supported/);
  assert.equal(none, undefined);
  assert.equal(off.lines.filter((line) => line.includes('enable-feature')).length, 0);
});

test('samples are counted by step where that is enabled and asked for', async (t) => {
  const fill = async (service: Awaited<ReturnType<typeof open>>['service']) => {
    const rows = new RowCollector();
    const ref = service.store.ref(Labels.from({ __name__: 'm' }));
    for (let i = 0; i < 20; i++) rows.add('g', NOW_MS - 300_000 + i * 15_000, ref, i);
    await service.store.append({ rows: rows.rows() });
  };
  const [start, end] = [NOW_MS / 1000 - 240, NOW_MS / 1000 - 120];
  const path = (stats: string) =>
    `query_range?query=sum(rate(m[1m]))%2Bm&start=${start}&end=${end}&step=60&stats=${stats}`;
  const on = await open(t, 'promql-per-step-stats');
  await fill(on.service);
  const { samples } = ((await on.ask(path('all'))) as Answer).data.stats;
  // Four of the window and the newest one, at each step.
  assert.deepEqual(samples.totalQueryableSamplesPerStep, [
    [start, 5],
    [start + 60, 5],
    [end, 5],
  ]);
  assert.equal(samples.totalQueryableSamples, 15);
  const instant = ((await on.ask(`query?query=m&time=${start}&stats=all`)) as Answer).data.stats.samples;
  assert.deepEqual(instant.totalQueryableSamplesPerStep, [[start, 1]]);
  assert.equal(((await on.ask(path('true'))) as Answer).data.stats.samples.totalQueryableSamplesPerStep, undefined);
  const off = await open(t);
  await fill(off.service);
  assert.equal(((await off.ask(path('all'))) as Answer).data.stats.samples.totalQueryableSamplesPerStep, undefined);
});

/** Remote write 2.0: a counter that began at `startMs`. */
async function write(url: string, timestampMs: number, value: number, startMs: number): Promise<void> {
  const symbols = ['', '__name__', 'orders_total'].map((text): WireField => [4, { text }]);
  const sample: WireField = [
    2,
    {
      message: [
        [1, { double: value }],
        [2, { varint: timestampMs }],
        [3, { varint: startMs }],
      ],
    },
  ];
  const series: WireField = [5, { message: [[1, { packed: [1, 2] }], sample] }];
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'content-encoding': 'snappy',
    },
    body: Uint8Array.from(compress(wireBytes([...symbols, series]))),
  });
  assert.equal(response.status, 204, await response.text());
}

test('a counter begins with a sample of zero where that is enabled, once, and again after its restart', async (t) => {
  const { service, ask } = await open(t, 'created-timestamp-zero-ingestion');
  const url = service.addresses[0]!;
  const t0 = NOW_MS - 300_000;
  await write(url, t0 + 15_000, 3, t0);
  await write(url, t0 + 30_000, 4, t0);
  await write(url, t0 + 45_000, 1, t0 + 40_000);
  const { data } = (await ask(`query?query=orders_total[5m]&time=${NOW_MS / 1000 - 200}`)) as Answer;
  const [series] = data.result as [{ values: [number, string][] }];
  assert.deepEqual(
    series.values.map(([time, value]) => [time * 1000 - t0, value]),
    [
      [0, '0'],
      [15_000, '3'],
      [30_000, '4'],
      [40_000, '0'],
      [45_000, '1'],
    ],
  );
});
