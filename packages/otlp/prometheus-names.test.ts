import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapedLabelName, escapedName, suffixedName, unitSuffixes } from './prometheus-names.ts';

test('units become words, of the first slash two parts, annotations none', () => {
  const cases: readonly (readonly [unit: string, main: string, per: string])[] = [
    ['ms', 'milliseconds', ''],
    ['By/s', 'bytes', 'second'],
    ['{order}/mo', '', 'month'],
    ['1', '', ''],
    ['USD', 'USD', ''],
    ['a/b/c', 'a', 'b_c'],
    ['°C·m', 'C_m', ''],
  ];
  for (const [unit, main, per] of cases) assert.deepEqual(unitSuffixes(unit), { main, per }, unit);
});

test('names with suffixes, namespace and escapes', () => {
  assert.equal(suffixedName('a.total.b', 's', 'counter'), 'a_b_seconds_total');
  assert.equal(suffixedName('cpu.ratio', '1', 'gauge', 'ns'), 'ns_cpu_ratio');
  assert.equal(suffixedName('2nd', '', 'other'), '_2nd');
  assert.equal(suffixedName('2nd', '', 'other', 'ns'), 'ns_2nd');
  assert.equal(escapedName('a.b😀c', 'ns'), 'ns_a_b_c');
  assert.equal(escapedName('9a'), '_9a');
});

test('names of labels', () => {
  const both = { keepsRuns: true, guardsUnderscore: true };
  assert.equal(escapedLabelName('_a..b', both), 'key_a__b');
  assert.equal(escapedLabelName('_a..b', { keepsRuns: false, guardsUnderscore: false }), '_a_b');
  assert.equal(escapedLabelName('__a', both), '__a');
  assert.equal(escapedLabelName('5xx', both), 'key_5xx');
  assert.equal(escapedLabelName('', both), '');
});
