// DeliverOrder: the driver handed the order over at the door.

import { requireRule } from '../../domain/business-rule.ts';
import { type Order, orderCode } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export const DeliverOrder = command<OrderReference, Order>('DeliverOrderCommand', {
  async handle(input, context) {
    const order = await loadOrder(input, context);
    const driving = context.hindrances.drivingMs(order.id);
    if (driving !== 0 && order.deliveringAtMs !== null) {
      const leftMs = order.deliveringAtMs + (await driving) - context.nowMs;
      const text = `The roads are slow: order ${orderCode(order.id)} arrives in ${Math.ceil(leftMs / 1000)} s.`;
      requireRule(leftMs <= 0, 'driver-still-underway', text);
    }
    return takeStep(order, { kind: 'deliver' }, context);
  },
});
