// Takes every card: the payment provider of a pizzeria that runs alone.

import { PaymentUnreachable } from '../application/failure.ts';
import { type Hindrances, NO_HINDRANCES } from '../application/hindrances.ts';
import type { PaymentProvider } from '../application/payment.ts';

export function localPayment(hindrances: Pick<Hindrances, 'cutsPayment'> = NO_HINDRANCES): PaymentProvider {
  const reach = async (orderId: string): Promise<void> => {
    const cut = hindrances.cutsPayment(orderId);
    if (cut !== false && (await cut)) throw new PaymentUnreachable('the line is cut', 'refused');
  };
  return {
    async charge(orderId) {
      await reach(orderId);
      return { accepted: true, reference: `local-${orderId}` };
    },
    async voidCharge(orderId) {
      await reach(orderId);
      return undefined;
    },
    refund: (orderId) => reach(orderId),
  };
}
