// Takes every card: the payment provider of a pizzeria that runs alone.

import type { PaymentProvider } from '../application/payment.ts';

export const localPayment: PaymentProvider = {
  charge: async (orderId) => ({ accepted: true, reference: `local-${orderId}` }),
  refund: async () => {},
};
