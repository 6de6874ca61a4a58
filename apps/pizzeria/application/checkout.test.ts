import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argon2Password } from '../infrastructure/argon2-password.ts';
import { openDatabase } from '../infrastructure/database.ts';
import { ADA } from '../main/test-pizzeria.ts';
import { PaymentDeclined, PaymentUnreachable } from './failure.ts';
import { NO_OBSERVER } from './observer.ts';
import type { PaymentProvider, PaymentResult } from './payment.ts';
import { openPizzeria } from './pizzeria.ts';
import { GetNotifications } from './queries/get-notifications.ts';
import { GetSales } from './queries/get-sales.ts';
import { ListOrders } from './queries/list-orders.ts';

const INPUT = {
  customer: ADA,
  items: [{ pizza: 'Diavola', size: 'small', quantity: 1 }],
  paymentMethod: 'card',
  channel: 'api' as const,
};

interface Provider {
  takesRefunds: boolean;
  isAway: boolean;
  /** References by order, as the provider knows them. */
  readonly charges: Map<string, string>;
}

async function houseWith(charge: () => Promise<PaymentResult>, failures?: unknown[]) {
  const refunds: string[] = [];
  const voids: string[] = [];
  const provider: Provider = { takesRefunds: true, isAway: false, charges: new Map() };
  const payment: PaymentProvider = {
    charge,
    async voidCharge(orderId) {
      if (provider.isAway) throw new PaymentUnreachable('connection refused');
      voids.push(orderId);
      return provider.charges.get(orderId);
    },
    async refund(_id, reference) {
      if (!provider.takesRefunds) throw new PaymentUnreachable('connection refused');
      refunds.push(reference);
    },
  };
  const clock = { time: 1_000_000, nowMs: () => clock.time };
  const house = openPizzeria({
    database: await openDatabase({ dataDir: ':memory:' }),
    payment,
    observer: NO_OBSERVER,
    clock,
    accounts: { hasher: argon2Password(), policy: { isOpen: true, allowsDemoAccounts: true } },
    onEventFailure: (_envelope, error) => (failures === undefined ? assert.fail(String(error)) : failures.push(error)),
    onHousekeepingFailure: (error) => assert.fail(String(error)),
  });
  const list = (status: string) => house.mediator.send(ListOrders, { status, limit: 10 });
  return { house, clock, refunds, voids, list, provider };
}

test('a paid order is confirmed with the provider’s reference; cash is not charged', async () => {
  let charged = 0;
  const { house } = await houseWith(async () => ({ accepted: true, reference: `r-${(charged += 1)}` }));
  const { order } = await house.checkout.place(INPUT);
  assert.deepEqual([order.status, order.paymentReference], ['confirmed', 'r-1']);
  const cash = await house.checkout.place({ ...INPUT, paymentMethod: 'cash' });
  assert.deepEqual([cash.order.status, cash.order.paymentReference, charged], ['confirmed', null, 1]);
  await house.stop();
});

test('a declined payment cancels the order and says so', async () => {
  const { house, list } = await houseWith(async () => ({ accepted: false, reason: 'no funds' }));
  await assert.rejects(house.checkout.place(INPUT), PaymentDeclined);
  const [order] = await list('cancelled');
  assert.deepEqual([order?.cancelReason, order?.refundCents], ['payment declined', 0]);
  await house.stop();
});

test('an unreachable provider leaves the order pending; it is settled when the provider is back', async () => {
  let reachable = false;
  const { house, clock } = await houseWith(async () => {
    if (!reachable) throw new PaymentUnreachable('connection refused');
    return { accepted: true, reference: 'late' };
  });
  assert.equal((await house.checkout.place(INPUT)).order.status, 'pending');
  reachable = true;
  assert.equal(await house.checkout.settlePending(), 0, 'its own request may still be paying');
  clock.time += 20_000;
  assert.equal(await house.checkout.settlePending(), 1);
  assert.equal(await house.checkout.settlePending(), 0);
  await house.stop();
});

test('a cancelled order is refunded through the provider, and the customer hears of each step', async () => {
  const { house, refunds, list } = await houseWith(async () => ({ accepted: true, reference: 'r-1' }));
  const { order } = await house.checkout.place(INPUT);
  const { CancelOrder } = await import('./commands/cancel-order.ts');
  await house.mediator.send(CancelOrder, { orderId: order.id, reason: 'changed my mind' });
  await house.outbox.drained();
  assert.deepEqual(refunds, ['r-1']);
  const [cancelled] = await list('cancelled');
  const told = await house.mediator.send(GetNotifications, { orderId: cancelled!.id });
  assert.equal(told.length, 2);
  const { hours, pizzas } = await house.mediator.send(GetSales, undefined);
  assert.deepEqual([hours.length, hours.at(-1)?.orders, hours.at(-1)?.cancelled], [24, 1, 1]);
  assert.deepEqual(pizzas, [{ pizza: 'Diavola', pizzas: 1, revenueCents: 1549 }]);
  await house.stop();
});

