// Label sets: order, keys, printing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareLabels, Labels, quoteGo } from './labels.ts';

const set = (entries: Record<string, string>): Labels => Labels.from(entries);

test('sets are sorted by name and drop empty values', () => {
  const labels = set({ z: '1', a: '2', empty: '' });
  assert.deepEqual([...labels], [['a', '2'], ['z', '1']]); // biome-ignore format: one line
  assert.equal(labels.get('empty'), '');
  assert.equal(labels.has('empty'), false);
  assert.equal(labels.with('m', '3').names().join(), 'a,m,z');
  assert.equal(labels.with('a', '').names().join(), 'z');
  assert.equal(labels.with('a', '9').get('a'), '9');
});

test('keys are equal exactly for equal labels', () => {
  assert.equal(set({ a: 'b', c: 'd' }).key, set({ c: 'd', a: 'b' }).key);
  assert.notEqual(set({ a: 'bc' }).key, set({ ab: 'c' }).key);
  const labels = set({ a: '1', b: '2', c: '3' });
  assert.equal(labels.keyOf(['a', 'missing']), set({ a: '1', b: 'x' }).keyOf(['a', 'missing']));
  assert.notEqual(set({ a: '1' }).keyOf(['a', 'b']), set({ b: '1' }).keyOf(['a', 'b']));
  assert.equal(labels.keyWithout(new Set(['b'])), set({ a: '1', c: '3' }).key);
});

test('order is by label, name before value, a prefix first', () => {
  const sorted = [{}, { a: '1' }, { a: '1', b: '1' }, { a: '2' }, { b: '0' }].map(set);
  assert.deepEqual([...sorted].reverse().sort(compareLabels), sorted);
});

test('printing quotes as Go does', () => {
  assert.equal(String(set({ __name__: 'up', job: 'a"b\n' })), 'up{job="a\\"b\\n"}');
  assert.equal(String(set({ __name__: 'http.requests', 'net.peer': 'x' })), '{"http.requests", "net.peer"="x"}');
  assert.equal(String(set({ __name__: 'up' })), 'up');
  assert.equal(set({ __name__: 'up', a: 'b' }).toBraces(), '{__name__="up", a="b"}');
  assert.equal(quoteGo('\u0001\u007f\udcc5é😀'), '"\\x01\\x7f\\xc5é😀"');
});
