/**
 * Fuzz target: remote read. Any bytes are answered with a status and a text or with samples; and what is asked for in a
 * well-formed request arrives as it is stored, native histograms among it, read by the decoder of remote write.
 */
import { compress } from 'snappyjs';
import { type WireField, wireBytes } from '../packages/metrics/exposition/testing/wire-bytes.ts';
import { EMPTY_HISTOGRAM, type FloatHistogram } from '../packages/metrics/model/histogram.ts';
import { Labels } from '../packages/metrics/model/labels.ts';
import type { Queryable, SeriesSamples } from '../packages/metrics/queryable.ts';
import { RemoteRead } from '../packages/metrics/remote/remote-read.ts';
import { WireReader } from '../packages/metrics/remote/wire-reader.ts';
import { readWriteRequest, type WrittenSeries } from '../packages/metrics/remote/write-request.ts';
import { decompressSnappy } from '../packages/otlp/index.ts';
import { mutate, pick, timeBox } from './time-box.ts';

const NEVER = new AbortController().signal;
const VALUES = [0, -0, 1, -2.5, 1e-300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
const COUNTS = [0, 1, 3, 127, 128, 70_000, 2 ** 40, 0.5];

const REQUEST = wireBytes([
  [
    1,
    {
      message: [
        [1, { varint: 1000 }],
        [2, { varint: 9000 }],
        ...[0, 1, 2, 3].map(
          (type): WireField => [
            3,
            {
              message: [
                [1, { varint: type }],
                [2, { text: 'job' }],
                [3, { text: 'a|b' }],
              ],
            },
          ],
        ),
        [
          4,
          {
            message: [
              [1, { varint: 15_000 }],
              [2, { text: 'rate' }],
            ],
          },
        ],
      ],
    },
  ],
  // What is decoded below is the answer with samples; mutations ask for chunks now and then.
  [2, { packed: [0] }],
]);

function randomBuckets(random: () => number) {
  const indexes: number[] = [];
  for (let index = Math.floor(random() * 40) - 20; random() < 0.7; index += 1 + Math.floor(random() * 3)) {
    indexes.push(index);
  }
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(indexes, () => pick(random, COUNTS)) };
}

function randomHistogram(random: () => number): FloatHistogram {
  return {
    ...EMPTY_HISTOGRAM,
    schema: Math.floor(random() * 13) - 4,
    count: pick(random, COUNTS),
    sum: pick(random, VALUES),
    zeroCount: pick(random, COUNTS),
    zeroThreshold: random() < 0.5 ? 0 : 1e-128,
    positive: randomBuckets(random),
    negative: randomBuckets(random),
    counterResetHint: pick(random, ['unknown', 'reset', 'not_reset', 'gauge']),
  };
}

function randomSamples(random: () => number): SeriesSamples {
  const length = Math.floor(random() * 12);
  const at = Array.from({ length }, (_, i) => i);
  const stale = at.filter(() => random() < 0.15);
  const isStale = (i: number) => stale.includes(i);
  const histograms =
    random() < 0.4 ? at.map((i) => (isStale(i) || random() < 0.3 ? undefined : randomHistogram(random))) : null;
  return {
    timestamps: Float64Array.from(at, (i) => 1000 + i * 1000),
    from: 0,
    to: length,
    values: Float64Array.from(at, () => pick(random, VALUES)),
    stale: stale.length > 0 ? Int32Array.from(stale) : null,
    histograms,
    startTimestamps: null,
  };
}

function queryableOf(series: readonly SeriesSamples[]): Queryable {
  const labels = series.map((_, i) => Labels.from({ __name__: 'm', i: 'é'.repeat(i) }));
  return { select: () => ({ labels, read: (i: number) => series[i]! }) } as Partial<Queryable> as Queryable;
}

const text = (value: unknown) =>
  JSON.stringify(value, (_, each) =>
    ArrayBuffer.isView(each)
      ? [...(each as Float64Array)].map(String)
      : typeof each === 'number'
        ? Object.is(each, -0)
          ? '-0'
          : String(each)
        : each,
  );

/** The samples of 1 to 9 s, as the decoder should give them. */
function expected({ timestamps, to, values, stale, histograms }: SeriesSamples): string {
  const floats: unknown[] = [];
  const natives: unknown[] = [];
  const staleTimes: unknown[] = [];
  for (let i = 0; i < to && timestamps[i]! <= 9000; i++) {
    const histogram = histograms?.[i];
    if (stale?.includes(i) === true) staleTimes.push(timestamps[i]);
    else if (histogram !== undefined) natives.push([timestamps[i], histogram]);
    else floats.push([timestamps[i], values[i]]);
  }
  return text([floats, natives, staleTimes]);
}

function decoded({ samples, histograms }: WrittenSeries): string {
  const staleTimes = [...samples, ...histograms].filter(({ stale }) => stale).map(({ timestampMs }) => timestampMs);
  return text([
    samples.filter(({ stale }) => !stale).map(({ timestampMs, value }) => [timestampMs, value]),
    histograms.filter(({ stale }) => !stale).map(({ timestampMs, histogram }) => [timestampMs, ordered(histogram)]),
    staleTimes.sort((a, b) => a - b),
  ]);
}

/** With its fields in the order of the model. */
function ordered(histogram: FloatHistogram): FloatHistogram {
  return { ...EMPTY_HISTOGRAM, ...histogram };
}

async function answers(random: () => number): Promise<void> {
  const read = new RemoteRead({ queryable: queryableOf([randomSamples(random)]), externalLabels: () => Labels.EMPTY });
  const body = mutate(random, compress(Buffer.from(mutate(random, REQUEST))));
  const { status, body: said } = await read.answer(body, NEVER);
  if (status === 200 || status === 400) return;
  if (status !== 500 || !/invalid matcher type/.test(String(said))) throw new Error(`${status} ${String(said)}`);
}

async function roundTrip(random: () => number): Promise<void> {
  const series = Array.from({ length: Math.floor(random() * 4) }, () => randomSamples(random));
  const read = new RemoteRead({ queryable: queryableOf(series), externalLabels: () => Labels.EMPTY });
  const { status, body } = await read.answer(compress(REQUEST), NEVER);
  if (status !== 200) throw new Error(`${status} ${String(body)}`);
  const reader = new WireReader(decompressSnappy(body as Buffer, 2 ** 24));
  if (!reader.next()) throw new Error('a query without its result');
  const { bytes, at, end } = reader.message();
  const found = readWriteRequest(bytes.subarray(at, end)).series.map(decoded);
  const wanted = series.filter(({ to }) => to > 0).map(expected);
  if (text(found) !== text(wanted)) throw new Error(`sent ${text(wanted)}\nread ${text(found)}`);
}

await timeBox('remote-read', async (random) => {
  await answers(random);
  await roundTrip(random);
});
