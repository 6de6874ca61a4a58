/** A real Prometheus that has no samples of its own answers queries from ours, by remote read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decompressSnappy } from '@mario/otlp';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { withTemporaryFolder } from '@mario/storage/testing';
import { compress } from 'snappyjs';
import { type WireField, wireBytes } from '../exposition/testing/wire-bytes.ts';
import { denseBuckets, EMPTY_HISTOGRAM } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { type ReadFrame, readFloatChunk, readFrames, readHistogramChunk } from '../remote/testing/chunk-reader.ts';
import { WireReader } from '../remote/wire-reader.ts';
import type { MetricsStore } from '../store/metrics-store.ts';
import { openMetricsService } from './open-metrics-service.ts';
import { missing, startPrometheus } from './testing/prometheus-process.ts';

const FLAGS = ['--enable-feature=native-histograms', '--web.enable-remote-write-receiver'];
const STEP_MS = 10_000;
const ROWS = 60;

const QUERIES = [
  'requests_total',
  'sum by (job) (rate(requests_total[1m]))',
  'requests_total{job=~"a|c", instance!="2"}',
  'count(requests_total{region="eu"})',
  'max_over_time(requests_total{instance!~"1|2"}[2m]) / ignoring(x) requests_total',
  'absent(no_such_metric{job="a"})',
];

/**
 * The reader of 2.42 passes over native histograms: these are asked of what was read here and written there. Only at the
 * bounds of buckets, as it interpolates in another way between them.
 */
const HISTOGRAM_QUERIES = [
  'histogram_quantile(1, durations)',
  'histogram_count(durations)',
  'histogram_sum(durations)',
  'histogram_fraction(0, 1, rate(durations[1m]))',
];

/** Counters that reset once and end, and a native histogram that grows. */
async function fill(store: MetricsStore, startMs: number): Promise<void> {
  const rows = new RowCollector();
  for (let s = 0; s < 5; s++) {
    const ref = store.ref(
      Labels.from({ __name__: 'requests_total', job: s % 2 === 0 ? 'a' : 'b', instance: String(s) }),
    );
    for (let r = 0; r < ROWS; r++) {
      if (s === 3 && r === 50) rows.addStale('g', startMs + r * STEP_MS, ref);
      if (s === 3 && r >= 50) continue;
      rows.add('g', startMs + r * STEP_MS, ref, s === 2 ? (r % 40) * 7.25 : r * (s + 0.1));
    }
  }
  const durations = store.ref(Labels.from({ __name__: 'durations', job: 'a' }));
  for (let r = 0; r < ROWS; r++) {
    const positive = denseBuckets(-2, [r, 2 * r, 0, r]);
    rows.addHistogram('h', startMs + r * STEP_MS, durations, {
      ...EMPTY_HISTOGRAM,
      schema: 1,
      count: 5 * r,
      sum: 3.5 * r,
      zeroCount: r,
      zeroThreshold: 0.001,
      positive,
    });
  }
  await store.append({ rows: rows.rows() });
}

interface Series {
  readonly metric: Record<string, string>;
  readonly values: readonly (readonly [number, string])[];
}

async function ask(url: string, query: string, startMs: number): Promise<readonly Series[]> {
  // Not at the times of samples: windows of the old server have both ends.
  const [start, end] = [startMs / 1000 + 123, startMs / 1000 + 573];
  const path = `/api/v1/query_range?query=${encodeURIComponent(query)}&start=${start}&end=${end}&step=30`;
  const answer = (await (await fetch(url + path)).json()) as { error?: string; data: { result: Series[] } };
  assert.equal(answer.error, undefined, query);
  return answer.data.result;
}

