// The house as the manager and the staff meet it: the menu, tours, numbers, parked events.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADA, ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

const HOUR_MS = 3_600_000;
let nowMs = Date.parse('2026-11-22T12:34:00Z');
let pizzeria: TestPizzeria;
let manager: Record<string, string>;
before(async () => {
  pizzeria = await testPizzeria({ clock: { nowMs: () => nowMs } });
  const answer = await pizzeria.call('POST', '/api/auth/login', { login: 'mario', password: 'mario' });
  manager = { cookie: answer.headers.get('set-cookie')!.split(';', 1)[0]! };
});
after(() => pizzeria.close());

const line = (pizza: string, quantity = 1) => ({ pizza, size: 'small', quantity });

test('a pizza is added, changed, sold, sold out and removed; orders keep what they had', async () => {
  const guest = await pizzeria.call('POST', '/api/menu/', { name: 'Evil', priceCents: 100 });
  assert.equal(guest.status, 401, 'the menu is the manager’s, also where the house is open');
  const details = { name: 'Quattro Stagioni', priceCents: 1599, toppings: ['ham', 'artichokes', 'ham'] };
  const added = await pizzeria.call('POST', '/api/menu/', details, manager);
  assert.deepEqual([added.status, added.headers.get('location')], [201, '/api/menu/quattro-stagioni']);
  assert.deepEqual([added.body.version, added.body.available, added.body.toppings.length], [1, true, 2]);
  assert.equal((await pizzeria.call('GET', '/api/menu/')).body.at(-1).name, 'Quattro Stagioni', 'at once');

  const path = '/api/menu/quattro-stagioni';
  const stale = await pizzeria.call('PUT', path, { priceCents: 1 }, { ...manager, 'if-match': '"9"' });
  assert.equal(stale.status, 412);
  const foreign = await pizzeria.call('PUT', path, { priceCents: 1 }, { ...manager, 'if-match': '"abc"' });
  assert.equal(foreign.status, 412, 'a tag that is none of ours never matches');
  const id = await pizzeria.order({ items: [line('quattro stagioni')] });
  const renamed = await pizzeria.call('PUT', path, { name: 'Stagioni', priceCents: 1700 }, manager);
  assert.deepEqual([renamed.body.id, renamed.body.version], ['quattro-stagioni', 2]);
  const order = (await pizzeria.call('GET', `/api/orders/${id}`)).body;
  assert.deepEqual([order.items[0].pizza, order.totalCents], ['Quattro Stagioni', 1599]);

  await pizzeria.call('PUT', path, { available: false }, manager);
  const soldOut = await pizzeria.call('POST', '/api/orders/', { ...ORDER, items: [line('stagioni')] });
  assert.deepEqual([soldOut.status, soldOut.body.rule], [409, 'pizza-available']);
  assert.equal((await pizzeria.call('DELETE', path, undefined, manager)).status, 204);
  assert.equal((await pizzeria.call('DELETE', path, undefined, manager)).status, 404);
  assert.equal((await pizzeria.call('GET', path)).status, 404);
});

test('the menu refuses by name what is no pizza', async () => {
  const good = { name: 'Nuova', priceCents: 1000 };
  for (const [change, status, rule] of [
    [{ name: ' ' }, 422, 'pizza-name-required'],
    [{ name: 'margherita' }, 409, 'pizza-name-free'],
    [{ name: 'quattro-formaggi' }, 409, 'pizza-name-free'],
    [{ priceCents: 9.5 }, 422, 'price-sensible'],
    [{ priceCents: 1e9 }, 422, 'price-sensible'],
    [{ description: 'x'.repeat(301) }, 422, 'pizza-description-short'],
    [{ toppings: [''] }, 422, 'pizza-toppings-named'],
  ] as const) {
    const answer = await pizzeria.call('POST', '/api/menu/', { ...good, ...change }, manager);
    assert.deepEqual([answer.status, answer.body.rule], [status, rule], JSON.stringify(change));
  }
  const both = await Promise.all([1, 2].map(() => pizzeria.call('POST', '/api/menu/', good, manager)));
  assert.deepEqual(both.map((answer) => answer.status).sort(), [201, 409]);
});

