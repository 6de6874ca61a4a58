// Buckets hold what they say, at whatever scale they end up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExponentialHistogram } from './exponential-histogram.ts';

function histogramOf(sizeMax: number, values: readonly number[]): ExponentialHistogram {
  const histogram = new ExponentialHistogram(sizeMax);
  for (const value of values) histogram.add(value);
  return histogram;
}

test('a bound belongs to the bucket below it, and zero has a bucket of its own', () => {
  const histogram = histogramOf(4, [0, 1, 2, 4, 8, 3]);
  assert.equal(histogram.zeroCount, 1);
  // Base 2: (0.5, 1], (1, 2], (2, 4], (4, 8].
  assert.equal(histogram.scale, 0);
  assert.equal(histogram.first, -1);
  assert.deepEqual(histogram.counts, [1, 1, 2, 1]);
});

test('equal values keep the finest scale; a wide range makes it coarse', () => {
  assert.equal(histogramOf(160, [7, 7, 7]).scale, 20);
  const wide = histogramOf(2, [1e-300, 1e300]);
  assert.ok(wide.counts.length <= 2);
  assert.equal(
    wide.counts.reduce((a, b) => a + b),
    2,
  );
});

test('every value is within its bucket, in any order', () => {
  let state = 1;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let round = 0; round < 50; round++) {
    const values = Array.from({ length: 200 }, () => 2 ** (random() * 30 - 15));
    const { scale, first, counts } = histogramOf(20, values);
    assert.ok(counts.length <= 20);
    const base = 2 ** (2 ** -scale);
    counts.forEach((count, at) => {
      const [low, high] = [base ** (first + at), base ** (first + at + 1)];
      const within = values.filter((value) => value > low && value <= high).length;
      assert.equal(count, within, `(${low}, ${high}] at scale ${scale}`);
    });
  }
});
