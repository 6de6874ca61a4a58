// RemovePizza: a pizza leaves the menu.

import { decideRemovePizza } from '../../domain/menu.ts';
import { loadPizza, type PizzaReference } from '../menu-step.ts';
import { command } from '../operation.ts';

export const RemovePizza = command<PizzaReference, void>('RemovePizzaCommand', {
  async handle(input, context) {
    const { pizza, menu } = await loadPizza(input, context);
    const event = decideRemovePizza(menu, pizza, context.nowMs);
    await context.menu.remove(pizza.id, pizza.version);
    await context.raise(event);
  },
});