test('what a client has is not sent again', async () => {
  for (const path of ['/api/menu/', '/api/menu/diavola', '/api/toppings/']) {
    const first = await pizzeria.call('GET', path);
    const tag = first.headers.get('etag')!;
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      assert.equal((await pizzeria.call('GET', path, undefined, { 'if-none-match': header })).status, 304, header);
    }
    assert.equal((await pizzeria.call('GET', path, undefined, { 'if-none-match': '"other"' })).status, 200);
  }
});

test('orders are found by pizza and customer, and filters add up', async () => {
  const id = await pizzeria.order({
    items: [line('Ortolana')],
    customer: { ...ADA, name: 'Bea Blu', phone: '+1 555 777' },
  });
  const ids = async (query: string) =>
    (await pizzeria.call('GET', `/api/orders/?${query}`)).body.map((order: { id: string }) => order.id);
  assert.deepEqual(await ids('pizza=ortolana'), [id]);
  assert.deepEqual(await ids('pizza=Ortolana&status=cancelled'), []);
  assert.ok((await ids('status=active')).includes(id));
  assert.equal((await pizzeria.call('GET', '/api/orders/?pizza=%25')).body.rule, 'pizza-known');
  const top = await pizzeria.call('GET', '/api/statistics/customers?limit=99', undefined, manager);
  const { customerId } = top.body.find((customer: { name: string }) => customer.name === 'Bea Blu');
  assert.deepEqual(await ids(`customer=${customerId}&pizza=ortolana`), [id]);
});

test('a status is reached by the step that leads there, with its rules', async () => {
  const id = await pizzeria.order();
  const set = (body: object) => pizzeria.call('PUT', `/api/orders/${id}/status`, body);
  assert.equal((await set({ status: 'ready' })).body.rule, 'order-transition-allowed');
  assert.equal((await set({ status: 'pending' })).body.rule, 'status-known');
  assert.equal((await set({ status: 'toString' })).body.rule, 'status-known');
  assert.equal((await set({ status: 'cooking', cookId: '<b>' })).body.rule, 'cook-valid');
  assert.equal((await set({ status: 'cooking', cookId: 'luigi' })).body.cookId, 'luigi');
  assert.equal((await set({ status: 'ready' })).body.status, 'ready');
  assert.equal((await set({ status: 'delivering' })).status, 400, 'who drives?');
  assert.equal((await set({ status: 'delivering', driverId: 'enzo' })).body.driverId, 'enzo');
  assert.equal((await set({ status: 'cancelled', reason: 'late' })).body.rule, 'order-transition-allowed');
  assert.equal((await set({ status: 'delivered' })).body.status, 'delivered');
});

test('a tour has its stops in the order of the promises', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    ids.push(await pizzeria.order());
    nowMs += 60_000;
  }
  // Taken in another order than promised.
  for (const id of [ids[2]!, ids[0]!, ids[1]!]) {
    await pizzeria.call('PUT', `/api/orders/${id}/cook`, { cookId: 'luigi' });
    await pizzeria.call('PUT', `/api/orders/${id}/ready`);
    await pizzeria.call('PUT', `/api/orders/${id}/assign`, { driverId: 'tour-driver' });
  }
  const { body } = await pizzeria.call('GET', '/api/deliveries/tours/tour-driver');
  assert.deepEqual(
    body.stops.map((stop: { position: number; order: { id: string } }) => [stop.position, stop.order.id]),
    ids.map((id, index) => [index + 1, id]),
  );
  assert.equal(body.capacityOrders, 8);
  assert.equal((await pizzeria.call('GET', '/api/deliveries/tours/%3Cb%3E')).body.rule, 'driver-required');
});