test('an order that is cancelled while its card is charged gets its money back, and holds up nobody else', async () => {
  let cancelMeanwhile = async (): Promise<void> => {};
  let accepted = true;
  const { house, clock, refunds, list } = await houseWith(async () => {
    await cancelMeanwhile();
    return accepted ? { accepted: true, reference: 'r-1' } : { accepted: false, reason: 'no funds' };
  });
  cancelMeanwhile = async () => {
    const [pending] = await list('pending');
    const { CancelOrder } = await import('./commands/cancel-order.ts');
    await house.mediator.send(CancelOrder, { orderId: pending!.id, reason: 'changed my mind' });
  };
  await assert.rejects(house.checkout.place(INPUT), /becomes confirmed only from/);
  await house.outbox.drained();
  assert.deepEqual(refunds, ['r-1']);
  accepted = false;
  await assert.rejects(house.checkout.place(INPUT), PaymentDeclined);
  assert.equal((await list('cancelled')).length, 2);

  let reachable = false;
  cancelMeanwhile = async () => {
    if (!reachable) throw new PaymentUnreachable('connection refused');
  };
  await house.checkout.place(INPUT);
  await house.checkout.place(INPUT);
  reachable = true;
  accepted = true;
  const [first] = await list('pending');
  let cancelled = false;
  cancelMeanwhile = async () => {
    if (cancelled) return;
    cancelled = true;
    const { CancelOrder } = await import('./commands/cancel-order.ts');
    for (const { id } of (await list('pending')).filter(({ id }) => id === first!.id)) {
      await house.mediator.send(CancelOrder, { orderId: id, reason: 'changed my mind' });
    }
  };
  clock.time += 20_000;
  assert.ok((await house.checkout.settlePending()) >= 1, 'the other order is settled');
  assert.equal((await list('pending')).length, 0);
  await house.stop();
});

test('a late charge comes back also when the provider is away just then', async () => {
  const failures: unknown[] = [];
  let house: Awaited<ReturnType<typeof houseWith>>;
  house = await houseWith(async () => {
    const { CancelOrder } = await import('./commands/cancel-order.ts');
    const [pending] = await house.list('pending');
    await house.house.mediator.send(CancelOrder, { orderId: pending!.id, reason: 'changed my mind' });
    house.provider.takesRefunds = false;
    return { accepted: true, reference: 'r-1' };
  }, failures);
  const { house: shop, clock, refunds, list, provider } = house;
  await assert.rejects(shop.checkout.place(INPUT), /becomes confirmed only from/);
  await shop.outbox.drained();
  const [cancelled] = await list('cancelled');
  assert.deepEqual([cancelled?.paymentReference, cancelled?.refundCents, refunds], ['r-1', 1549, []]);
  assert.equal(failures.length, 1);

  provider.takesRefunds = true;
  clock.time += 60_000;
  await shop.outbox.drained();
  assert.deepEqual(refunds, ['r-1']);
  clock.time += 60_000;
  await shop.outbox.drained();
  assert.deepEqual(refunds, ['r-1'], 'once');
  await shop.stop();
});

test('a charge whose request died before it could be noted is found and given back; who was not charged is asked about once', async () => {
  let house: Awaited<ReturnType<typeof houseWith>>;
  let dies = true;
  house = await houseWith(async () => {
    const { CancelOrder } = await import('./commands/cancel-order.ts');
    const [pending] = await house.list('pending');
    await house.house.mediator.send(CancelOrder, { orderId: pending!.id, reason: 'changed my mind' });
    if (dies) house.provider.charges.set(pending!.id, 'r-1');
    throw dies ? new Error('killed') : new PaymentUnreachable('connection refused');
  });
  const { house: shop, clock, refunds, voids, list, provider } = house;
  await assert.rejects(shop.checkout.place(INPUT), /killed/);
  dies = false;
  await shop.checkout.place(INPUT);
  assert.equal(await shop.checkout.settleCancelled(), 0, 'the request may still be on its way');
  assert.deepEqual(voids, []);

  clock.time += 20_000;
  provider.isAway = true;
  await assert.rejects(shop.checkout.settleCancelled(), PaymentUnreachable);
  provider.isAway = false;
  assert.equal(await shop.checkout.settleCancelled(), 1);
  await shop.outbox.drained();
  assert.deepEqual([refunds, voids.length], [['r-1'], 2]);
  const charged = (await list('cancelled')).find(({ paymentReference }) => paymentReference === 'r-1');
  assert.equal(charged?.refundCents, 1549);

  clock.time += 20_000;
  assert.equal(await shop.checkout.settleCancelled(), 0);
  assert.deepEqual([refunds, voids.length], [['r-1'], 2]);
  await shop.stop();
});
