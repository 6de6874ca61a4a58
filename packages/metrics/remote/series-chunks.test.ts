import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denseBuckets, EMPTY_HISTOGRAM, type FloatHistogram } from '../model/histogram.ts';
import type { SeriesSamples } from '../queryable.ts';
import { crc32c } from './crc32c.ts';
import { type SeriesChunk, SeriesChunks } from './series-chunks.ts';
import { type ReadSample, readFloatChunk, readHistogramChunk } from './testing/chunk-reader.ts';

const STALE = 'stale';

function seriesOf(samples: readonly (readonly [number, number | 'stale' | FloatHistogram])[]): SeriesSamples {
  const histograms = samples.map(([, value]) => (typeof value === 'object' ? value : undefined));
  const stale = samples.flatMap(([, value], at) => (value === STALE ? [at] : []));
  return {
    timestamps: Float64Array.from(samples, ([timeMs]) => timeMs),
    from: 0,
    to: samples.length,
    values: Float64Array.from(samples, ([, value]) => (typeof value === 'number' ? value : 0)),
    stale: stale.length > 0 ? Int32Array.from(stale) : null,
    histograms: histograms.some((each) => each !== undefined) ? histograms : null,
    startTimestamps: null,
  };
}

const chunksOf = (samples: SeriesSamples): SeriesChunk[] => [...new SeriesChunks().of(samples, 0, samples.to)];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('floats: every distance, every value, 120 to a chunk', () => {
  let seed = 42;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = [0, -0, 1, 1.5, Number.NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1, 2 ** 53, STALE];
  let timeMs = -70_000;
  const samples = Array.from({ length: 1000 }, (_, i): ReadSample => {
    timeMs += 1 + Math.floor(random() * 10 ** (1 + (i % 13)));
    const value = values[i % 17];
    return [timeMs, (value as number | 'stale' | undefined) ?? (random() - 0.5) * 10 ** (i % 40)];
  });
  const chunks = chunksOf(seriesOf(samples));
  assert.deepEqual(
    chunks.map(({ encoding }) => encoding),
    Array.from({ length: 9 }, () => 1),
  );
  assert.deepEqual(
    chunks.flatMap(({ data }) => readFloatChunk(data)),
    samples,
  );
  assert.deepEqual([chunks[1]!.minTimeMs, chunks[1]!.maxTimeMs], [samples[120]![0], samples[239]![0]]);
});

test('the bytes of the format', () => {
  // Count 3; 1,000 as zigzag varint; 1.5 in full; 15,000 as varint; the same value; the same distance, one bit of change.
  const [chunk] = chunksOf(
    seriesOf([
      [1000, 1.5],
      [16_000, 1.5],
      [31_000, -1.5],
    ]),
  );
  // 0 (value) 0 (distance) 11 00000 000001 1 (one bit behind no zero).
  assert.equal(hex(chunk!.data), '0003d00f3ff800000000000098753003');
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283, 'the check value of RFC 3720');
});

const HISTOGRAM: FloatHistogram = {
  ...EMPTY_HISTOGRAM,
  schema: 2,
  count: 14,
  sum: -1.5,
  zeroCount: 2,
  zeroThreshold: 2 ** -128,
  positive: denseBuckets(-3, [1, 4, 0, 0, 2]),
  negative: denseBuckets(7, [5]),
};

/** As `readHistogramChunk` gives it. */
const plain = (timeMs: number, { count, sum, zeroCount, positive, negative }: FloatHistogram) => {
  const side = ({ indexes, counts }: FloatHistogram['positive']) =>
    Object.fromEntries([...indexes].map((index, i) => [index, counts[i]!]));
  return { timeMs, sum, count, zeroCount, positive: side(positive), negative: side(negative) };
};

test('whole histograms share the layout of all their buckets', () => {
  const second = { ...HISTOGRAM, count: 20, sum: 7, positive: denseBuckets(-3, [1, 5, 2, 0, 3, 0, 0, 2]) };
  const third = { ...second, count: 2 ** 50, sum: Number.NaN, zeroCount: 2 ** 50 - 18 };
  const [chunk, none] = chunksOf(
    seriesOf([
      [1000, HISTOGRAM],
      [16_000, second],
      [31_001, third],
      [46_000, STALE],
      [47_000, STALE],
    ]),
  );
  assert.equal(none, undefined);
  assert.equal(chunk!.encoding, 2);
  const read = readHistogramChunk(chunk!.data, false);
  assert.deepEqual([read.resetBits, read.schema, read.zeroThreshold, read.customValues], [0, 2, 2 ** -128, []]);
  assert.deepEqual(read.samples, [
    plain(1000, HISTOGRAM),
    plain(16_000, second),
    plain(31_001, third),
    { timeMs: 46_000, sum: STALE },
    { timeMs: 47_000, sum: STALE },
  ]);
});

test('histograms of fractions and custom bounds', () => {
  const custom: FloatHistogram = {
    ...EMPTY_HISTOGRAM,
    schema: -53,
    count: 3.5,
    sum: 9,
    customValues: [-1, 0.005, 0.1, 2, 1e9, 1 / 3],
    positive: denseBuckets(1, [1.25, 0, 2.25]),
  };
  const grown = { ...custom, count: 4, positive: denseBuckets(1, [1.75, 0, 2.25]) };
  const [chunk] = chunksOf(
    seriesOf([
      [0, custom],
      [15_000, grown],
      [30_000, STALE],
    ]),
  );
  assert.equal(chunk!.encoding, 3);
  const read = readHistogramChunk(chunk!.data, true);
  assert.deepEqual([read.schema, read.customValues], [-53, custom.customValues]);
  assert.deepEqual(read.samples, [plain(0, custom), plain(15_000, grown), { timeMs: 30_000, sum: STALE }]);
});

test('another chunk begins with another kind, another layout, a reset, and behind a marker', () => {
  const wider = { ...HISTOGRAM, zeroThreshold: 0.001 };
  const gauge = { ...HISTOGRAM, counterResetHint: 'gauge' } as const;
  const fewer = { ...HISTOGRAM, count: 13, negative: denseBuckets(7, [4]) };
  const chunks = chunksOf(
    seriesOf([
      [0, 1],
      [1, STALE],
      [2, HISTOGRAM],
      [3, fewer],
      [4, { ...fewer, counterResetHint: 'reset' }],
      [5, wider],
      [6, gauge],
      [7, { ...fewer, counterResetHint: 'gauge' }],
      [8, STALE],
      [9, { ...gauge, count: 14.5, zeroCount: 2.5 }],
      [10, 2],
    ]),
  );
  assert.deepEqual(
    chunks.map(({ encoding, minTimeMs, maxTimeMs }) => [encoding, minTimeMs, maxTimeMs]),
    [
      [1, 0, 1],
      [2, 2, 2],
      [2, 3, 3],
      [2, 4, 4],
      [2, 5, 5],
      [2, 6, 8],
      [3, 9, 9],
      [1, 10, 10],
    ],
  );
  const resets = chunks.slice(1, 7).map(({ data, encoding }) => readHistogramChunk(data, encoding === 3).resetBits);
  assert.deepEqual(resets, [0, 0, 0b10, 0, 0b11, 0b11]);
});
