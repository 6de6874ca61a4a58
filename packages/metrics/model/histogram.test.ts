// Native histograms: layouts that differ, sums and differences, resets and the hints of a store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CUSTOM_BUCKETS_SCHEMA,
  denseBuckets,
  EMPTY_HISTOGRAM,
  equalHistograms,
  type FloatHistogram,
} from './histogram.ts';
import { addHistograms, averageHistograms, HistogramSum, subtractHistograms } from './histogram-arithmetic.ts';
import { detectReset, storedHint } from './histogram-reset.ts';

function exponential(
  schema: number,
  offset: number,
  counts: number[],
  more: Partial<FloatHistogram> = {},
): FloatHistogram {
  const count = counts.reduce((sum, c) => sum + c, 0) + (more.zeroCount ?? 0);
  return { ...EMPTY_HISTOGRAM, schema, count, sum: count, positive: denseBuckets(offset, counts), ...more };
}

function custom(bounds: number[], counts: number[]): FloatHistogram {
  return { ...exponential(CUSTOM_BUCKETS_SCHEMA, 0, counts), customValues: bounds };
}

test('a sum takes the lower resolution', () => {
  const sum = addHistograms(exponential(-1, 1, [1]), exponential(0, 1, [2, 2]))!;
  assert.ok(equalHistograms(sum.histogram, exponential(-1, 1, [5])));
  const back = subtractHistograms(sum.histogram, exponential(0, 1, [2, 2]))!;
  assert.ok(equalHistograms(back.histogram, exponential(-1, 1, [1])));
});

test('a wider zero bucket takes in the buckets that it covers, whole', () => {
  const wide = exponential(0, 3, [1], { zeroThreshold: 3, zeroCount: 2 });
  const narrow = exponential(0, 0, [1, 1, 1, 1], { zeroThreshold: 0.001, zeroCount: 1 });
  // 3 lies in (2, 4], so both zero buckets end at 4.
  const { histogram } = addHistograms(wide, narrow)!;
  assert.equal(histogram.zeroThreshold, 4);
  assert.equal(histogram.zeroCount, 2 + 1 + 1 + 1 + 1);
  assert.deepEqual([...histogram.positive.indexes], [3]);
});

test('custom bounds that differ are reduced to those in common; kinds do not mix', () => {
  const sum = addHistograms(custom([1, 2, 3], [1, 1, 1, 1]), custom([2, 4], [5, 5, 5]))!;
  assert.equal(sum.boundsReconciled, true);
  assert.ok(equalHistograms(sum.histogram, { ...custom([2], [7, 12]), sum: 19 }));
  assert.equal(addHistograms(custom([1], [1]), exponential(0, 0, [1])), null);
});

test('long sums keep what small parts add', () => {
  const sum = new HistogramSum(exponential(0, 0, [1e17]));
  for (let i = 0; i < 100; i++) sum.add(exponential(0, 0, [1]));
  sum.add(exponential(0, 0, [-1e17]));
  assert.equal(sum.value().positive.counts[0], 100);
  const { mean } = averageHistograms([1, 2, 3].map(() => exponential(0, 0, [1e308])));
  assert.ok(Math.abs(mean.count / 1e308 - 1) < 1e-12);
});

test('a reset is any fall, a finer resolution or a narrower zero bucket; hints decide first', () => {
  const before = exponential(0, 0, [2, 2]);
  assert.equal(detectReset(exponential(0, 0, [2, 3]), before), false);
  assert.equal(detectReset(exponential(0, 0, [1, 9]), before), true);
  assert.equal(detectReset(exponential(1, 0, [9, 9]), before), true);
  assert.equal(detectReset(exponential(-1, 0, [2, 3]), before), false);
  assert.equal(detectReset({ ...exponential(0, 0, [1]), counterResetHint: 'not_reset' }, before), false);
  assert.equal(storedHint(exponential(0, 0, [3, 3]), before), 'not_reset');
  assert.equal(storedHint(exponential(0, 0, [1]), before), 'unknown');
  assert.equal(storedHint(before, null), 'unknown');
});
