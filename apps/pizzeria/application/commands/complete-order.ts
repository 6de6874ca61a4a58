// CompleteOrder: the pizzas are out of the oven and in their boxes.

import type { Order } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export const CompleteOrder = command<OrderReference, Order>('CompleteOrderCommand', {
  async handle(input, context) {
    return takeStep(await loadOrder(input, context), { kind: 'ready' }, context);
  },
});
