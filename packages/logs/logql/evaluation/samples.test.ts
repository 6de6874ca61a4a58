import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '@mario/storage/testing';
import { SampleSeries } from './samples.ts';

test('samples come in order of time, equal times as they came', () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 50; round++) {
    const series = new SampleSeries([]);
    const expected: [number, number][] = [];
    const count = Math.floor(random() * 300);
    for (let i = 0, time = 0; i < count; i++) {
      time = random() < 0.1 ? Math.floor(random() * 100) : time + Math.floor(random() * 3);
      series.push(time, i);
      expected.push([time, i]);
    }
    series.sort();
    expected.sort(([a, i], [b, j]) => a - b || i - j);
    const got = Array.from({ length: series.count }, (_, i) => [series.times[i], series.values[i]]);
    assert.deepEqual(got, expected, `seed ${seed}`);
  }
});
