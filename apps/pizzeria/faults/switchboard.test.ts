import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleViolation } from '../domain/business-rule.ts';
import { SwitchboardProvider } from './flag-provider.ts';
import { type FlagEvaluation, Flags } from './flags.ts';
import { Switchboard } from './switchboard.ts';

function switchboard() {
  const clock = { time: 1_000_000, nowMs: () => clock.time };
  const changes: [string, boolean][] = [];
  const board = new Switchboard(clock);
  board.onChange(({ name, on }) => changes.push([name, on]));
  return { clock, board, changes };
}

test('everything is off; a switch without a value has the usual one; switching twice keeps the beginning', () => {
  const { clock, board, changes } = switchboard();
  assert.ok(board.list().every(({ on }) => !on));
  assert.equal(board.list().length, 10);
  assert.deepEqual(board.set('payment-failing', { on: true }).value, 60);
  clock.time += 5_000;
  const state = board.set('payment-failing', { on: true, value: 25 });
  assert.deepEqual([state.value, state.sinceMs, state.untilMs], [25, 1_000_000, null]);
  board.allOff();
  assert.equal(board.valueOf('payment-failing'), 0);
  assert.deepEqual(changes, [
    ['payment-failing', true],
    ['payment-failing', true],
    ['payment-failing', false],
  ]);
});

test('a fault with a time ends by itself, and that is told', () => {
  const { clock, board, changes } = switchboard();
  assert.equal(board.set('slow-oven', { on: true, forSeconds: 60 }).untilMs, 1_060_000);
  clock.time += 59_999;
  assert.equal(board.valueOf('slow-oven'), 120);
  clock.time += 1;
  assert.equal(board.valueOf('slow-oven'), 0);
  assert.deepEqual(changes.at(-1), ['slow-oven', false]);
});

test('what cannot be is refused by its rule and changes nothing', () => {
  const { board } = switchboard();
  const refused = (work: () => unknown) =>
    assert.throws(work, (error) => error instanceof RuleViolation && error.rule === 'fault-value-in-range');
  refused(() => board.set('payment-failing', { on: true, value: 101 }));
  refused(() => board.set('slow-oven', { on: true, value: Number.NaN }));
  refused(() => board.set('slow-oven', { on: true, forSeconds: 0 }));
  assert.ok(board.list().every(({ on }) => !on));
});

test('a fault in per cent hits its share of the orders, and the same ones each time', async () => {
  const { board } = switchboard();
  const provider = new SwitchboardProvider(board);
  board.set('payment-failing', { on: true, value: 30 });
  const decide = async () => {
    const hits: boolean[] = [];
    for (let order = 0; order < 2_000; order += 1) {
      const { variant } = await provider.resolveNumberEvaluation('payment-failing', 0, { targetingKey: `o-${order}` });
      hits.push(variant === 'on');
    }
    return hits;
  };
  const first = await decide();
  assert.deepEqual(await decide(), first);
  const share = first.filter(Boolean).length / first.length;
  assert.ok(share > 0.26 && share < 0.34, `the share is ${share}`);
  await assert.rejects(provider.resolveNumberEvaluation('no-such-fault', 0, {}), /there is no fault/);
});

test('a flag that is off is answered at once and told to nobody; one that acts is told in the words of the conventions', async () => {
  const { board } = switchboard();
  const told: FlagEvaluation[] = [];
  const flags = new Flags(board, (evaluation) => told.push(evaluation));
  assert.equal(flags.strengthOf('slow-oven', 'o-1'), 0);
  board.set('slow-oven', { on: true, value: 7 });
  assert.equal(await flags.strengthOf('slow-oven', 'o-1'), 7);
  assert.deepEqual(told, [
    {
      name: 'feature_flag.evaluation',
      attributes: {
        'feature_flag.key': 'slow-oven',
        'feature_flag.provider.name': 'mario-switchboard',
        'feature_flag.result.variant': 'on',
        'feature_flag.result.reason': 'static',
        'feature_flag.result.value': 7,
        'feature_flag.context.id': 'o-1',
      },
    },
  ]);
});

test('two pizzerias in one process do not switch one another', async () => {
  const [left, right] = [switchboard().board, switchboard().board];
  const [ours, theirs] = [new Flags(left, () => {}), new Flags(right, () => {})];
  left.set('slow-oven', { on: true, value: 5 });
  right.set('slow-oven', { on: true, value: 9 });
  assert.deepEqual([await ours.strengthOf('slow-oven'), await theirs.strengthOf('slow-oven')], [5, 9]);
});
