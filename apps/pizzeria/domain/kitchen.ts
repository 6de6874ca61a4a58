// The kitchen: so many orders fit into its ovens at a time.

import { requireRule } from './business-rule.ts';

export interface Kitchen {
  /** Orders that may cook at the same time. */
  readonly capacityOrders: number;
  readonly cookingOrders: number;
  /** Confirmed orders that wait for an oven. */
  readonly queuedOrders: number;
}

/** Two wood-fired ovens with room for ten orders each. */
export const KITCHEN_CAPACITY_ORDERS = 20;

/** Refuses to start another order when every oven is in use. */
export function requireOven(kitchen: Kitchen): void {
  requireRule(
    kitchen.cookingOrders < kitchen.capacityOrders,
    'kitchen-at-capacity',
    `All ${kitchen.capacityOrders} places in the ovens are taken; start this order when another one is ready.`,
  );
}

/** Share of the ovens in use, 0 to 1. */
export function utilisation(kitchen: Kitchen): number {
  return kitchen.capacityOrders === 0 ? 0 : kitchen.cookingOrders / kitchen.capacityOrders;
}
