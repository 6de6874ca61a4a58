// The faults at the API: the switches, and what each of them does to the house.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { QUIET_INSTRUMENTS } from '../index.ts';
import { ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

let pizzeria: TestPizzeria | undefined;
const flags: unknown[] = [];
const lookups: string[] = [];

async function open(): Promise<TestPizzeria> {
  flags.length = 0;
  lookups.length = 0;
  const instruments = {
    ...QUIET_INSTRUMENTS,
    noteFlag: ({ attributes }: { attributes: object }) =>
      void flags.push((attributes as Record<string, unknown>)['feature_flag.key']),
    onMenuLookup: (outcome: string) => void lookups.push(outcome),
  };
  pizzeria = await testPizzeria({ instruments });
  return pizzeria;
}
afterEach(() => pizzeria?.close());

const switchOn = (name: string, value?: number) =>
  pizzeria!.call('PUT', `/api/faults/${name}`, { on: true, ...(value && { value }) });

test('the switches are listed with what finds them, and refuse what cannot be', async () => {
  const house = await open();
  const { body } = await house.call('GET', '/api/faults/');
  assert.equal(body.faults.length, 10);
  const oven = body.faults.find(({ name }: { name: string }) => name === 'slow-oven');
  assert.deepEqual([oven.on, oven.value, oven.alert, oven.since], [false, 120, 'KitchenOverloaded', null]);

  const { body: on } = await house.call('PUT', '/api/faults/slow-oven', { on: true, value: 30, forSeconds: 600 });
  assert.equal(Date.parse(on.until) - Date.parse(on.since), 600_000);
  assert.equal(
    (await house.call('PUT', '/api/faults/slow-oven', { on: true, value: 0 })).body.rule,
    'fault-value-in-range',
  );
  assert.equal((await house.call('PUT', '/api/faults/slow-oven', { value: 3 })).status, 400);
  assert.equal((await house.call('PUT', '/api/faults/cold-oven', { on: true })).status, 404);
  const off = await house.call('DELETE', '/api/faults/');
  assert.ok(off.body.faults.every((fault: { on: boolean }) => !fault.on));
  assert.deepEqual(flags, [], 'a switch alone evaluates nothing');
});

test('a slow oven keeps an order, a slow road a driver; both let go when the fault ends', async () => {
  const house = await open();
  await switchOn('slow-oven', 60);
  await switchOn('slow-delivery', 60);
  const id = await house.order();
  const step = async (name: string, body?: object) => (await house.call('PUT', `/api/orders/${id}/${name}`, body)).body;
  await step('cook');
  assert.equal((await step('ready')).rule, 'oven-still-baking');
  assert.equal((await step('status', { status: 'ready' })).rule, 'oven-still-baking', 'no way around');
  await house.call('PUT', '/api/faults/slow-oven', { on: false });
  assert.equal((await step('ready')).status, 'ready');
  await step('assign', { driverId: 'driver-1' });
  assert.equal((await step('deliver')).rule, 'driver-still-underway');
  assert.equal((await step('status', { status: 'delivered' })).rule, 'driver-still-underway', 'no way around');
  await house.call('DELETE', '/api/faults/');
  assert.equal((await step('deliver')).status, 'delivered');
  assert.deepEqual(flags, ['slow-oven', 'slow-oven', 'slow-delivery', 'slow-delivery']);
});

test('cards are declined, or reach nobody; cash goes on', async () => {
  const house = await open();
  const place = (paymentMethod: string) => house.call('POST', '/api/orders/', { ...ORDER, paymentMethod });
  await switchOn('payment-failing', 100);
  assert.equal((await place('card')).status, 402);
  assert.equal((await place('cash')).body.status, 'confirmed');
  await house.call('DELETE', '/api/faults/');
  await switchOn('payment-unreachable');
  assert.equal((await place('card')).body.status, 'pending');
  assert.equal((await place('cash')).body.status, 'confirmed');
  assert.deepEqual(flags, ['payment-failing', 'payment-unreachable']);
});

test('events are held and come when the fault ends', async () => {
  const house = await open();
  await switchOn('event-backlog');
  await house.order();
  const sold = async () => (await house.call('GET', '/api/statistics/sales')).body.pizzas.length;
  assert.equal(await sold(), 0);
  assert.ok(flags.includes('event-backlog'));
  await house.call('DELETE', '/api/faults/');
  await house.order();
  for (let look = 0; look < 200 && (await sold()) === 0; look += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(await sold(), 1);
});

test('a cache that does not answer costs a query and nothing else; readiness says no', async () => {
  const house = await open();
  assert.equal((await house.call('GET', '/api/menu/')).status, 200);
  await switchOn('menu-cache-failing');
  assert.equal((await house.call('GET', '/api/menu/')).status, 200);
  assert.equal(lookups.at(-1), 'failure');
  await switchOn('failing-readiness');
  const { status, body } = await house.call('GET', '/ready');
  assert.deepEqual([status, body.status], [503, 'not ready']);
  assert.equal((await house.call('GET', '/health')).status, 200);
  await house.call('DELETE', '/api/faults/');
  assert.equal((await house.call('GET', '/ready')).status, 200);
});

test('a slow database takes longer for every twelfth statement', async () => {
  const house = await open();
  await switchOn('slow-database', 50);
  const began = performance.now();
  for (let index = 0; index < 3; index += 1) await house.order();
  assert.ok(performance.now() - began > 50);
  assert.ok(flags.length > 0 && flags.every((flag) => flag === 'slow-database'));
  await house.call('DELETE', '/api/faults/');
});

test('requests burn and leak only while they should', async () => {
  const house = await open();
  await switchOn('cpu-burn', 90);
  await new Promise((resolve) => setTimeout(resolve, 150));
  const began = performance.now();
  await house.call('GET', '/api/menu/');
  assert.ok(performance.now() - began > 95, 'a slice of a tenth of a second');
  await house.call('DELETE', '/api/faults/');
  await switchOn('memory-leak', 64);
  const before = process.memoryUsage.rss();
  await house.order();
  assert.ok(process.memoryUsage.rss() - before > 55 * 1024 * 1024);
  assert.deepEqual([...new Set(flags)], ['cpu-burn', 'memory-leak']);
});
