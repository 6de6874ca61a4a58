// CompleteOrder: the pizzas are out of the oven and in their boxes.

import { requireRule } from '../../domain/business-rule.ts';
import { type Order, orderCode } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export const CompleteOrder = command<OrderReference, Order>('CompleteOrderCommand', {
  async handle(input, context) {
    const order = await loadOrder(input, context);
    const baking = context.hindrances.bakingMs(order.id);
    if (baking !== 0 && order.cookingAtMs !== null) {
      const leftMs = order.cookingAtMs + (await baking) - context.nowMs;
      const text = `The oven is slow: order ${orderCode(order.id)} needs ${Math.ceil(leftMs / 1000)} s more.`;
      requireRule(leftMs <= 0, 'oven-still-baking', text);
    }
    return takeStep(order, { kind: 'ready' }, context);
  },
});
