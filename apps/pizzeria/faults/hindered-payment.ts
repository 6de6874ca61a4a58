// A payment provider that declines on purpose: the card is refused before anybody is asked.

import type { Hindrances } from '../application/hindrances.ts';
import type { PaymentProvider } from '../application/payment.ts';

export function hinderedPayment(
  payment: PaymentProvider,
  hindrances: Pick<Hindrances, 'declinesPayment'>,
): PaymentProvider {
  return {
    voidCharge: (orderId) => payment.voidCharge(orderId),
    refund: (orderId, reference, amountCents) => payment.refund(orderId, reference, amountCents),
    async charge(orderId, amountCents) {
      const declined = hindrances.declinesPayment(orderId);
      if (declined !== false && (await declined)) return { accepted: false, reason: 'the bank says no to everybody' };
      return payment.charge(orderId, amountCents);
    },
  };
}
