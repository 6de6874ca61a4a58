import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { compress } from 'snappyjs';
import type { FloatHistogram } from '../model/histogram.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import { RemoteWrite } from './remote-write.ts';

const T0 = Date.UTC(2026, 0, 1);

/** A small protobuf writer: numbers are varints, `f` doubles, the rest bytes. */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const int = (field: number, value: number) => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, content: readonly number[]) => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string) => bytes(field, [...Buffer.from(value)]);
const double = (field: number, value: number) => [
  ...varint(field * 8 + 1),
  ...new Uint8Array(Float64Array.of(value).buffer),
];
const STALE = [1 * 8 + 1, 2, 0, 0, 0, 0, 0, 0xf0, 0x7f];
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
const label = (name: string, value: string) => bytes(1, [...text(1, name), ...text(2, value)]);

async function receiver() {
  const store = await MetricsStore.open({
    directory: openMemoryDirectory(),
    clock: new FakeClock(T0 + 60_000),
    log: silentLog,
  });
  const write = new RemoteWrite(store);
  const send = (message: readonly number[], contentType = 'application/x-protobuf', encoding = 'snappy') =>
    write.receive(contentType, encoding, compress(Buffer.from(message)));
  const dump = async () => {
    const set = await store.select([{ name: '__name__', op: '=~', value: '.+' }], { startMs: 0, endMs: Infinity });
    return Object.fromEntries(
      set.labels.map((labels, i) => {
        const { from, to, values, stale, histograms } = set.read(i);
        const cell = (p: number) => (stale?.includes(p) ? 'stale' : (histograms?.[p] ?? values[p]));
        return [String(labels), Array.from({ length: to - from }, (_, p) => cell(from + p))];
      }),
    );
  };
  return { send, dump, store };
}

test('version 1.0: samples, staleness, exemplars, metadata, histograms', async () => {
  const { send, dump, store } = await receiver();
  const sample = (value: number[], seconds: number) => bytes(2, [...value, ...int(2, T0 + seconds * 1000)]);
  const span = (field: number, offset: number, length: number) =>
    bytes(field, [...int(1, zigzag(offset)), ...int(2, length)]);
  const histogram = [
    ...int(1, 6),
    ...double(3, 12.5),
    ...int(4, zigzag(1)),
    ...double(5, 0.001),
    ...int(6, 1),
    ...span(11, 2, 2),
    ...span(11, 1, 1),
    ...bytes(12, [zigzag(2), zigzag(-1), zigzag(1)]),
    ...int(15, T0),
  ];
  const message = [
    ...bytes(1, [
      ...label('__name__', 'a'),
      ...label('x', '1'),
      ...sample(double(1, 1.5), 0),
      ...sample(STALE, 15),
      ...bytes(3, [...label('trace_id', 'abc'), ...double(2, 1), ...int(3, T0)]),
    ]),
    ...bytes(1, [...label('__name__', 'h'), ...bytes(4, histogram)]),
    ...bytes(3, [...int(1, 1), ...text(2, 'a'), ...text(4, 'help')]),
  ];
  assert.deepEqual(await send(message), { status: 204, headers: {}, body: '' });
  const found = await dump();
  assert.deepEqual(found['a{x="1"}'], [1.5, 'stale']);
  const stored = found.h![0] as FloatHistogram;
  assert.deepEqual([stored.schema, stored.count, stored.sum], [1, 6, 12.5]);
  assert.deepEqual(
    [[...stored.positive.indexes], [...stored.positive.counts]],
    [
      [2, 3, 5],
      [2, 1, 2],
    ],
  );
  assert.deepEqual(store.metadata('a').get('a'), [{ type: 'counter', help: 'help', unit: '' }]);
  const [exemplars] = await store.exemplars({ matcherSets: [], startMs: 0, endMs: Infinity });
  assert.equal(exemplars!.exemplars[0]!.labels.get('trace_id'), 'abc');
});

test('version 2.0: symbols, and the counts of what was written', async () => {
  const { send, dump } = await receiver();
  const type = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';
  const symbols = ['', '__name__', 'b', 'y', '2'].flatMap((symbol) => text(4, symbol));
  const series = bytes(5, [...bytes(1, [1, 2, 3, 4]), ...bytes(2, [...double(1, 7), ...int(2, T0)])]);
  const answer = await send([...symbols, ...series], type);
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['x-prometheus-remote-write-samples-written'], '1');
  assert.deepEqual(await dump(), { 'b{y="2"}': [7] });
  assert.equal((await send([...symbols, ...bytes(5, bytes(1, [1, 9]))], type)).status, 400);
});

test('what cannot be taken is answered with the real status', async () => {
  const { send, dump } = await receiver();
  const series = (seconds: number, name = 'a') =>
    bytes(1, [...label('__name__', name), ...bytes(2, [...double(1, seconds), ...int(2, T0 + seconds * 1000)])]);
  assert.equal((await send([], 'text/plain')).status, 415);
  assert.equal((await send([], undefined, 'gzip')).status, 415);
  assert.equal((await send([255, 255])).status, 400);
  // Large enough for the compressor to use copies, and no message.
  assert.equal((await send(Array.from({ length: 70_000 }, (_, i) => 255 - (i % 7)))).status, 400);
  await send(series(10));
  const late = await send([...series(5), ...series(5, 'b')]);
  assert.deepEqual([late.status, late.body], [400, 'out of order sample\n']);
  assert.deepEqual(await dump(), { a: [10], b: [5] });
  assert.match(
    (await send(bytes(1, [...label('x', 'y'), ...bytes(2, double(1, 1))]))).body,
    /invalid metric name or labels/,
  );
});

test('series that do not share timestamps get groups of their own', async () => {
  const { send, dump } = await receiver();
  for (let i = 0; i < 100; i++) {
    const name = `m${i % 20}`;
    await send(bytes(1, [...label('__name__', name), ...bytes(2, [...double(1, i), ...int(2, T0 + i * 10)])]));
  }
  const found = await dump();
  assert.equal(Object.keys(found).length, 20);
  assert.deepEqual(found.m3, [3, 23, 43, 63, 83]);
});
