// Gives the money of a cancelled order back through the payment provider.

import type { PaymentProvider } from '../payment.ts';
import type { Reaction } from '../reaction.ts';
import type { Database } from '../session.ts';

export function refundPayment(payment: PaymentProvider, database: Database): Reaction {
  return {
    name: 'refund-payment',
    events: ['OrderCancelled', 'ChargedTooLate'],

    async call({ event }) {
      if ((event.type !== 'OrderCancelled' && event.type !== 'ChargedTooLate') || event.refundCents === 0) return;
      const order = await database.read((session) => session.orders.find(event.orderId));
      if (order?.paymentReference == null) return;
      await payment.refund(order.id, order.paymentReference, event.refundCents);
    },
  };
}
