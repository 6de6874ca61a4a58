// CancelOrder: the customer or the house gives an order up; what was paid comes back.

import { requireRule } from '../../domain/business-rule.ts';
import type { Order } from '../../domain/order.ts';
import { plainText } from '../../domain/plain-text.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export interface CancelOrderInput extends OrderReference {
  readonly reason: string;
}

/** A reason is a sentence, not a letter. */
const REASON_CHARACTERS_MAX = 200;

export const CancelOrder = command<CancelOrderInput, Order>('CancelOrderCommand', {
  check(input) {
    requireRule(
      plainText(input.reason).length > 0 && input.reason.length <= REASON_CHARACTERS_MAX,
      'cancel-reason-required',
      `Say in 1 to ${REASON_CHARACTERS_MAX} characters why the order is cancelled.`,
    );
  },

  async handle(input, context) {
    return takeStep(await loadOrder(input, context), { kind: 'cancel', reason: plainText(input.reason) }, context);
  },
});
