// ListOrders: orders by status, driver or customer, newest first, a page at a time.

import { requireRule } from '../../domain/business-rule.ts';
import { checkDriver } from '../../domain/delivery.ts';
import { ACTIVE_STATUSES, ORDER_STATUSES, type Order, type OrderStatus } from '../../domain/order.ts';
import { query } from '../operation.ts';
import type { OrderFilter } from '../session.ts';

export interface ListOrdersInput {
  /** One status, several with commas, or `active` for everything that somebody still works on. */
  readonly status?: string | undefined;
  readonly driverId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly before?: OrderFilter['before'];
  readonly placedBeforeMs?: number | undefined;
  readonly limit: number;
  readonly order?: 'newest' | 'oldest' | undefined;
}

export const ListOrders = query<ListOrdersInput, Order[]>('GetOrdersByStatusQuery', {
  check(input) {
    statusesOf(input.status);
    if (input.driverId !== undefined) checkDriver(input.driverId);
  },

  handle(input, context) {
    const { status, ...filter } = input;
    const statuses = statusesOf(status);
    return context.orders.list({ ...filter, statuses });
  },
});

function statusesOf(text: string | undefined): readonly OrderStatus[] | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'active') return ACTIVE_STATUSES;
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  requireRule(
    names.every((name) => (ORDER_STATUSES as readonly string[]).includes(name)),
    'status-known',
    `An order is ${ORDER_STATUSES.join(', ')}; "active" stands for all that are not finished.`,
  );
  return names as OrderStatus[];
}
