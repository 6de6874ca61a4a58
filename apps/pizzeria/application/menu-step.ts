// What every operation on a pizza of the menu does first: find it, in the version that the caller saw.

import type { Pizza } from '../domain/pizza.ts';
import { PizzaNotFound, PreconditionFailed } from './failure.ts';
import type { HandlerContext } from './operation.ts';

/** Names the pizza by its id, and optionally the version that the caller saw (`If-Match`). */
export interface PizzaReference {
  readonly pizzaId: string;
  readonly expectedVersion?: number | undefined;
}

export async function loadPizza(
  { pizzaId, expectedVersion }: PizzaReference,
  context: HandlerContext,
): Promise<{ pizza: Pizza; menu: readonly Pizza[] }> {
  const menu = await context.menu.all();
  const pizza = menu.find((each) => each.id === pizzaId);
  if (pizza === undefined) throw new PizzaNotFound(pizzaId);
  if (expectedVersion !== undefined && expectedVersion !== pizza.version) {
    throw new PreconditionFailed('pizza', expectedVersion, pizza.version);
  }
  return { pizza, menu };
}
