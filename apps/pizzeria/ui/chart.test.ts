// Charts: round numbers on the axis, bars in proportion, the numbers as a table, nothing from outside as HTML.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barChart, niceCeiling } from './chart.ts';

test('the axis ends at a number whose quarters read well', () => {
  const cases = [
    [0, 4],
    [3, 4],
    [5, 8],
    [11, 12],
    [13, 16],
    [21, 24],
    [101, 120],
    [7_300, 8_000],
    [36_480, 40_000],
  ] as const;
  for (const [value, ceiling] of cases) assert.equal(niceCeiling(value), ceiling, String(value));
});

test('bars are as high as their values, and every one is in the table', () => {
  const { text } = barChart({
    title: 'Orders',
    unit: 'orders',
    bars: [
      { name: 'Mon <b>', label: 'M', value: 4 },
      { name: 'Tue', value: 2 },
    ],
    format: String,
  });
  const heights = [...text.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.equal(heights[0], 2 * heights[1]!);
  assert.match(text, /<td>Tue<\/td><td class="number">2<\/td>/);
  assert.ok(!text.includes('<b>'));
  assert.equal(text.match(/class="tick"/g)?.length, 5);
});

test('a chart of nothing is an empty one', () => {
  assert.doesNotMatch(barChart({ title: 'T', unit: 'u', bars: [], format: String }).text, /NaN|Infinity/);
});
