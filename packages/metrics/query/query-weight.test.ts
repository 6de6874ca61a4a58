import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeightMemory } from './query-weight.ts';

const MINUTE_MS = 60_000;

test('a light query that was slow three times in a row is heavy for a minute, then tried again', () => {
  let nowMs = 0;
  const memory = new WeightMemory(() => nowMs);
  memory.noteLate('q', 7);
  memory.noteLate('q', 7);
  memory.noteInTime('q');
  memory.noteLate('q', 7);
  memory.noteLate('q', 7);
  assert.equal(memory.of('q'), undefined);
  memory.noteLate('q', 7);
  assert.equal(memory.of('q'), 7);
  nowMs += MINUTE_MS - 1;
  assert.equal(memory.of('q'), 7);
  nowMs += 1;
  assert.equal(memory.of('q'), undefined);

  // Slow still: once is enough for the next minute.
  memory.noteLate('q', 8);
  assert.equal(memory.of('q'), 8);
  nowMs += MINUTE_MS;
  assert.equal(memory.of('q'), undefined);

  // The machine has time again: as if nothing had been.
  memory.noteInTime('q');
  memory.noteLate('q', 8);
  memory.noteLate('q', 8);
  assert.equal(memory.of('q'), undefined);
});

test('what is too heavy by its weight is weighed again after a minute, since series come and go', () => {
  let nowMs = 0;
  const memory = new WeightMemory(() => nowMs);
  memory.note('q', 1e6);
  assert.equal(memory.of('q'), 1e6);
  nowMs += MINUTE_MS;
  assert.equal(memory.of('q'), undefined);
  memory.noteLate('q', 5);
  assert.equal(memory.of('q'), undefined);
  memory.note('q', 2e7);
  assert.equal(memory.of('q'), 2e7);
});

test('the queries unused longest are forgotten', () => {
  const memory = new WeightMemory(() => 0);
  for (let i = 0; i < 1_000; i++) memory.note(`q${i}`, i);
  assert.equal(memory.of('q0'), 0);
  memory.note('one more', 1);
  assert.equal(memory.of('q0'), 0);
  assert.equal(memory.of('q1'), undefined);
});
