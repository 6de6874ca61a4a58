import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denseBuckets, EMPTY_HISTOGRAM } from '../model/histogram.ts';
import { limitBuckets } from './histogram-limits.ts';

const LIMITS = { native: true, alwaysClassic: false, classicToCustom: false, bucketsMax: 0, bucketFactorMin: 0 };
const FINE = { ...EMPTY_HISTOGRAM, schema: 8, count: 512, positive: denseBuckets(1, Array(512).fill(1)) };

test('a histogram with too many buckets, or too narrow ones, becomes coarser', () => {
  assert.equal(limitBuckets(FINE, LIMITS), FINE);
  const fitting = limitBuckets(FINE, { ...LIMITS, bucketsMax: 100 });
  assert.deepEqual([fitting.schema, fitting.positive.counts.length, fitting.count], [5, 64, 512]);
  assert.equal(limitBuckets(FINE, { ...LIMITS, bucketFactorMin: 1.1 }).schema, 3);
  assert.equal(limitBuckets(FINE, { ...LIMITS, bucketFactorMin: 65_536 }).schema, -4);
});

test('what cannot become coarser is refused', () => {
  const custom = { ...FINE, schema: -53, customValues: Array.from({ length: 512 }, (_, i) => i) };
  assert.throws(() => limitBuckets(custom, { ...LIMITS, bucketsMax: 100 }), /histogram bucket limit exceeded/);
});
