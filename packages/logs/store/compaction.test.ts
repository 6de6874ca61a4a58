import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManifestEntry } from '@mario/storage';
import { chooseCompaction } from './compaction.ts';

const MEGABYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;

function segment(hour: number, textBytes: number): ManifestEntry {
  return {
    name: `logs-${hour}.seg`,
    sizeBytes: textBytes / 8,
    minTimeMs: hour * HOUR_MS,
    maxTimeMs: (hour + 1) * HOUR_MS,
    meta: { lineBytes: textBytes },
  };
}

const hours = (entries: readonly ManifestEntry[]): number[] => entries.map(({ minTimeMs }) => minTimeMs / HOUR_MS);
const none: ReadonlySet<string> = new Set();

test('a run of at least eight small neighbours is merged, the oldest first', () => {
  const small = Array.from({ length: 10 }, (_, hour) => segment(hour, MEGABYTE));
  assert.deepEqual(hours(chooseCompaction(small.slice(0, 7), none)), []);
  assert.deepEqual(hours(chooseCompaction(small, none)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(hours(chooseCompaction([...small].reverse(), new Set(['logs-0.seg']))), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('large ones, much text and long spans end a run', () => {
  const broken = Array.from({ length: 16 }, (_, hour) => segment(hour, hour === 5 ? 20 * MEGABYTE : MEGABYTE));
  assert.deepEqual(hours(chooseCompaction(broken, none)), [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  const heavy = Array.from({ length: 12 }, (_, hour) => segment(hour, 4 * MEGABYTE));
  assert.deepEqual(hours(chooseCompaction(heavy, none)), [0, 1, 2, 3, 4, 5, 6, 7]);
  const sparse = Array.from({ length: 12 }, (_, day) => segment(day * 24, MEGABYTE));
  assert.deepEqual(hours(chooseCompaction(sparse, none)), []);
});
