// Slicing a batch and joining the slices changes nothing that it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLogs } from '../encode/log-encoder.ts';
import { encodeMetrics } from '../encode/metric-encoder.ts';
import { encodeSpans } from '../encode/span-encoder.ts';
import type { TelemetryBatch } from '../model/origin.ts';
import { randomLogs, randomMetrics, randomSpans } from '../testing/generate.ts';
import { plainBatch } from '../testing/plain.ts';
import { Random } from '../testing/random.ts';
import { concatLogs, concatMetrics, concatSpans } from './concat.ts';
import { sliceLogs, sliceMetrics, sliceSpans } from './slice.ts';

/** Cuts into parts of one to five records. */
function parts<Batch extends TelemetryBatch>(
  random: Random,
  batch: Batch,
  slice: (batch: Batch, from: number, to: number) => Batch,
): Batch[] {
  const cut: Batch[] = [];
  for (let from = 0; from < batch.count; ) {
    const to = Math.min(batch.count, from + 1 + random.int(5));
    cut.push(slice(batch, from, to));
    from = to;
  }
  return cut;
}

test('spans: slices and their concatenation', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed);
    const one = randomSpans(random, 15);
    const two = randomSpans(random, 9);
    const joined = concatSpans([...parts(random, one, sliceSpans), ...parts(random, two, sliceSpans)]);
    assert.equal(joined.count, 24);
    for (let i = 0; i < joined.count; i++) {
      const source = i < 15 ? sliceSpans(one, i, i + 1) : sliceSpans(two, i - 15, i - 14);
      assert.deepEqual(plainBatch(sliceSpans(joined, i, i + 1)), plainBatch(source), `seed ${seed}, span ${i}`);
    }
    assert.equal(concatSpans([one]), one);
    assert.ok(encodeSpans(concatSpans([one, randomSpans(random, 0)])).equals(encodeSpans(one)));
  }
});

test('logs: slices and their concatenation', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed);
    const one = randomLogs(random, 15);
    const joined = concatLogs([randomLogs(random, 2), ...parts(random, one, sliceLogs)]);
    for (let i = 0; i < one.count; i++) {
      assert.deepEqual(
        plainBatch(sliceLogs(joined, i + 2, i + 3)),
        plainBatch(sliceLogs(one, i, i + 1)),
        `seed ${seed}, record ${i}`,
      );
    }
    assert.ok(encodeLogs(concatLogs([one, randomLogs(random, 0)])).equals(encodeLogs(one)));
  }
});

test('metrics: slices and their concatenation', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed);
    const one = randomMetrics(random, 8);
    const two = randomMetrics(random, 8);
    const whole = concatMetrics([one, two]);
    assert.equal(whole.count, one.count + two.count);
    const sliced = concatMetrics([...parts(random, one, sliceMetrics), ...parts(random, two, sliceMetrics)]);
    assert.deepEqual(pointTexts(sliced), [...pointTexts(one), ...pointTexts(two)].sort(), `seed ${seed}`);
    assert.deepEqual(pointTexts(whole), pointTexts(sliced), `seed ${seed}`);
    assert.ok(encodeMetrics(concatMetrics([one, randomMetrics(random, 0)])).equals(encodeMetrics(one)));
  }
});

/** Each point with all that it belongs to, sorted: joining slices interleaves the kinds of points differently. */
function pointTexts(batch: ReturnType<typeof randomMetrics>): string[] {
  return Array.from({ length: batch.count }, (_, i) =>
    JSON.stringify(plainBatch(sliceMetrics(batch, i, i + 1))),
  ).sort();
}
