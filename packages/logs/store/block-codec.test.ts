import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '@mario/storage/testing';
import { type LogEntries, noNeedles } from '../logql/evaluation/log-source.ts';
import type { Labels } from '../logql/labels.ts';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import { FormatError } from './byte-reader.ts';
import { buildGramFilter, mayContain } from './gram-filter.ts';

function entriesOf(list: readonly { timeNs: bigint; line: string; metadata?: Labels }[]): LogEntries {
  return {
    count: list.length,
    timesNs: BigInt64Array.from(list, ({ timeNs }) => timeNs),
    line: (index) => list[index]!.line,
    metadata: (index) => list[index]!.metadata ?? [],
  };
}

const plain = (entries: LogEntries | undefined): unknown =>
  entries === undefined
    ? undefined
    : Array.from({ length: entries.count }, (_, i) => [entries.timesNs[i], entries.line(i), entries.metadata(i)]);

test('a block gives back what it was made of', () => {
  const list = [
    { timeNs: -5n, line: 'first', metadata: [['a', '1']] as Labels },
    { timeNs: 1_700_000_000_000_000_001n, line: '' },
    {
      timeNs: 1_700_000_000_000_000_001n,
      line: 'ünïcode 🍕\nsecond line',
      metadata: [
        ['a', '1'],
        ['b', ''],
      ] as Labels,
    },
  ];
  const { bytes } = encodeBlock(entriesOf(list.slice(1)), 0, 2);
  assert.deepEqual(plain(decodeBlock(bytes, noNeedles)), plain(entriesOf(list.slice(1))));
  const ascii = encodeBlock(entriesOf(list.slice(0, 1)), 0, 1);
  assert.deepEqual(plain(decodeBlock(ascii.bytes, noNeedles)), plain(entriesOf(list.slice(0, 1))));
});

test('with needles only the lines with the longest of them come back', () => {
  const lines = ['alpha beta', 'beta', 'gamma', 'alpha', 'xx', 'alphabeta alpha beta'];
  const { bytes } = encodeBlock(entriesOf(lines.map((line, i) => ({ timeNs: BigInt(i), line }))), 0, lines.length);
  const found = decodeBlock(bytes, { line: ['a', 'alpha beta'], labels: [] });
  assert.deepEqual(plain(found)!, [
    [0n, 'alpha beta', []],
    [5n, 'alphabeta alpha beta', []],
  ]);
  assert.equal(decodeBlock(bytes, { line: ['nowhere'], labels: [] }), undefined);
  // A line break in the needle must not join two lines.
  assert.equal(decodeBlock(bytes, { line: ['beta\nbeta'], labels: [] }), undefined);
});

test('a label that no entry has leaves the block out', () => {
  const { bytes } = encodeBlock(entriesOf([{ timeNs: 1n, line: 'x', metadata: [['trace_id', 'abcdef']] }]), 0, 1);
  assert.equal(decodeBlock(bytes, { line: [], labels: [['trace_id', 'other']] }), undefined);
  assert.equal(decodeBlock(bytes, { line: [], labels: [['trace_id', 'abcdef']] })?.count, 1);
});

test('damaged bytes are refused, never read beyond', () => {
  const { bytes } = encodeBlock(entriesOf([{ timeNs: 1n, line: 'some text', metadata: [['k', 'v']] }]), 0, 1);
  const seed = testSeed();
  const random = seededRandom(seed);
  for (let i = 0; i < 300; i++) {
    const damaged = Uint8Array.from(bytes).subarray(0, Math.ceil(random() * bytes.length));
    damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    try {
      plain(decodeBlock(damaged, noNeedles));
    } catch (error) {
      const known =
        error instanceof FormatError || (error as Error).name === 'StorageError' || error instanceof RangeError;
      assert.ok(known, `seed ${seed}: ${String(error)}`);
    }
  }
});

test('a filter never denies what is there', () => {
  const random = seededRandom(7);
  const text = Array.from({ length: 20_000 }, () => String.fromCharCode(32 + Math.floor(random() * 95))).join('');
  const filter = buildGramFilter(Buffer.from(text));
  for (let i = 0; i < 500; i++) {
    const at = Math.floor(random() * (text.length - 40));
    assert.ok(mayContain(filter, Buffer.from(text.slice(at, at + 1 + Math.floor(random() * 39)))));
  }
  const strangers = Array.from({ length: 200 }, (_, i) => `stranger-${i}-${i * 7919}-zzzz`);
  assert.ok(strangers.filter((needle) => mayContain(filter, Buffer.from(needle))).length < 20);
});
