// StartCooking: a cook puts a confirmed order into an oven, if one is free.

import { checkCook, requireOven } from '../../domain/kitchen.ts';
import type { Order } from '../../domain/order.ts';
import { command } from '../operation.ts';
import { loadOrder, type OrderReference, takeStep } from '../order-step.ts';

export interface StartCookingInput extends OrderReference {
  /** Who cooks, where somebody says so. */
  readonly cookId?: string | undefined;
}

export const StartCooking = command<StartCookingInput, Order>('StartCookingCommand', {
  check(input) {
    if (input.cookId !== undefined) checkCook(input.cookId);
  },

  async handle(input, context) {
    const order = await loadOrder(input, context);
    const capacityOrders = await context.kitchen.lockCapacityOrders();
    const counts = await context.orders.countByStatus(['confirmed', 'cooking']);
    // The step itself is refused first: an order that cannot be cooked is not a matter of free ovens.
    if (order.status === 'confirmed') {
      requireOven({ capacityOrders, cookingOrders: counts.cooking, queuedOrders: counts.confirmed });
    }
    return takeStep(
      order,
      { kind: 'cook', cookId: input.cookId === undefined ? null : checkCook(input.cookId) },
      context,
    );
  },
});
