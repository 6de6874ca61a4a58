// The port to whoever moves money. Charging and refunding are idempotent by order id.

import type { Cents } from '../domain/money.ts';

export type PaymentResult =
  | { readonly accepted: true; readonly reference: string }
  | { readonly accepted: false; readonly reason: string };

export interface PaymentProvider {
  /** Charges a card. The same order id again returns the first result. Throws `PaymentUnreachable`. */
  charge(orderId: string, amountCents: Cents): Promise<PaymentResult>;
  /**
   * From now on the order's card is not charged any more. The reference when it had been charged already: that money is
   * still to be refunded. Throws `PaymentUnreachable`.
   */
  voidCharge(orderId: string): Promise<string | undefined>;
  /** Gives money back. The same order id again changes nothing. Throws `PaymentUnreachable`. */
  refund(orderId: string, reference: string, amountCents: Cents): Promise<void>;
}
