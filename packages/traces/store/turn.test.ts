import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from './turn.ts';

test('of several that wait, one goes on for each round of the event loop', async () => {
  let round = 0;
  let counting = true;
  const count = () => {
    round++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const rounds = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async () => {
      await nextTurn();
      return round;
    }),
  );
  counting = false;
  assert.equal(new Set(rounds).size, 4, `rounds ${rounds}`);
  await nextTurn();
});
