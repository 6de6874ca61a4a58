// GetDeliveryTour: one driver's tour, stop by stop.

import { checkDriver, stopsOf, TOUR_ORDERS_MAX } from '../../domain/delivery.ts';
import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';

export interface DriverTour {
  readonly driverId: string;
  /** Orders that fit on a tour. */
  readonly capacityOrders: number;
  /** In the order in which they are driven. */
  readonly stops: readonly Order[];
}

export const GetTour = query<{ readonly driverId: string }, DriverTour>('GetDeliveryTourQuery', {
  check(input) {
    checkDriver(input.driverId);
  },

  async handle(input, context) {
    const driverId = checkDriver(input.driverId);
    const orders = await context.orders.list({ driverId, statuses: ['delivering'], limit: TOUR_ORDERS_MAX });
    return { driverId, capacityOrders: TOUR_ORDERS_MAX, stops: stopsOf(orders) };
  },
});
