// GetOverviewStatistics: the numbers that the day so far comes to.

import { ORDER_STATUSES, type OrderStatus } from '../../domain/order.ts';
import { query } from '../operation.ts';

export interface Statistics {
  readonly sinceMs: number;
  readonly orders: number;
  readonly revenueCents: number;
  readonly ordersByStatus: Readonly<Record<OrderStatus, number>>;
}

const DAY_MS = 24 * 60 * 60_000;

export const GetStatistics = query<void, Statistics>('GetOverviewStatisticsQuery', {
  async handle(_input, context) {
    const sinceMs = context.nowMs - (context.nowMs % DAY_MS);
    const { orders, revenueCents } = await context.orders.salesSince(sinceMs);
    return { sinceMs, orders, revenueCents, ordersByStatus: await context.orders.countByStatus(ORDER_STATUSES) };
  },
});
