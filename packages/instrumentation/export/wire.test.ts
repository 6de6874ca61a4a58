import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wire } from './wire.ts';

function written(write: (wire: Wire) => void): string {
  const wire = new Wire(4);
  write(wire);
  return Buffer.from(wire.bytes.subarray(0, wire.at)).toString('hex');
}

test('times are exact to the nanosecond through all of a double’s seconds', () => {
  for (const [seconds, nanos] of [
    [0, 0],
    [0, 999_999_999],
    [1_785_000_000, 123_456_789],
    [2 ** 32 - 1, 1],
    [9_223_372_036, 854_775_807],
  ] as const) {
    const bytes = Buffer.from(
      written((wire) => wire.time(1, seconds, nanos)),
      'hex',
    );
    assert.equal(bytes[0], 9);
    assert.equal(bytes.readBigUInt64LE(1), BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
  }
});

test('whole numbers', () => {
  assert.equal(
    written((wire) => wire.uint(1, 0)),
    '0800',
  );
  assert.equal(
    written((wire) => wire.uint(1, 300)),
    '08ac02',
  );
  assert.equal(
    written((wire) => wire.uint(16, 1)),
    '800101',
  );
  assert.equal(
    written((wire) => wire.int(1, -1)),
    '08ffffffffffffffffff01',
  );
  assert.equal(
    written((wire) => wire.int(1, 2 ** 53 - 1)),
    '08ffffffffffffff0f',
  );
});

test('texts of any length and script, ids in any case', () => {
  for (const text of ['', 'a', 'x'.repeat(40), 'x'.repeat(41), 'ä', '🍕', '🍕'.repeat(30), 'y'.repeat(5_000)]) {
    const bytes = Buffer.from(
      written((wire) => wire.string(2, text)),
      'hex',
    );
    assert.equal(bytes.subarray(bytes.length - Buffer.byteLength(text)).toString(), text);
  }
  assert.equal(
    written((wire) => wire.hex(4, '0aF9')),
    '22020af9',
  );
});

test('a message of more than two megabytes keeps its length', () => {
  const wire = new Wire(4);
  const start = wire.open(1);
  wire.raw(2, new Uint8Array(3_000_000));
  wire.close(start);
  const length = wire.bytes.subarray(1, 5);
  const value = (length[0]! & 127) + (length[1]! & 127) * 2 ** 7 + (length[2]! & 127) * 2 ** 14 + length[3]! * 2 ** 21;
  assert.equal(value, wire.at - 5);
});
