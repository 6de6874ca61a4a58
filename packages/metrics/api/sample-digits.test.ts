import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSample } from './go-json.ts';
import { SAMPLE_BYTES_MAX, writeSample } from './sample-digits.ts';

const bytes = new Uint8Array(SAMPLE_BYTES_MAX + 1);

function written(value: number): string {
  bytes.fill(0x78);
  const end = writeSample(bytes, 1, Float64Array.of(value), 0);
  assert.ok(end - 1 <= SAMPLE_BYTES_MAX);
  return Buffer.from(bytes.buffer, 1, end - 1).toString('latin1');
}

function holds(value: number, seed: string): void {
  for (const signed of [value, -value]) {
    const expected = formatSample(signed);
    const text = written(signed);
    if (text !== expected) assert.equal(text, expected, seed);
  }
}

test('a value at every edge of its notation', () => {
  const edges = [
    ...[0, 1, 9, 10, 99, 100, 99_999_999, 1e8, 1e8 + 1, 123_456_789_012_345, 1e15 - 1, 1e15, 1e15 + 2, 2 ** 53],
    ...[1e16, 1e17, 1e17 - 16, 1e20, 1e21, 1.5e21, 1e22, 1e23, 5e-324, 2.2250738585072014e-308],
    ...[Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON, NaN, Infinity, 1e-6, 9.99e-7, 1e-7, 1.5e-10, 123e-9],
    ...[
      0.1,
      0.2,
      0.1 + 0.2,
      1 / 3,
      2 / 3,
      0.5,
      0.25,
      0.75,
      1.5,
      4.35,
      1.005,
      5e-5,
      0.000001234,
      9.5,
      900719925474099.5,
    ],
    ...[9.999999999999998, 99.99999999999999, 0.9999999999999999, 1.0000000000000002, 0.09999999999999999],
    ...[2 ** 63, 18014398509481988, 72057594037927940, 450359962737049.5],
  ];
  for (const value of edges) holds(value, `${value}`);
});

test('every power of two and of ten, and the doubles beside them', () => {
  const double = new Float64Array(1);
  const bits = new BigInt64Array(double.buffer);
  const beside = (value: number) => {
    for (const step of [-2n, -1n, 0n, 1n, 2n]) {
      double[0] = value;
      bits[0] = bits[0]! + step;
      if (double[0] >= 0) holds(double[0]!, `${value} ${step}`);
    }
  };
  for (let exponent = -1074; exponent < 1024; exponent++) beside(2 ** exponent);
  for (let exponent = -320; exponent <= 308; exponent++)
    for (const digit of [1, 2, 5]) beside(Number(`${digit}e${exponent}`));
});

test('random doubles, decimals, fractions and rates', () => {
  const seed = Number(process.env.MARIO_TEST_SEED ?? Date.now() % 2 ** 31);
  let state = seed | 1;
  const random = () => {
    // xorshift (G. Marsaglia, 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  const told = `seed ${seed}`;
  for (let i = 0; i < 40_000; i++) {
    words[0] = random() * 2 ** 32;
    words[1] = random() * 2 ** 31;
    holds(double[0]!, told);
    // Of all bit patterns few have a size that people measure.
    words[1] = (1003 + Math.floor(random() * 77)) * 2 ** 20 + random() * 2 ** 20;
    holds(double[0]!, told);
    words[0] = 0;
    holds(double[0]!, told);
    holds(Math.round(random() * 1e9) / 10 ** Math.floor(random() * 12), told);
    holds(Math.floor(random() * 1e6) / (1 + Math.floor(random() * 1e3)), told);
    holds((Math.floor(random() * 1e5) * (300 / (285 + random() * 15))) / 300, told);
    holds(Math.floor(random() * 2 ** Math.floor(random() * 60)), told);
  }
});
