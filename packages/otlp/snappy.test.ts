import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptError, TooLargeError } from './compression.ts';
import { decompressSnappy } from './snappy.ts';

const decompress = (hex: string, bytesMax = 1 << 20) =>
  Buffer.from(decompressSnappy(Buffer.from(hex, 'hex'), bytesMax)).toString();

test('literals and copies of every form', () => {
  assert.equal(decompress('00'), '');
  assert.equal(decompress('040c61626364'), 'abcd');
  // "abc" and a copy of six bytes from three back, which reaches into what it writes; offsets of one, two and four bytes.
  for (const copy of ['0903', '160300', '1703000000']) assert.equal(decompress(`0908616263${copy}`), 'abcabcabc');
  const long = Buffer.from('x'.repeat(300));
  assert.equal(decompress(`ac02f42b01${long.toString('hex')}`), long.toString());
});

test('malformed blocks are refused, also those with a literal of negative length', () => {
  for (const hex of [
    '',
    'ff',
    '05',
    '0500',
    '0a0461',
    '1ffc78f822a6fefd43c5ae3889be7b91d5a901986b5ba24c',
    '04fcffffffff',
    '0401ff',
    'ffffffff0f00',
  ]) {
    assert.throws(
      () => decompressSnappy(Buffer.from(hex, 'hex'), 1 << 20),
      (error) => error instanceof CorruptError || error instanceof TooLargeError,
      hex,
    );
  }
  assert.throws(() => decompress('040c61626364', 3), TooLargeError);
});