test('the numbers tell of kitchen, staff, customers and time', async () => {
  const house = await testPizzeria({ clock: { nowMs: () => nowMs } });
  try {
    const login = await house.call('POST', '/api/auth/login', { login: 'mario', password: 'mario' });
    const boss = { cookie: login.headers.get('set-cookie')!.split(';', 1)[0]! };
    for (const [cookId, minutes] of [
      ['luigi', 10],
      ['luigi', 20],
      [undefined, 12],
    ] as const) {
      const id = await house.order();
      await house.call('PUT', `/api/orders/${id}/cook`, cookId && { cookId });
      nowMs += minutes * 60_000;
      await house.call('PUT', `/api/orders/${id}/ready`);
      await house.call('PUT', `/api/orders/${id}/assign`, { driverId: 'enzo' });
      nowMs += 5 * 60_000;
      await house.call('PUT', `/api/orders/${id}/deliver`);
    }
    const kitchen = (await house.call('GET', '/api/kitchen/performance')).body;
    assert.deepEqual(
      [kitchen.orders, kitchen.cookingMs, kitchen.cookingMsMax, kitchen.promiseMs],
      [3, 14 * 60_000, 20 * 60_000, 15 * 60_000],
    );
    assert.equal(kitchen.withinPromise, 2 / 3);
    const { cooks, drivers } = (await house.call('GET', '/api/statistics/staff', undefined, boss)).body;
    assert.deepEqual(cooks, [
      { cookId: 'luigi', orders: 2, cookingMs: 15 * 60_000, withinPromise: 0.5 },
      { cookId: null, orders: 1, cookingMs: 12 * 60_000, withinPromise: 1 },
    ]);
    assert.deepEqual(drivers, [{ driverId: 'enzo', orders: 3, drivingMs: 5 * 60_000, onTime: 1 }]);
    const [best] = (await house.call('GET', '/api/statistics/customers', undefined, boss)).body;
    assert.deepEqual([best.name, best.orders, best.spentCents], [ADA.name, 3, 3 * 2328]);
    const { ordersByStatus } = (await house.call('GET', '/api/statistics/status?days=7')).body;
    assert.equal(ordersByStatus.delivered, 3);
    const to = encodeURIComponent(new Date(nowMs).toISOString());
    const from = encodeURIComponent(new Date(nowMs - 47 * HOUR_MS).toISOString());
    const hours = (await house.call('GET', `/api/statistics/series?from=${from}&to=${to}`)).body;
    assert.equal(hours.length, 48);
    const days = (await house.call('GET', `/api/statistics/series?from=${from}&to=${to}&bucket=day`)).body;
    const sum = (points: { orders: number }[]) => points.reduce((total, point) => total + point.orders, 0);
    assert.deepEqual([sum(hours), sum(days)], [3, 3]);
    for (const query of ['?from=yesterday', '?bucket=year']) {
      assert.equal((await house.call('GET', `/api/statistics/series${query}`)).status, 400, query);
    }
    const backwards = await house.call('GET', `/api/statistics/series?from=${to}&to=${from}`);
    assert.equal(backwards.body.rule, 'period-valid');
    assert.equal((await house.call('GET', '/api/statistics/status?days=93')).body.rule, 'period-valid');
  } finally {
    await house.close();
  }
});

test('an event that keeps failing is parked in sight, and replayed by the manager', async () => {
  let broken = true;
  let refunds = 0;
  const house = await testPizzeria({
    clock: { nowMs: () => nowMs },
    payment: {
      charge: async () => ({ accepted: true, reference: 'r' }),
      voidCharge: async () => undefined,
      refund: async () => {
        refunds += 1;
        if (broken) throw new Error('the bank is closed');
      },
    },
  });
  try {
    const login = await house.call('POST', '/api/auth/login', { login: 'mario', password: 'mario' });
    const boss = { cookie: login.headers.get('set-cookie')!.split(';', 1)[0]! };
    const id = await house.order();
    await house.call('PUT', `/api/orders/${id}/cancel`, { reason: 'mistake' });
    const parked = async () => (await house.call('GET', '/api/outbox/parked', undefined, boss)).body;
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await until(() => refunds >= attempt);
      nowMs += 60_000;
      // Any other event wakes the dispatcher.
      await house.order();
    }
    await until(async () => (await parked()).length === 1);
    const [event] = await parked();
    assert.deepEqual([event.type, event.attempts], ['OrderCancelled', 10]);
    assert.match(event.lastError, /bank is closed/);
    assert.equal((await house.call('GET', '/api/outbox/parked')).status, 401);
    broken = false;
    const replay = () => house.call('POST', `/api/outbox/parked/${event.position}/replay`, undefined, boss);
    assert.equal((await replay()).status, 204);
    await until(() => refunds === 11);
    await until(async () => (await parked()).length === 0);
    assert.equal((await replay()).body.rule, 'event-parked');
  } finally {
    await house.close();
  }
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within three seconds');
}
