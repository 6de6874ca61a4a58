import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demandAt } from './day.ts';
import { guestFor, guestOf } from './guest.ts';
import { startTraffic } from './index.ts';
import { startPaymentProvider } from './payment-provider.ts';
import { randomOf } from './random.ts';
import { kindOf, VISITS } from './visit.ts';

test('the day has two peaks and no hour without guests', () => {
  const at = (hour: number) => demandAt(new Date(2026, 5, 1, hour, 30).getTime());
  const hours = Array.from({ length: 24 }, (_, hour) => at(hour));
  assert.ok(Math.min(...hours) > 0.5);
  assert.ok(at(12) > at(9) && at(12) > at(15) && at(19) > at(12) && at(19) > at(23));
  const mean = hours.reduce((sum, demand) => sum + demand, 0) / 24;
  assert.ok(mean > 0.8 && mean < 1.2, `the mean is ${mean}`);
});

test('the same seed gives the same guests and wishes', () => {
  const day = (seed: number) =>
    Array.from({ length: 50 }, (_, number) => [guestOf(seed, number), kindOf(randomOf(seed, number))]);
  assert.deepEqual(day(7), day(7));
  assert.notDeepEqual(day(7), day(8));
});

test('a guest has habits: a favourite, a size, a way to pay, a meal, and an end of patience', () => {
  const { habits } = guestOf(7, 3);
  assert.deepEqual(guestOf(7, 3).habits, habits);
  const town = Array.from({ length: 2_000 }, (_, number) => guestOf(7, number));
  assert.ok(
    town.every((guest) => guest.habits.patienceMinutes > 45),
    'nobody leaves before the promised time',
  );
  const ofMeal = (meal: string) => town.filter((guest) => guest.habits.meal === meal).length / town.length;
  assert.ok(ofMeal('dinner') > ofMeal('lunch') && ofMeal('lunch') > 0.15);
});

test('those who come back mostly come for their usual meal', () => {
  const visitors = Array.from({ length: 2_000 }, (_, number) => guestFor(7, randomOf(7, number), 500, 13));
  const returning = visitors.filter(({ isNew }) => !isNew);
  const share = returning.filter(({ guest }) => guest.habits.meal !== 'dinner').length / returning.length;
  assert.ok(share > 0.85, `at one o'clock ${share} of the returning guests usually have lunch`);
  assert.ok(returning.length / visitors.length > 0.6 && returning.length / visitors.length < 0.7);
});

test('a few per cent of the visits fail honestly', () => {
  const random = randomOf(3);
  const kinds = Array.from({ length: 10_000 }, () => kindOf(random));
  const share = kinds.filter((kind) => kind !== 'order').length / kinds.length;
  assert.ok(share > 0.05 && share < 0.15, `the share is ${share}`);
  assert.deepEqual(new Set(kinds), new Set(Object.keys(VISITS)));
});

test('a pizzeria that is away is tried again; the day can be called off meanwhile', async () => {
  const warnings: string[] = [];
  const abort = new AbortController();
  const log = { info() {}, warn: (message: string) => warnings.push(message) };
  const options = {
    baseUrl: 'http://127.0.0.1:9',
    ordersPerMinute: 600,
    seed: 1,
    speed: 10,
    log,
    signal: abort.signal,
  };
  const traffic = startTraffic(options);
  await new Promise((resolve) => setTimeout(resolve, 200));
  abort.abort();
  await traffic.done;
  assert.ok(warnings.length >= 1 && warnings.length < 5, `one line, not one for every visitor: ${warnings.length}`);
});

test('the payment provider decides once for each key', async () => {
  const provider = await startPaymentProvider({
    host: '127.0.0.1',
    port: 0,
    seed: 5,
    declineShare: 0.5,
    decisionMs: 1,
    log: { info() {}, warn() {} },
  });
  const charge = async (key: string) => {
    const response = await fetch(`${provider.address}/charges`, {
      method: 'POST',
      headers: { 'idempotency-key': key },
      body: JSON.stringify({ orderId: key, amountCents: 100 }),
    });
    return [response.status, await response.text()];
  };
  const first = await Promise.all(Array.from({ length: 20 }, (_, index) => charge(`k-${index}`)));
  assert.deepEqual(new Set(first.map(([status]) => status)), new Set([201, 402]));
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, (_, index) => charge(`k-${index}`))), first);
  const voided = async (orderId: string) => {
    const response = await fetch(`${provider.address}/voids`, {
      method: 'POST',
      headers: { 'idempotency-key': `void-${orderId}` },
      body: JSON.stringify({ orderId }),
    });
    return [response.status, await response.json()];
  };
  const [accepted] = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => ({
      key: `charge-v-${index}`,
      answer: await charge(`charge-v-${index}`),
    })),
  ).then((charges) => charges.filter(({ answer }) => answer[0] === 201));
  assert.deepEqual(await voided(accepted!.key.slice('charge-'.length)), [200, { reference: `pay_${accepted!.key}` }]);
  assert.deepEqual(await voided('never-charged'), [200, {}]);
  assert.deepEqual(await charge('charge-never-charged'), [402, '{"reason":"voided"}'], 'and never will be');
  const lost = await fetch(`${provider.address}/charges`, { method: 'POST', body: 'card' });
  assert.equal(lost.status, 400);
  await provider.close();
});
