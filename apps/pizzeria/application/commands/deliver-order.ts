// DeliverOrder: the driver handed the order over at the door.

import type { Order } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export const DeliverOrder = command<OrderReference, Order>('DeliverOrderCommand', {
  async handle(input, context) {
    return takeStep(await loadOrder(input, context), { kind: 'deliver' }, context);
  },
});