test("Debian's Prometheus reads from it by remote read and gets the same answers", { skip: missing }, async () => {
  await withTemporaryFolder(async (folder) => {
    const ours = await openMetricsService({
      config: { yaml: 'global: {external_labels: {region: eu}}' },
      directory: openMemoryDirectory(),
      clock: systemClock,
      log: silentLog,
      network: new NetworkMap(),
      host: '127.0.0.1',
      port: 0,
      portOffset: 0,
    });
    const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - ROWS * STEP_MS;
    await fill(ours.store, startMs);
    const real = await startPrometheus(
      folder,
      `remote_read: [{url: "${ours.addresses[0]!}/api/v1/read", read_recent: true}]\n`,
      ...FLAGS,
    );
    try {
      for (const query of QUERIES) {
        const wanted = await ask(ours.addresses[0]!, query.replace('{region="eu"}', ''), startMs);
        const read = await ask(real.url, query, startMs);
        // The reader sees the external label; ours, which has it for all, does not show it.
        const shape = (list: readonly Series[]) =>
          list
            .map(({ metric, values }) => ({ metric: { ...metric, region: 'eu' }, values: values.map(rounded) }))
            .sort((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
        assert.ok(wanted.length > 0, query);
        assert.deepEqual(shape(read), shape(wanted), query);
      }
      assert.equal((await ask(real.url, 'requests_total{region="eu"}', startMs))[0]?.metric.region, 'eu');
      await copy(ours.addresses[0]!, real.url, 'durations', startMs);
      for (const query of HISTOGRAM_QUERIES) {
        const wanted = await ask(ours.addresses[0]!, query, startMs);
        assert.ok(wanted.length > 0, query);
        const [read] = await ask(real.url, query, startMs);
        assert.deepEqual(read?.values.map(rounded), wanted[0]!.values.map(rounded), query);
      }
    } finally {
      await real.stop();
      await ours.close();
    }
  });
});

test("chunks are those that Debian's Prometheus streams", { skip: missing }, async () => {
  await withTemporaryFolder(async (folder) => {
    const ours = await openMetricsService({
      config: { yaml: '' },
      directory: openMemoryDirectory(),
      clock: systemClock,
      log: silentLog,
      network: new NetworkMap(),
      host: '127.0.0.1',
      port: 0,
      portOffset: 0,
    });
    // Within one of its two hours, at which the real server cuts.
    const startMs = Math.floor(Date.now() / 7_200_000) * 7_200_000 - ROWS * STEP_MS * 2;
    await fill(ours.store, startMs);
    const real = await startPrometheus(folder, '', ...FLAGS);
    try {
      const own = ours.addresses[0]!;
      for (const name of ['requests_total', 'durations']) {
        await copy(own, real.url, name, startMs);
        const wanted = await stream(real.url, name, startMs);
        const answer = await stream(own, name, startMs);
        assert.deepEqual(answer.map(samplesOf), wanted.map(samplesOf), name);
        if (name === 'durations') continue;
        // Layouts of histograms may differ, as empty buckets are not kept; floats have only one form.
        assert.deepEqual(
          answer.map(({ chunks }) => chunks),
          wanted.map(({ chunks }) => chunks),
        );
      }
    } finally {
      await real.stop();
      await ours.close();
    }
  });
});

const samplesOf = ({ labels, chunks }: ReadFrame) => ({
  labels,
  samples: chunks.flatMap(({ encoding, data }): readonly unknown[] =>
    encoding === 1 ? readFloatChunk(data) : readHistogramChunk(data, encoding === 3).samples,
  ),
});

async function stream(url: string, name: string, startMs: number): Promise<ReadFrame[]> {
  const query: WireField = [1, { message: readQuery(name, startMs) }];
  const body = snappy(wireBytes([query, [2, { packed: [1, 0] }]]));
  const response = await fetch(`${url}/api/v1/read`, { method: 'POST', body });
  assert.equal(
    response.headers.get('content-type'),
    'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
  );
  return readFrames(new Uint8Array(await response.arrayBuffer()));
}

function readQuery(name: string, startMs: number): WireField[] {
  const matcher: WireField[] = [
    [2, { text: '__name__' }],
    [3, { text: name }],
  ];
  return [
    [1, { varint: startMs }],
    [2, { varint: startMs + 10 ** 6 }],
    [3, { message: matcher }],
  ];
}

/** A result of a read holds its series as a request to write does. */
async function copy(from: string, to: string, name: string, startMs: number): Promise<void> {
  const query: WireField = [1, { message: readQuery(name, startMs) }];
  const response = await fetch(`${from}/api/v1/read`, { method: 'POST', body: snappy(wireBytes([query])) });
  const answer = new WireReader(decompressSnappy(new Uint8Array(await response.arrayBuffer()), 10 ** 7));
  assert.ok(answer.next());
  const { bytes, at, end } = answer.message();
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  const body = snappy(bytes.subarray(at, end));
  const written = await fetch(`${to}/api/v1/write`, { method: 'POST', headers, body });
  assert.equal(written.status, 204, await written.text());
}

function snappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(compress(bytes));
}

/** The two engines add in different orders. */
function rounded([time, value]: readonly [number, string]): readonly [number, string] {
  return [time, Number(value).toPrecision(12)];
}
