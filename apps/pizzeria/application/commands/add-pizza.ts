// AddPizza: a new pizza at the end of the menu.

import { decideAddPizza, type PizzaDetails } from '../../domain/menu.ts';
import type { Pizza } from '../../domain/pizza.ts';
import { command } from '../operation.ts';

export const AddPizza = command<PizzaDetails, Pizza>('AddPizzaCommand', {
  async handle(input, context) {
    const event = decideAddPizza(await context.menu.all(), input, context.nowMs);
    await context.menu.insert(event.pizza);
    await context.raise(event);
    return event.pizza;
  },
});
