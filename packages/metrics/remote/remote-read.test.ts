import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { decompressSnappy } from '@mario/otlp';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { compress } from 'snappyjs';
import { type WireField, wireBytes } from '../exposition/testing/wire-bytes.ts';
import { denseBuckets, EMPTY_HISTOGRAM, type FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import { RemoteRead, type RemoteReadOptions } from './remote-read.ts';
import { RowCollector } from './row-collector.ts';
import { type ReadFrame, readFloatChunk, readFrames, readHistogramChunk } from './testing/chunk-reader.ts';
import { WireReader } from './wire-reader.ts';
import { readWriteRequest, type WrittenSeries } from './write-request.ts';

const START_MS = 1_800_000_000_000;
const NEVER = new AbortController().signal;

const HISTOGRAM: FloatHistogram = {
  ...EMPTY_HISTOGRAM,
  schema: 2,
  count: 14,
  sum: -1.5,
  zeroCount: 2,
  zeroThreshold: 0.001,
  positive: denseBuckets(-3, [1, 4, 0, 0, 2]),
  negative: denseBuckets(7, [5]),
  counterResetHint: 'not_reset',
};
const CUSTOM: FloatHistogram = {
  ...EMPTY_HISTOGRAM,
  schema: -53,
  count: 3.5,
  sum: 9,
  customValues: [0.5, 2, 8],
  positive: denseBuckets(1, [1.25, 0, 2.25]),
};

async function open(t: TestContext, change: Partial<RemoteReadOptions> = {}) {
  const clock = new FakeClock(START_MS + 100_000);
  const store = await MetricsStore.open({ directory: openMemoryDirectory(), clock, log: silentLog });
  t.after(() => store.close());
  const rows = new RowCollector();
  const ref = (labels: Record<string, string>) => store.ref(Labels.from(labels));
  const [up, down, durations] = [
    ref({ __name__: 'up', job: 'a', region: 'us' }),
    ref({ __name__: 'up', job: 'b' }),
    ref({ __name__: 'durations', job: 'b' }),
  ];
  for (const [i, value] of [0, 1.25, -0, Number.NaN, 1e300].entries()) rows.add('g', START_MS + i * 1000, up, value);
  rows.add('h', START_MS, down, 1);
  rows.addStale('h', START_MS + 1000, down);
  rows.addHistogram('h', START_MS, durations, HISTOGRAM);
  rows.addHistogram('h', START_MS + 1000, durations, CUSTOM);
  rows.addStale('h', START_MS + 2000, durations);
  await store.append({ rows: rows.rows() });
  const externalLabels = () => Labels.from({ region: 'eu', replica: '1' });
  return new RemoteRead({ queryable: store, externalLabels, ...change });
}

type Matcher = readonly [type: number, name: string, value: string];

function query(matchers: readonly Matcher[], startMs = START_MS, endMs = START_MS + 60_000, func = ''): WireField {
  const fields = matchers.map(
    ([type, name, value]): WireField => [
      3,
      {
        message: [
          [1, { varint: type }],
          [2, { text: name }],
          [3, { text: value }],
        ],
      },
    ],
  );
  const hints: WireField = [4, { message: [[2, { text: func }]] }];
  return [1, { message: [[1, { varint: startMs }], [2, { varint: endMs }], ...fields, hints] }];
}

const request = (...fields: WireField[]) => Uint8Array.from(compress(wireBytes(fields)));

async function ask(read: RemoteRead, ...fields: WireField[]): Promise<WrittenSeries[][]> {
  const { status, body, headers } = await read.answer(request(...fields), NEVER);
  assert.equal(status, 200, String(body));
  assert.deepEqual(headers, { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' });
  const reader = new WireReader(decompressSnappy(body as Buffer, 2 ** 30));
  const results: WrittenSeries[][] = [];
  while (reader.next()) {
    assert.equal(reader.field, 1);
    const { bytes, at, end } = reader.message();
    // A result holds its series as a write request does.
    results.push([...readWriteRequest(bytes.subarray(at, end)).series]);
  }
  return results;
}

test('floats, special values and markers come as they are stored, with external labels', async (t) => {
  const read = await open(t);
  const [[a, b]] = (await ask(read, query([[0, '__name__', 'up']]))) as [[WrittenSeries, WrittenSeries]];
  assert.equal(a.labels.toString(), 'up{job="a", region="us", replica="1"}');
  assert.equal(b.labels.toString(), 'up{job="b", region="eu", replica="1"}');
  assert.deepEqual(
    a.samples.map(({ timestampMs, value }) => [timestampMs - START_MS, value]),
    [
      [0, 0],
      [1000, 1.25],
      [2000, -0],
      [3000, Number.NaN],
      [4000, 1e300],
    ],
  );
  assert.ok(a.samples.every(({ stale }) => !stale));
  assert.deepEqual(
    b.samples.map(({ stale }) => stale),
    [false, true],
  );
});

test('native histograms of every kind, and the end of one', async (t) => {
  const read = await open(t);
  const [[series]] = (await ask(read, query([[0, '__name__', 'durations']]))) as [[WrittenSeries]];
  assert.deepEqual(series.samples, []);
  const [first, second, third] = series.histograms;
  assert.deepEqual(first!.histogram, { ...HISTOGRAM, counterResetHint: first!.histogram.counterResetHint });
  assert.deepEqual(second!.histogram, { ...CUSTOM, counterResetHint: second!.histogram.counterResetHint });
  assert.deepEqual([first!.stale, second!.stale, third!.stale], [false, false, true]);
});

test('all kinds of matchers, times and several queries in one request', async (t) => {
  const read = await open(t);
  const names = (series: readonly WrittenSeries[]) =>
    series.map(({ labels }) => `${labels.metricName}/${labels.get('job')}`);
  const results = await ask(
    read,
    query([[1, 'job', 'a']]),
    query([[2, '__name__', 'u.']]),
    query([[3, 'job', 'a|c']], START_MS + 1500),
    query([[0, '__name__', 'none']]),
    // Asked for what every series has from here: everything; but one has a region of its own.
    query([[0, 'replica', '1']]),
    query([[0, 'region', 'eu']]),
    query([[0, '__name__', 'up']], START_MS, START_MS + 1000, 'series'),
  );
  assert.deepEqual(results.map(names), [
    ['durations/b', 'up/b'],
    ['up/a', 'up/b'],
    ['durations/b'],
    [],
    ['durations/b', 'up/a', 'up/b'],
    ['durations/b', 'up/b'],
    ['up/a', 'up/b'],
  ]);
  assert.ok(results[6]!.every(({ samples }) => samples.length === 0));
  const [[one]] = (await ask(read, query([[0, 'job', 'a']], START_MS + 1000, START_MS + 2000))) as [[WrittenSeries]];
  assert.equal(one.samples.length, 2, 'both ends belong to it');
});

test('what cannot be answered gets the status and the words of the real server', async (t) => {
  const read = await open(t, { samplesMax: 4 });
  const refused = async (body: Uint8Array) => {
    const { status, body: text } = await read.answer(body, NEVER);
    return `${status} ${text}`;
  };
  const up = query([[0, '__name__', 'up']]);
  assert.equal(await refused(request(up)), '400 exceeded sample limit (4)\n');
  assert.match(await refused(Uint8Array.from([20, 1, 2])), /^400 not valid snappy/);
  assert.match(await refused(Uint8Array.from([255, 255, 255, 255, 15, 0])), /^400 4294967295 bytes after/);
  assert.match(await refused(Uint8Array.from(compress(Buffer.from([10, 200, 1])))), /^400 unexpected end of data/);
  assert.match(await refused(request(query([[2, 'job', '(']]))), /^500 .*missing closing \)/);
  assert.equal(await refused(request(query([[7, 'job', 'a']]))), '500 invalid matcher type\n');
  assert.equal(
    await refused(request(up, [2, { packed: [7, 2] }])),
    '400 server does not support any of the requested response types: [7 2]; ' +
      'supported: map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]\n',
  );
  const chunks: WireField = [2, { packed: [1] }];
  assert.match(await refused(request(query([[2, 'job', '(']]), chunks)), /^500 .*missing closing \)/);
});

async function stream(read: RemoteRead, ...fields: WireField[]): Promise<ReadFrame[]> {
  const { status, headers, body } = await read.answer(request(...fields, [2, { packed: [1, 0] }]), NEVER);
  assert.equal(status, 200, String(body));
  assert.deepEqual(headers, {
    'content-type': 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
  });
  return readFrames(Buffer.concat(await Array.fromAsync(body as AsyncGenerator<Buffer>)));
}

test('who prefers chunks gets a frame for each series, by query', async (t) => {
  // The limit on samples is one on what is held in memory.
  const read = await open(t, { samplesMax: 1 });
  const frames = await stream(
    read,
    query([[0, 'job', 'a']], START_MS + 1000, START_MS + 4000),
    query([[0, 'job', 'b']]),
    query([[0, '__name__', 'none']]),
    query([[0, 'job', 'a']], START_MS, START_MS + 60_000, 'series'),
  );
  assert.deepEqual(
    frames.map(({ query: number, labels }) => [number, labels]),
    [
      [0, { __name__: 'up', job: 'a', region: 'us', replica: '1' }],
      [1, { __name__: 'durations', job: 'b', region: 'eu', replica: '1' }],
      [1, { __name__: 'up', job: 'b', region: 'eu', replica: '1' }],
      [3, { __name__: 'up', job: 'a', region: 'us', replica: '1' }],
    ],
  );
  const [a, durations, b, series] = frames.map(({ chunks }) => chunks);
  const [chunk] = a!;
  assert.deepEqual([chunk!.minTimeMs, chunk!.maxTimeMs, a!.length], [START_MS + 1000, START_MS + 4000, 1]);
  assert.deepEqual(readFloatChunk(chunk!.data), [
    [START_MS + 1000, 1.25],
    [START_MS + 2000, -0],
    [START_MS + 3000, Number.NaN],
    [START_MS + 4000, 1e300],
  ]);
  assert.deepEqual(
    readFloatChunk(b![0]!.data).map(([, value]) => value),
    [1, 'stale'],
  );
  assert.deepEqual(
    durations!.map(({ encoding }) => encoding),
    [2, 3],
  );
  const [first] = readHistogramChunk(durations![0]!.data, false).samples;
  assert.deepEqual([first!.count, first!.positive], [14, { '-3': 1, '-2': 4, 1: 2 }]);
  assert.deepEqual(
    readHistogramChunk(durations![1]!.data, true).samples.map(({ sum }) => sum),
    [9, 'stale'],
  );
  assert.deepEqual(series![0]!.data, Buffer.of(0, 0), 'the series is there, its samples are not wanted');
});

test('a series that is larger than a frame is told in several', async (t) => {
  const queryable = {
    select: () => ({
      labels: [Labels.from({ __name__: 'm' })],
      read: () => ({
        timestamps: Float64Array.from({ length: 1000 }, (_, i) => START_MS + i),
        from: 0,
        to: 1000,
        values: Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)),
        stale: null,
        histograms: null,
        startTimestamps: null,
      }),
    }),
  } as unknown as RemoteReadOptions['queryable'];
  const read = await open(t, { queryable, frameBytesMax: 2500 });
  const frames = await stream(read, query([[0, '__name__', 'm']]));
  assert.deepEqual(
    frames.map(({ chunks }) => chunks.length),
    [3, 3, 3],
  );
  // The chunk that passes the limit still belongs to the frame.
  assert.ok(frames.every(({ sizeBytes }) => sizeBytes < 2500 + 1100));
  const samples = frames.flatMap(({ chunks }) => chunks.flatMap(({ data }) => readFloatChunk(data)));
  assert.deepEqual(samples[999], [START_MS + 999, Math.sin(999)]);
  assert.equal(samples.length, 1000);
});

test('a large answer is compressed in pieces, other work has turns, and it ends when the client goes away', async (t) => {
  const read = await open(t, {
    queryable: {
      select: () => ({
        labels: Array.from({ length: 300 }, (_, i) => Labels.from({ __name__: 'm', i: String(i) })),
        read: () => ({
          timestamps: Float64Array.from({ length: 1000 }, (_, i) => START_MS + i),
          from: 0,
          to: 1000,
          values: Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)),
          stale: null,
          histograms: null,
          startTimestamps: null,
        }),
      }),
    } as unknown as RemoteReadOptions['queryable'],
  });
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  t.after(() => clearInterval(timer));
  const [series] = await ask(read, query([[0, '__name__', 'm']]));
  assert.equal(series!.length, 300);
  assert.ok(series!.every(({ samples }) => samples.length === 1000 && samples[7]!.value === Math.sin(7)));
  assert.ok(turns > 0);
  const abort = new AbortController();
  const answer = read.answer(request(query([[0, '__name__', 'm']])), abort.signal);
  setImmediate(() => abort.abort(new Error('gone')));
  await assert.rejects(answer, /gone/);
});
