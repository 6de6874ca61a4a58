// The API as a client meets it: every operation, every refusal, and that a refusal changes nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADA, ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

let pizzeria: TestPizzeria;
before(async () => {
  pizzeria = await testPizzeria();
});
after(() => pizzeria.close());

async function countOrders(): Promise<number> {
  return (await pizzeria.call('GET', '/api/statistics/')).body.orders;
}

test('the menu has eight pizzas with prices in cents, with and without the slash', async () => {
  const { status, body } = await pizzeria.call('GET', '/api/menu/');
  assert.equal(status, 200);
  assert.equal(body.length, 8);
  const [first] = body;
  assert.deepEqual([first.name, first.priceCents, first.toppings.length], ['Margherita', 1299, 3]);
  assert.deepEqual((await pizzeria.call('GET', '/api/menu')).body, body);
  assert.ok((await pizzeria.call('GET', '/api/toppings/')).body.length > 10);
});

test('an order is placed, read, listed, cooked, boxed, assigned and delivered', async () => {
  const placed = await pizzeria.call('POST', '/api/orders/', ORDER);
  assert.equal(placed.status, 201);
  const { id } = placed.body;
  assert.equal(placed.headers.get('location'), `/api/orders/${id}`);
  assert.deepEqual([placed.body.status, placed.body.totalCents, placed.body.items[0].quantity], ['confirmed', 2328, 1]);
  const read = await pizzeria.call('GET', `/api/orders/${id}`);
  assert.deepEqual(read.body, placed.body);
  const unchanged = await pizzeria.call('GET', `/api/orders/${id}`, undefined, {
    'if-none-match': read.headers.get('etag')!,
  });
  assert.equal(unchanged.status, 304);

  const steps: [string, object | undefined, string][] = [
    ['cook', undefined, 'cooking'],
    ['ready', undefined, 'ready'],
    ['assign', { driverId: 'driver-1' }, 'delivering'],
    ['deliver', undefined, 'delivered'],
  ];
  for (const [step, body, status] of steps) {
    const answer = await pizzeria.call('PUT', `/api/orders/${id}/${step}`, body);
    assert.deepEqual([answer.status, answer.body.status], [200, status]);
    const listed = await pizzeria.call('GET', `/api/orders/?status=${status}`);
    assert.ok(
      listed.body.some((order: { id: string }) => order.id === id),
      `listed as ${status}`,
    );
  }
  const { body } = await pizzeria.call('GET', `/api/orders/${id}`);
  const told = await pizzeria.call('GET', `/api/orders/${id}/notifications`);
  assert.equal(told.body[0].text, 'Your order is confirmed and waits for the oven.');
  assert.equal(body.driverId, 'driver-1');
  assert.ok(body.createdAt <= body.confirmedAt && body.readyAt <= body.deliveredAt);
});

test('bad orders are refused by name and change nothing', async () => {
  const before = await countOrders();
  const line = ORDER.items[0]!;
  const cases: [string, unknown, number, string | undefined][] = [
    ['unknown pizza', { ...ORDER, items: [{ ...line, pizza: 'Hawaii' }] }, 422, 'pizza-known'],
    ['unknown size', { ...ORDER, items: [{ ...line, size: 'gigantic' }] }, 422, 'size-known'],
    ['unknown topping', { ...ORDER, items: [{ ...line, toppings: ['gold'] }] }, 422, 'topping-known'],
    ['empty order', { ...ORDER, items: [] }, 422, 'order-not-empty'],
    ['negative quantity', { ...ORDER, items: [{ ...line, quantity: -1 }] }, 422, 'quantity-positive'],
    ['half a pizza', { ...ORDER, items: [{ ...line, quantity: 0.5 }] }, 422, 'quantity-positive'],
    ['no address', { ...ORDER, customer: { ...ADA, address: ' ' } }, 422, 'address-required-for-delivery'],
    ['no phone number', { ...ORDER, customer: { ...ADA, phone: 'x' } }, 422, 'phone-valid'],
    ['payment in shells', { ...ORDER, paymentMethod: 'shells' }, 422, 'payment-method-known'],
    ['no items at all', { customer: ADA, paymentMethod: 'card' }, 400, undefined],
    ['quantity as text', { ...ORDER, items: [{ ...line, quantity: '1' }] }, 400, undefined],
    ['not JSON', '{"customer":', 400, undefined],
    ['an array', '[]', 400, undefined],
    ['null', 'null', 400, undefined],
    ['poisoned prototype', '{"__proto__":{"x":1}}', 400, undefined],
    ['2 MB', `"${'x'.repeat(2_000_000)}"`, 413, undefined],
  ];
  for (const [name, body, status, rule] of cases) {
    const answer = await pizzeria.call('POST', '/api/orders/', body);
    assert.equal(answer.status, status, name);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8', name);
    assert.equal(answer.body.status, status, name);
    assert.equal(answer.body.rule, rule, name);
    assert.ok(answer.body.title && answer.body.detail && answer.body.type.startsWith('/api/docs#problem-'), name);
  }
  const missing = await pizzeria.call('POST', '/api/orders/', { ...ORDER, customer: { name: 'Ada' } });
  assert.deepEqual(missing.body.errors, [{ pointer: '/customer/phone', detail: 'is missing' }]);
  const text = await pizzeria.call('POST', '/api/orders/', 'pizza', { 'content-type': 'text/csv' });
  assert.equal(text.status, 415);
  assert.equal(await countOrders(), before);
});

