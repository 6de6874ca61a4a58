// What every command on an existing order does: load, decide, evolve, save, raise.

import { decideOrder, evolveOrder, type Order, type OrderCommand } from '../domain/order.ts';
import { OrderNotFound, PreconditionFailed } from './failure.ts';
import type { HandlerContext } from './operation.ts';

/** Names the order, and optionally the version that the caller saw (`If-Match`). */
export interface OrderReference {
  readonly orderId: string;
  readonly expectedVersion?: number | undefined;
}

const ORDER_ID = /^[\w-]{1,64}$/;

export async function loadOrder(reference: OrderReference, context: HandlerContext): Promise<Order> {
  // What cannot be an id is not asked for: PostgreSQL refuses some texts with an error of its own.
  const order = ORDER_ID.test(reference.orderId) ? await context.orders.find(reference.orderId) : undefined;
  if (order === undefined) throw new OrderNotFound(reference.orderId);
  const expected = reference.expectedVersion;
  if (expected !== undefined && expected !== order.version)
    throw new PreconditionFailed('order', expected, order.version);
  return order;
}

/** Takes the step on an order that was loaded in the same transaction; returns the order after it. */
export async function takeStep(order: Order, command: OrderCommand, context: HandlerContext): Promise<Order> {
  const event = decideOrder(command, order, context.nowMs);
  const next = evolveOrder(order, event);
  await context.orders.save(next, order.version);
  await context.raise(event);
  return next;
}
