// PlaceOrder: a guest or a known customer orders pizzas; the order waits for its payment.

import { createHash } from 'node:crypto';
import { requireRule } from '../../domain/business-rule.ts';
import { type ContactDetails, checkContact, decideCustomer, evolveCustomer } from '../../domain/customer.ts';
import { decideOrder, evolveOrder, ORDER_LINES_MAX, type Order, type OrderChannel } from '../../domain/order.ts';
import { priceLine, type RequestedLine } from '../../domain/order-line.ts';
import { monthOf } from '../../domain/topping.ts';
import { command, type HandlerContext } from '../operation.ts';

export interface PlaceOrderInput {
  readonly customer: ContactDetails;
  /** Whose history the order belongs to; absent for guests. */
  readonly profileId?: string | null;
  readonly items: readonly RequestedLine[];
  readonly paymentMethod: string;
  readonly notes?: string;
  readonly channel: OrderChannel;
  /** The same key with the same order returns the first order instead of making a second one. */
  readonly idempotencyKey?: string;
}

export interface PlacedOrder {
  readonly order: Order;
  /** True when the idempotency key had made this order before. */
  readonly replayed: boolean;
}

export const PlaceOrder = command<PlaceOrderInput, PlacedOrder>('PlaceOrderCommand', {
  // Two first orders by one phone at the same moment both make the customer known.
  repeatsOnConflict: true,

  check(input) {
    requireRule(input.items.length > 0, 'order-not-empty', 'The order has no items; add at least one pizza.');
    requireRule(
      input.items.length <= ORDER_LINES_MAX,
      'order-not-too-large',
      `The order has ${input.items.length} lines; ${ORDER_LINES_MAX} are allowed. Split it into several orders.`,
    );
    checkContact(input.customer);
  },

  async handle(input, context) {
    const orderId = context.newId();
    const earlier = await replayOf(input, orderId, context);
    if (earlier !== undefined) return { order: earlier, replayed: true };

    const contact = checkContact(input.customer);
    const menu = await context.menu.all();
    const month = monthOf(context.nowMs);
    const lines = input.items.map((line) => priceLine(menu, line, month));
    const customerId = await recogniseCustomer(contact, context);
    const { paymentMethod, channel, notes, profileId = null } = input;
    const event = decideOrder(
      {
        kind: 'place',
        id: orderId,
        customerId,
        profileId,
        contact,
        lines,
        paymentMethod,
        channel,
        notes,
        promiseMs: context.promiseMs,
      },
      undefined,
      context.nowMs,
    );
    const order = evolveOrder(undefined, event);
    await context.orders.insert(order);
    await context.raise(event);
    return { order, replayed: false };
  },
});

async function replayOf(input: PlaceOrderInput, orderId: string, context: HandlerContext): Promise<Order | undefined> {
  if (input.idempotencyKey === undefined) return undefined;
  const hash = createHash('sha256')
    .update(JSON.stringify([input.customer, input.items, input.paymentMethod, input.notes ?? null]))
    .digest('base64url');
  const earlier = await context.idempotency.reserve(input.idempotencyKey, hash, orderId, context.nowMs);
  if (earlier === undefined) return undefined;
  requireRule(
    earlier.requestHash === hash,
    'idempotency-key-reused',
    'This Idempotency-Key was used for an order with other contents; send a new key with a new order.',
  );
  const order = await context.orders.find(earlier.orderId);
  if (order === undefined)
    throw new Error(`BUG: the idempotency key names order ${earlier.orderId}, which is not there`);
  return order;
}

async function recogniseCustomer(contact: ContactDetails, context: HandlerContext): Promise<string> {
  const known = await context.customers.findByPhone(contact.phone);
  const event = decideCustomer(known, contact, context.newId(), context.nowMs);
  const customer = evolveCustomer(known, event);
  await (known === undefined ? context.customers.insert(customer) : context.customers.save(customer, known.version));
  await context.raise(event);
  return customer.id;
}