test('unknown orders, addresses, statuses and methods', async () => {
  for (const [method, path, status] of [
    ['GET', '/api/orders/nobody', 404],
    ['PUT', '/api/orders/nobody/cook', 404],
    ['GET', '/api/nothing', 404],
    ['DELETE', '/api/menu/', 405],
    ['GET', '/api/orders/?status=burnt', 422],
    ['GET', '/api/orders/?limit=many', 400],
    ['GET', '/api/orders/?before=yesterday', 400],
    ['GET', '/nothing', 404],
  ] as const) {
    const answer = await pizzeria.call(method, path);
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.ok(answer.body.detail, path);
  }
});

test('a step that does not fit is a conflict, and the order stays as it was', async () => {
  const id = await pizzeria.order();
  for (const [step, body] of [
    ['ready', undefined],
    ['assign', { driverId: 'd' }],
    ['deliver', undefined],
  ] as const) {
    const answer = await pizzeria.call('PUT', `/api/orders/${id}/${step}`, body);
    assert.deepEqual([answer.status, answer.body.rule], [409, 'order-transition-allowed']);
  }
  const { body } = await pizzeria.call('GET', `/api/orders/${id}`);
  assert.deepEqual([body.status, body.version], ['confirmed', 2]);
  assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/assign`, {})).status, 400);
  assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/cancel`, { reason: '' })).status, 422);
});

test('a cancelled order is refunded and not cancelled twice', async () => {
  const id = await pizzeria.order();
  const cancelled = await pizzeria.call('PUT', `/api/orders/${id}/cancel`, { reason: 'changed my mind' });
  assert.deepEqual([cancelled.body.status, cancelled.body.refundCents], ['cancelled', 2328]);
  assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/cancel`, { reason: 'again' })).status, 409);
});

test('of two who take the same step at once, one is told that somebody was faster', async () => {
  const id = await pizzeria.order();
  const answers = await Promise.all([1, 2, 3].map(() => pizzeria.call('PUT', `/api/orders/${id}/cook`)));
  assert.deepEqual(
    answers.map((answer) => answer.status).sort((left, right) => left - right),
    [200, 409, 409],
  );
});

test('a step can be tied to the version that was read', async () => {
  const id = await pizzeria.order();
  const stale = await pizzeria.call('PUT', `/api/orders/${id}/cook`, undefined, { 'if-match': '"1"' });
  assert.equal(stale.status, 412);
  assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/cook`, undefined, { 'if-match': '"2"' })).status, 200);
});

test('the same idempotency key makes one order, also when both requests come at once', async () => {
  const before = await countOrders();
  const key = { 'idempotency-key': crypto.randomUUID() };
  const answers = await Promise.all([1, 2, 3].map(() => pizzeria.call('POST', '/api/orders/', ORDER, key)));
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [201, 201, 201],
  );
  assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
  const again = await pizzeria.call('POST', '/api/orders/', ORDER, key);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(await countOrders(), before + 1);
  const other = await pizzeria.call('POST', '/api/orders/', { ...ORDER, paymentMethod: 'cash' }, key);
  assert.deepEqual([other.status, other.body.rule], [422, 'idempotency-key-reused']);
  // A refused order leaves the key free for the corrected one.
  const fresh = { 'idempotency-key': crypto.randomUUID() };
  assert.equal((await pizzeria.call('POST', '/api/orders/', { ...ORDER, items: [] }, fresh)).status, 422);
  assert.equal((await pizzeria.call('POST', '/api/orders/', ORDER, fresh)).status, 201);
});

