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

/** Of the time from the click to the door, a third is the kitchen's: a quarter of an hour of three. */
const KITCHEN_SHARE = 1 / 3;

/** How long an order may be in the oven when it is promised so long after the click. */
export function cookingPromiseMs(promiseMs: number): number {
  return promiseMs * KITCHEN_SHARE;
}

const COOK_CHARACTERS_MAX = 64;

/** Checks who cooks; the id comes back trimmed. */
export function checkCook(cookId: string): string {
  const trimmed = cookId.trim();
  requireRule(
    /^[\w.@+ -]+$/.test(trimmed) && trimmed.length <= COOK_CHARACTERS_MAX,
    'cook-valid',
    `Give the cook's id: letters, digits, dots, hyphens, at most ${COOK_CHARACTERS_MAX} characters.`,
  );
  return trimmed;
}
