// GetPizza: one pizza of the menu.

import type { Pizza } from '../../domain/pizza.ts';
import { loadPizza, type PizzaReference } from '../menu-step.ts';
import { query } from '../operation.ts';

export const GetPizza = query<PizzaReference, Pizza>('GetPizzaByIdQuery', {
  handle: async (input, context) => (await loadPizza(input, context)).pizza,
});
