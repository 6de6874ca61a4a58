// AssignOrderToDelivery: a driver takes a ready order on tour.

import { checkDriver, requireRoomOnTour, TOUR_ORDERS_MAX } from '../../domain/delivery.ts';
import { mayTake, type Order } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export interface AssignOrderInput extends OrderReference {
  readonly driverId: string;
}

export const AssignOrderToDelivery = command<AssignOrderInput, Order>('AssignOrderToDeliveryCommand', {
  check(input) {
    checkDriver(input.driverId);
  },

  async handle(input, context) {
    const driverId = checkDriver(input.driverId);
    const order = await loadOrder(input, context);
    if (mayTake('assign', order.status)) {
      const tour = await context.orders.list({ driverId, statuses: ['delivering'], limit: TOUR_ORDERS_MAX });
      requireRoomOnTour(driverId, tour.length);
    }
    return takeStep(order, { kind: 'assign', driverId }, context);
  },
});
