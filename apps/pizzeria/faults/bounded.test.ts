// The faults that could hurt the machine do not: what they take is bounded, and given back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CpuBurn } from './cpu-burn.ts';
import { MemoryLeak } from './memory-leak.ts';

const MIB = 1024 * 1024;

test('the leak holds resident memory up to its cap, and gives it back at once', () => {
  const leak = new MemoryLeak();
  const before = process.memoryUsage.rss();
  for (let index = 0; index < 4; index += 1) leak.leak(32);
  assert.equal(leak.bytes, 128 * MIB);
  assert.ok(process.memoryUsage.rss() - before > 100 * MIB, 'it is resident');
  for (let index = 0; index < 20; index += 1) leak.leak(64);
  assert.equal(leak.bytes, 512 * MIB, 'and ends at the cap');
  leak.release();
  assert.equal(leak.bytes, 0);
  assert.ok(process.memoryUsage.rss() - before < 100 * MIB, 'what is released is gone');
});

test('the burn stays at its share of the time, however many requests come', () => {
  let nowMs = 0;
  const burn = new CpuBurn(() => nowMs);
  let burntMs = 0;
  while (nowMs < 60_000) {
    nowMs += 10;
    const slice = burn.sliceMs(80);
    burntMs += slice;
    nowMs += slice;
  }
  const share = burntMs / nowMs;
  assert.ok(share > 0.75 && share <= 0.8, `the share is ${share}`);
});

test('a quiet hour is not made up for', () => {
  let nowMs = 0;
  const burn = new CpuBurn(() => nowMs);
  nowMs = 3_600_000;
  assert.deepEqual([burn.sliceMs(80), burn.sliceMs(80), burn.sliceMs(80)], [100, 100, 0]);
});
