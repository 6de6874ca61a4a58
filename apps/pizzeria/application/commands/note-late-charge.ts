// NoteLateCharge: the card was charged while the order was being cancelled. The order keeps what was charged, and the event
// brings the money back: as often as it takes, also when the provider is away now.

import type { Order } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export interface NoteLateChargeInput extends OrderReference {
  readonly paymentReference: string;
}

export const NoteLateCharge = command<NoteLateChargeInput, Order>('NoteLateChargeCommand', {
  async handle(input, context) {
    const order = await loadOrder(input, context);
    // The provider decides once for each order, so a charge that is known is this one.
    if (order.paymentReference !== null) return order;
    return takeStep(order, { kind: 'charge-late', paymentReference: input.paymentReference }, context);
  },
});
