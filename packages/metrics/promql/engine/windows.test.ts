import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Steps } from './value.ts';
import { samplesWithin, WindowBounds } from './windows.ts';

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A steady pace with jitter, gaps, and stretches of another pace. */
function timesOf(random: () => number): Float64Array {
  const times: number[] = [];
  let everyMs = 15_000;
  for (let timeMs = random() * 60_000; timeMs < 3_600_000; timeMs += everyMs) {
    if (random() < 0.02) everyMs = [1_000, 15_000, 60_000, 200_000][Math.floor(random() * 4)]!;
    if (random() < 0.02) timeMs += random() * 900_000;
    times.push(Math.round(timeMs + random() * 40));
  }
  return Float64Array.from(new Set(times));
}

test('windows hold the samples behind their start and up to their end, whatever the pace', () => {
  const random = randomFrom(3);
  for (let round = 0; round < 200; round++) {
    const times = timesOf(random);
    const rangeMs = [1, 60_000, 300_000, 4_000_000][round & 3]!;
    const leadMs = round % 3 === 0 ? 120_000 : 0;
    const steps: Steps = { startMs: -100_000, stepMs: [7_000, 90_000, 600_000][round % 3]!, count: 60 };
    const fixedMs = round % 5 === 0 ? 1_000_000 : null;
    const windows = new WindowBounds(steps, rangeMs, 5_000, fixedMs, leadMs);
    const bounds = windows.of(times);
    let total = 0;
    for (let step = 0; step < steps.count; step++) {
      const endMs = windows.endsMs[step]!;
      const inside = times.filter((time) => time > endMs - rangeMs && time <= endMs + leadMs);
      assert.deepEqual(times.slice(bounds.lo[step], bounds.hi[step]), inside);
      total += inside.length;
    }
    assert.equal(samplesWithin(bounds, 0, times.length), total);
    assert.equal(windows.of(times), bounds);
  }
});

test('a staleness marker narrows the windows that it is at an edge of, and empties those around it', () => {
  const random = randomFrom(5);
  const steps: Steps = { startMs: 0, stepMs: 45_000, count: 80 };
  for (let round = 0; round < 200; round++) {
    const times = timesOf(random);
    const windows = new WindowBounds(steps, 120_000, 0, null);
    const { lo, hi } = windows.of(times);
    const stale = Int32Array.from(times.keys()).filter(() => random() < (round % 4) / 20);
    const clean = windows.clean(times, stale);
    const touched: number[] = [];
    for (let step = 0; step < steps.count; step++) {
      let from = lo[step]!;
      let to = hi[step]!;
      while (from < to && stale.includes(from)) from++;
      while (to > from && stale.includes(to - 1)) to--;
      const between = stale.some((at) => at >= from && at < to);
      if (between) touched.push(step);
      assert.equal(clean.hi[step]! - clean.lo[step]!, between ? 0 : to - from);
      if (!between && to > from) assert.equal(clean.lo[step], from);
    }
    assert.deepEqual(clean.touched, touched);
    const total = clean.lo.reduce((sum, from, step) => sum + clean.hi[step]! - from, 0);
    assert.equal(clean.total, total);
  }
});
