import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OrderEvent } from '../domain/order.ts';
import { openDatabase } from '../infrastructure/database.ts';
import { NO_OBSERVER, type Observer } from './observer.ts';
import { OutboxDispatcher } from './outbox-dispatcher.ts';
import type { Reaction } from './reaction.ts';
import type { Database } from './session.ts';

let database: Database;
let nowMs = 1_000_000;
before(async () => {
  database = await openDatabase({ dataDir: ':memory:' });
});
after(() => database.close());

const event = (orderId: string): OrderEvent => ({ type: 'CookingStarted', orderId, atMs: nowMs, queuedMs: 0 });
const append = (id: string) => database.transaction((session) => session.outbox.append(id, event(id), null));
const backlog = () => database.read((session) => session.outbox.backlog());

function dispatcherWith(
  reaction: Partial<Reaction>,
  observer: Observer = NO_OBSERVER,
): { dispatcher: OutboxDispatcher; failures: string[] } {
  const failures: string[] = [];
  const dispatcher = new OutboxDispatcher({
    database,
    observer,
    clock: { nowMs: () => nowMs },
    reactions: [{ name: 'test', events: ['CookingStarted'], ...reaction }],
    onFailure: (envelope, error, parked) => failures.push(`${envelope?.id} ${String(error)} ${parked}`),
  });
  return { dispatcher, failures };
}

test('events are told in order, once, after they are marked as handled', async () => {
  const told: string[] = [];
  const { dispatcher } = dispatcherWith({ tell: ({ id }) => told.push(id) });
  for (const id of ['a', 'b', 'c']) await append(id);
  await dispatcher.drained();
  await dispatcher.drained();
  assert.deepEqual(told, ['a', 'b', 'c']);
  assert.deepEqual(await backlog(), { waiting: 0, parked: 0, oldestAtMs: null });
  await dispatcher.stop();
});

test('what fails is tried again later and later, does not hold others up, and is parked in the end', async () => {
  const told: string[] = [];
  let attempts = 0;
  const { dispatcher, failures } = dispatcherWith({
    call: async ({ id }) => {
      if (id !== 'bad') return;
      attempts += 1;
      throw new Error('unreachable');
    },
    tell: ({ id }) => told.push(id),
  });
  await append('bad');
  await append('good');
  await dispatcher.drained();
  assert.deepEqual(told, ['good']);
  await dispatcher.drained();
  assert.equal(attempts, 1, 'not again before its time');
  for (let round = 0; round < 12; round += 1) {
    nowMs += 60_000;
    await dispatcher.drained();
  }
  assert.equal(attempts, 10);
  assert.deepEqual(await backlog(), { waiting: 0, parked: 1, oldestAtMs: null });
  assert.equal(failures.at(-1), 'bad Error: unreachable true');
  await dispatcher.stop();
});

test('a write that fails leaves neither its effect nor the mark', async () => {
  let broken = true;
  const { dispatcher } = dispatcherWith({
    async write(envelope, session) {
      const notification = {
        id: envelope.id,
        customerId: 'c',
        orderId: 'o',
        profileId: null,
        text: 't',
        createdAtMs: 1,
        dismissedAtMs: null,
      };
      await session.notifications.insert(notification);
      if (broken) throw new Error('disk');
    },
  });
  await append('atomic');
  await dispatcher.drained();
  const read = () => database.read((session) => session.notifications.ofOrder('o'));
  assert.deepEqual(await read(), []);
  broken = false;
  nowMs += 60_000;
  await dispatcher.drained();
  assert.equal((await read()).length, 1);
  await dispatcher.stop();
});

test('an event is counted once, whatever becomes of the group in which it was handled first', async () => {
  const counted: string[] = [];
  const observer: Observer = {
    ...NO_OBSERVER,
    async operation(_name, work, _cause, tally) {
      let outcome = 'failed';
      try {
        const result = await work();
        outcome = 'handled';
        return result;
      } finally {
        const count = () => void counted.push(outcome);
        if (tally === undefined) count();
        else tally(count);
      }
    },
  };
  const { dispatcher } = dispatcherWith(
    {
      async write({ id }) {
        if (id === 'burnt') throw new Error('cannot be written');
      },
    },
    observer,
  );
  for (const id of ['before', 'burnt', 'behind']) await append(id);
  await dispatcher.drained();
  assert.deepEqual(counted, ['handled', 'failed', 'handled']);
  for (const id of ['well', 'done']) await append(id);
  await dispatcher.drained();
  assert.equal(counted.length, 5);
  await dispatcher.stop();
});