test('ovens and tours are limited', async () => {
  const house = await testPizzeria();
  try {
    const ids = await Promise.all(Array.from({ length: 21 }, () => house.order()));
    const answers = [];
    for (const id of ids) answers.push(await house.call('PUT', `/api/orders/${id}/cook`));
    assert.deepEqual([answers.at(-1)?.status, answers.at(-1)?.body.rule], [409, 'kitchen-at-capacity']);
    assert.ok(answers.slice(0, 20).every((answer) => answer.status === 200));
    const kitchen = (await house.call('GET', '/api/kitchen/')).body;
    assert.deepEqual([kitchen.cookingOrders, kitchen.queuedOrders, kitchen.utilisation], [20, 1, 1]);

    const assigned = [];
    for (const id of ids.slice(0, 9)) {
      await house.call('PUT', `/api/orders/${id}/ready`);
      assigned.push(await house.call('PUT', `/api/orders/${id}/assign`, { driverId: 'driver-1' }));
    }
    assert.deepEqual([assigned.at(-1)?.status, assigned.at(-1)?.body.rule], [409, 'driver-tour-full']);
    const { tours, waiting } = (await house.call('GET', '/api/deliveries/?driver=driver-1')).body;
    assert.deepEqual([tours.length, tours[0].orders.length, waiting.length], [1, 8, 1]);
  } finally {
    await house.close();
  }
});

test('a long list is read page by page', async () => {
  for (let index = 0; index < 5; index += 1) await pizzeria.order();
  const seen = new Set<string>();
  let path: string | undefined = '/api/orders/?limit=2&status=confirmed';
  for (let page = 0; path !== undefined && page < 100; page += 1) {
    const answer = await pizzeria.call('GET', path);
    for (const order of answer.body) {
      assert.ok(!seen.has(order.id));
      seen.add(order.id);
    }
    path = /<(.+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  const all = await pizzeria.call('GET', '/api/orders/?limit=999&status=confirmed');
  assert.equal(seen.size, all.body.length);
});

test('another site cannot change anything through a visitor’s browser', async () => {
  const answer = await pizzeria.call('POST', '/api/orders/', ORDER, { 'sec-fetch-site': 'cross-site' });
  assert.equal(answer.status, 403);
});

test('the OpenAPI document names every operation; the page shows them', async () => {
  const { body } = await pizzeria.call('GET', '/api/docs/json');
  assert.equal(body.openapi, '3.1.0');
  const operations = Object.values(body.paths).flatMap((methods) => Object.values(methods as object));
  assert.ok(operations.length > 40);
  const ids = operations.map((operation) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { summary, responses, tags } of operations)
    assert.ok(summary && tags.length === 1 && (responses[200] ?? responses[201] ?? responses[204]));
  const page = (await pizzeria.call('GET', '/api/docs')).body;
  const headings = [...String(page).matchAll(/<h2>(\w+)<\/h2>/g)].map(([, tag]) => tag);
  assert.deepEqual(headings.slice(0, 3), ['Menu', 'Orders', 'Live'], 'what one wants to read first');
  for (const path of Object.keys(body.paths)) assert.ok(page.includes(`<code>${path}</code>`), path);
  assert.ok(page.includes('id="problem-order-not-empty"'));
});

test('an order can be watched: its state at once, then each change', async () => {
  const id = await pizzeria.order();
  const abort = new AbortController();
  const response = await fetch(`${pizzeria.address}/api/orders/${id}/events`, { signal: abort.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const statuses: string[] = [];
  let text = '';
  const moves = ['cook', 'ready'];
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const data = /^event: order\ndata: (.+)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      const progress = JSON.parse(data);
      assert.equal(progress.customer, undefined, 'a link to watch does not tell who ordered');
      statuses.push(progress.status);
      const move = moves.shift();
      if (move !== undefined) await pizzeria.call('PUT', `/api/orders/${id}/${move}`);
    }
    if (statuses.length === 3) break;
  }
  abort.abort();
  assert.deepEqual(statuses, ['confirmed', 'cooking', 'ready']);
  assert.equal((await pizzeria.call('GET', '/api/orders/nobody/events')).status, 404);
});

test('closing ends open streams instead of waiting for them', async () => {
  const house = await testPizzeria();
  const response = await fetch(`${house.address}/api/orders/events`);
  const ended = response.text();
  await house.close();
  assert.match(await ended, /^retry: 2000/);
  await house.close();
});

test('health and readiness', async () => {
  assert.deepEqual((await pizzeria.call('GET', '/health')).body, { status: 'ok' });
  assert.deepEqual((await pizzeria.call('GET', '/ready')).body, { status: 'ready' });
});
