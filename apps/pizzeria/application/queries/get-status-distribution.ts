// GetStatusDistribution: how many of the orders of a period are in which status.

import type { OrderStatus } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkPeriod, type Period, sinceOf } from '../period.ts';

export interface StatusDistribution {
  readonly sinceMs: number;
  readonly ordersByStatus: Readonly<Record<OrderStatus, number>>;
}

export const GetStatusDistribution = query<Period, StatusDistribution>('GetStatusDistributionQuery', {
  check: checkPeriod,

  async handle(input, context) {
    const sinceMs = sinceOf(input, context.nowMs);
    return { sinceMs, ordersByStatus: await context.orders.statusesSince(sinceMs) };
  },
});
