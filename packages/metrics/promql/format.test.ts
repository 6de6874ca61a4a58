// Numbers as Go prints them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGoF, formatGoG, formatGoJson } from './format.ts';

test('without exponent', () => {
  const cases: [number, string][] = [
    [1e-7, '0.0000001'],
    [1.5e-9, '0.0000000015'],
    [1e21, '1000000000000000000000'],
    [123456789.125, '123456789.125'],
    [1.25e22, '12500000000000000000000'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [Number.NaN, 'NaN'],
    [-0, '-0'],
    [0.1 + 0.2, '0.30000000000000004'],
  ];
  for (const [value, text] of cases) assert.equal(formatGoF(value), text);
});

test('with exponent where the API and fmt use one', () => {
  assert.equal(formatGoJson(1e-7), '1e-07');
  assert.equal(formatGoJson(1e-6), '0.000001');
  assert.equal(formatGoJson(1e21), '1e+21');
  assert.equal(formatGoJson(1e20), '100000000000000000000');
  assert.equal(formatGoG(1e6), '1e+06');
  assert.equal(formatGoG(123456), '123456');
  assert.equal(formatGoG(0.0001), '0.0001');
  assert.equal(formatGoG(0.00001), '1e-05');
  assert.equal(formatGoG(1.1), '1.1');
});
