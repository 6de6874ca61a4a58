// What a customer is told about an order, and when.

import type { OrderEvent } from './order.ts';

export interface Notification {
  /** The id of the event behind it, so that telling twice is impossible. */
  readonly id: string;
  readonly customerId: string;
  readonly orderId: string;
  /** The profile whose order it was; null for guests. */
  readonly profileId: string | null;
  readonly text: string;
  readonly createdAtMs: number;
  /** When the customer put it away. */
  readonly dismissedAtMs: number | null;
}

const TEXTS: Partial<Record<OrderEvent['type'], string>> = {
  OrderConfirmed: 'Your order is confirmed and waits for the oven.',
  CookingStarted: 'Your pizza is in the oven.',
  OrderReady: 'Your pizza is ready and waits for the driver.',
  OrderAssigned: 'Your pizza is on its way.',
  OrderDelivered: 'Delivered. Buon appetito!',
  OrderCancelled: 'Your order was cancelled; what you paid comes back to you.',
};

/** The text for the event, or undefined when the customer need not know. */
export function notificationText(type: OrderEvent['type']): string | undefined {
  return TEXTS[type];
}
