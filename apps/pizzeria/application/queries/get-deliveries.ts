// GetDeliveries: what waits for a driver, and the tours on the road.

import { checkDriver } from '../../domain/delivery.ts';
import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';

interface Tour {
  readonly driverId: string;
  /** In the order in which they were taken. */
  readonly orders: readonly Order[];
}

export interface DeliveryStatus {
  readonly waiting: readonly Order[];
  readonly tours: readonly Tour[];
}

/** More orders than this on the road at a time exceed the town. */
const DELIVERIES_MAX = 200;

export const GetDeliveries = query<{ readonly driverId?: string }, DeliveryStatus>('GetDeliveriesQuery', {
  check(input) {
    if (input.driverId !== undefined) checkDriver(input.driverId);
  },

  async handle(input, context) {
    const waiting = await context.orders.list({ statuses: ['ready'], limit: DELIVERIES_MAX, order: 'oldest' });
    const moving = await context.orders.list({
      statuses: ['delivering'],
      limit: DELIVERIES_MAX,
      order: 'oldest',
      ...input,
    });
    const byDriver = Map.groupBy(moving, (order) => order.driverId ?? 'unknown');
    const tours = [...byDriver]
      .map(([driverId, orders]) => ({ driverId, orders }))
      .sort((left, right) => left.driverId.localeCompare(right.driverId));
    return { waiting, tours };
  },
});
