// An order as the API shows it: money in cents, times in ISO 8601, null for what has not happened.

import { taxIncludedIn } from '../domain/money.ts';
import type { Notification } from '../domain/notification.ts';
import { type Order, orderCode } from '../domain/order.ts';

export function orderView(order: Order) {
  return {
    id: order.id,
    code: orderCode(order.id),
    status: order.status,
    version: order.version,
    customer: order.contact,
    items: order.lines.map(({ pizza, size, toppings, quantity, unitPriceCents, totalCents }) => ({
      pizza,
      size,
      toppings,
      quantity,
      unitPriceCents,
      totalCents,
    })),
    totalCents: order.totalCents,
    taxIncludedCents: taxIncludedIn(order.totalCents),
    refundCents: order.refundCents,
    paymentMethod: order.paymentMethod,
    notes: order.notes,
    cookId: order.cookId,
    driverId: order.driverId,
    cancelReason: order.cancelReason,
    createdAt: iso(order.placedAtMs),
    promisedAt: iso(order.promisedAtMs),
    confirmedAt: iso(order.confirmedAtMs),
    cookingAt: iso(order.cookingAtMs),
    readyAt: iso(order.readyAtMs),
    deliveringAt: iso(order.deliveringAtMs),
    deliveredAt: iso(order.deliveredAtMs),
    cancelledAt: iso(order.cancelledAtMs),
  };
}

/** What a guest who only has the link may watch: no name, no phone, no address. */
export function orderProgressView(order: Order) {
  const { customer: _customer, items: _items, notes: _notes, ...progress } = orderView(order);
  return progress;
}

export function notificationView({ id, orderId, text, createdAtMs, dismissedAtMs }: Notification) {
  return { id, orderId, text, createdAt: iso(createdAtMs), dismissed: dismissedAtMs !== null };
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
