import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleViolation } from './business-rule.ts';
import { HOUSE_MENU } from './house-menu.ts';
import { decideOrder, evolveOrder, type Order, type OrderCommand, type OrderEvent, PROMISE_MS } from './order.ts';
import { priceLine } from './order-line.ts';

const AT_MS = Date.UTC(2026, 10, 22, 12);
const contact = { name: 'Ada', phone: '+15550134', address: '12 Via Toledo' };
const lines = [
  priceLine(HOUSE_MENU, { pizza: 'Margherita', size: 'large', toppings: ['extra cheese'], quantity: 2 }, 11),
];

const place: OrderCommand = {
  kind: 'place',
  id: 'order-1',
  customerId: 'customer-1',
  contact,
  lines,
  paymentMethod: 'card',
  channel: 'web',
};
const confirm: OrderCommand = { kind: 'confirm', paymentReference: 'p-1' };
const WHOLE_LIFE: OrderCommand[] = [
  place,
  confirm,
  { kind: 'cook' },
  { kind: 'ready' },
  { kind: 'assign', driverId: 'driver-1' },
  { kind: 'deliver' },
];

/** Given these commands a minute apart, the order and its events. */
function given(...commands: OrderCommand[]): { order: Order | undefined; events: OrderEvent[] } {
  let order: Order | undefined;
  const events = commands.map((command, minute) => {
    const event = decideOrder(command, order, AT_MS + minute * 60_000);
    order = evolveOrder(order, event);
    return event;
  });
  return { order, events };
}

function refuses(rule: string, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof RuleViolation && error.rule === rule);
}

test('given nothing, when an order is placed, then it is pending with a total and a promise', () => {
  const { order } = given(place);
  assert.equal(order?.status, 'pending');
  assert.equal(order.totalCents, 2 * (2078 + 250));
  assert.equal(order.promisedAtMs, AT_MS + PROMISE_MS);
  assert.equal(order.version, 1);
});

test('an order lives from the click to the door, one version per step', () => {
  const { order, events } = given(...WHOLE_LIFE);
  assert.equal(order?.status, 'delivered');
  assert.equal(order.version, 6);
  assert.deepEqual(
    events.map((event) => event.type),
    ['OrderPlaced', 'OrderConfirmed', 'CookingStarted', 'OrderReady', 'OrderAssigned', 'OrderDelivered'],
  );
  const delivered = events.at(-1);
  assert.ok(delivered?.type === 'OrderDelivered');
  assert.equal(delivered.drivingMs, 60_000);
  assert.equal(delivered.sincePlacedMs, 5 * 60_000);
  assert.equal(delivered.onTime, true);
});

test('no step can be skipped, repeated or taken after the end', () => {
  const steps = WHOLE_LIFE.slice(1);
  for (let lived = 1; lived <= WHOLE_LIFE.length; lived += 1) {
    const { order } = given(...WHOLE_LIFE.slice(0, lived));
    for (const [index, step] of steps.entries()) {
      if (index === lived - 1) continue;
      refuses('order-transition-allowed', () => decideOrder(step, order, AT_MS));
    }
  }
});

test('a cancelled order gives back what was paid by card, and remembers from which stage', () => {
  const { order } = given(place, confirm, { kind: 'cook' });
  const event = decideOrder({ kind: 'cancel', reason: 'changed my mind' }, order, AT_MS);
  assert.ok(event.type === 'OrderCancelled');
  assert.equal(event.refundCents, order!.totalCents);
  assert.equal(event.stage, 'cooking');
  assert.equal(evolveOrder(order, event).status, 'cancelled');
});

test('cash was not paid yet, so a cancellation gives nothing back', () => {
  const { order } = given({ ...place, paymentMethod: 'cash' } as OrderCommand, {
    kind: 'confirm',
    paymentReference: null,
  });
  const event = decideOrder({ kind: 'cancel', reason: 'late' }, order, AT_MS);
  assert.ok(event.type === 'OrderCancelled');
  assert.equal(event.refundCents, 0);
});

test('an order on the road cannot be cancelled', () => {
  const { order } = given(...WHOLE_LIFE.slice(0, 5));
  refuses('order-transition-allowed', () => decideOrder({ kind: 'cancel', reason: 'x' }, order, AT_MS));
});

test('an order needs lines, a known way to pay and a reasonable sum', () => {
  refuses('order-not-empty', () => given({ ...place, lines: [] } as OrderCommand));
  refuses('payment-method-known', () => given({ ...place, paymentMethod: 'shells' } as OrderCommand));
  refuses('order-not-too-large', () =>
    given({ ...place, lines: Array.from({ length: 51 }, () => lines[0]!) } as OrderCommand),
  );
  const feast = priceLine(HOUSE_MENU, { pizza: 'capricciosa', size: 'large', quantity: 50 }, 11);
  refuses('order-not-too-large', () =>
    given({ ...place, lines: Array.from({ length: 9 }, () => feast) } as OrderCommand),
  );
});
