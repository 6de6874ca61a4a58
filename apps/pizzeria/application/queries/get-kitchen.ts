// GetKitchenStatus: ovens in use, the queue, and the orders that cooks look at.

import { type Kitchen, utilisation } from '../../domain/kitchen.ts';
import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';

export interface KitchenStatus extends Kitchen {
  /** 0 to 1. */
  readonly utilisation: number;
  /** Confirmed orders, the longest waiting first. */
  readonly queue: readonly Order[];
  readonly cooking: readonly Order[];
  readonly ready: readonly Order[];
}

/** Orders shown per column; a board with more than this is not read any more. */
const COLUMN_ORDERS_MAX = 60;

export const GetKitchen = query<void, KitchenStatus>('GetKitchenStatusQuery', {
  async handle(_input, context) {
    const column = (status: Order['status']) =>
      context.orders.list({ statuses: [status], limit: COLUMN_ORDERS_MAX, order: 'oldest' });
    const [capacityOrders, counts, queue, cooking, ready] = [
      await context.kitchen.capacityOrders(),
      await context.orders.countByStatus(['confirmed', 'cooking']),
      await column('confirmed'),
      await column('cooking'),
      await column('ready'),
    ];
    const kitchen = { capacityOrders, cookingOrders: counts.cooking, queuedOrders: counts.confirmed };
    return { ...kitchen, utilisation: utilisation(kitchen), queue, cooking, ready };
  },
});
