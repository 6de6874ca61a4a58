// UpdatePizza: another name, text, price or availability of a pizza; orders that were placed keep what they had.

import { decideUpdatePizza, type PizzaDetails } from '../../domain/menu.ts';
import type { Pizza } from '../../domain/pizza.ts';
import { loadPizza, type PizzaReference } from '../menu-step.ts';
import { command } from '../operation.ts';

export interface UpdatePizzaInput extends PizzaReference {
  /** What is left out stays. */
  readonly change: Partial<PizzaDetails>;
}

export const UpdatePizza = command<UpdatePizzaInput, Pizza>('UpdatePizzaCommand', {
  async handle(input, context) {
    const { pizza, menu } = await loadPizza(input, context);
    const event = decideUpdatePizza(menu, pizza, input.change, context.nowMs);
    await context.menu.save(event.pizza, pizza.version);
    await context.raise(event);
    return event.pizza;
  },
});
