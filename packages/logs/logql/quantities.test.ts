import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseByteSize, printByteSize } from './byte-size.ts';
import { parseDuration, parseGoDuration, printDuration, printGoDuration } from './duration.ts';
import { formatSample, parseGoFloat } from './go-number.ts';

test('durations in both notations', () => {
  const ns = (text: string): unknown => (parseDuration(text) as { ns?: number }).ns;
  assert.equal(ns('1d12h'), 36 * 3_600e9);
  assert.equal(ns('1.5h'), 5_400e9);
  assert.equal(ns('0.1s'), 100e6);
  assert.equal(ns('-5s'), -5e9);
  assert.equal(ns('1h30m10ms'), 5_400_010e6);
  assert.deepEqual(parseGoDuration('90'), { error: 'time: missing unit in duration "90"' });
  assert.deepEqual(parseGoDuration('1d'), { error: 'time: unknown unit "d" in duration "1d"' });
  assert.deepEqual(parseGoDuration('oops'), { error: 'time: invalid duration "oops"' });
  for (const text of ['5m', '1h30m', '2w', '1y', '500ms', '1d1s'])
    assert.equal(printDuration(ns(text) as number), text);
  assert.equal(printGoDuration(5_400e9), '1h30m0s');
  assert.equal(printGoDuration(1_500), '1.5µs');
});

test('sizes', () => {
  const bytes = (text: string): unknown => (parseByteSize(text) as { bytes?: number }).bytes;
  assert.equal(bytes('1.5KiB'), 1536);
  assert.equal(bytes('20 MB'), 20e6);
  assert.equal(bytes('1,024'), 1024);
  assert.deepEqual(parseByteSize('oops'), { error: 'strconv.ParseFloat: parsing "": invalid syntax' });
  assert.deepEqual(parseByteSize('1XB'), { error: 'unhandled size name: xb' });
  for (const size of [0, 1, 999, 1000, 1536, 20e6, 3e15]) assert.equal(bytes(printByteSize(size)), size);
});

test('numbers as Go reads and writes them', () => {
  assert.deepEqual(parseGoFloat('0x1p3'), { value: 8 });
  assert.deepEqual(parseGoFloat('-Inf'), { value: -Infinity });
  assert.ok('error' in parseGoFloat('0x1A'));
  assert.ok('error' in parseGoFloat('1_000'));
  assert.equal(formatSample(1e21), '1000000000000000000000');
  assert.equal(formatSample(1.5e-7), '0.00000015');
  assert.equal(formatSample(Infinity), '+Inf');
});
