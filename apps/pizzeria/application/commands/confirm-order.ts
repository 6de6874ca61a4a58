// ConfirmOrder: the payment was accepted (or is due at the door), so the kitchen may have the order.

import type { Order } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export interface ConfirmOrderInput extends OrderReference {
  readonly paymentReference: string | null;
}

export const ConfirmOrder = command<ConfirmOrderInput, Order>('ConfirmOrderCommand', {
  async handle(input, context) {
    const order = await loadOrder(input, context);
    // Two requests may settle one order, as a replay does while the first is still paying: the first one wins.
    if (order.confirmedAtMs !== null && order.paymentReference === input.paymentReference) return order;
    return takeStep(order, { kind: 'confirm', paymentReference: input.paymentReference }, context);
  },
});
