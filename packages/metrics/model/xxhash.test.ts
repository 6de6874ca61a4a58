// The hash that limit_ratio picks series by: known values of XXH64.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from './labels.ts';
import { hashLabels, xxhash64 } from './xxhash.ts';

test('known values, short and over several stripes', () => {
  const hash = (text: string): string => xxhash64(new TextEncoder().encode(text)).toString(16);
  assert.equal(hash(''), 'ef46db3751d8e999');
  assert.equal(hash('a'), 'd24ec4f1a98c6e5b');
  assert.equal(hash('abc'), '44bc2cf5ad770999');
  assert.equal(hash('Nobody inspects the spammish repetition'), 'fbcea83c8a378bf1');
});

test('a label set hashes as its names and values, each after its length', () => {
  const bytes = new TextEncoder().encode('\u0001a\u0001b');
  assert.equal(hashLabels(Labels.from({ a: 'b' })), xxhash64(bytes));
});
