// One line of an order: how many of which pizza, in which size, with which extras, at which price.

import { requireRule } from './business-rule.ts';
import type { Cents } from './money.ts';
import { findPizza, isPizzaSize, PIZZA_SIZES, type Pizza, type PizzaSize, unitPriceCents } from './pizza.ts';
import { findTopping, inSeason } from './topping.ts';

/** What the customer asks for; nothing in it is trusted yet. */
export interface RequestedLine {
  readonly pizza: string;
  readonly size: string;
  readonly toppings?: readonly string[];
  readonly quantity: number;
}

/** A line as it was sold: prices are kept, later changes of the menu do not touch it. */
export interface OrderLine {
  readonly pizzaId: string;
  readonly pizza: string;
  readonly size: PizzaSize;
  readonly toppings: readonly string[];
  readonly quantity: number;
  readonly unitPriceCents: Cents;
  readonly totalCents: Cents;
}

/** More than this of one pizza is a caterer's business. */
const LINE_QUANTITY_MAX = 50;
/** A crust carries so many extras and no more. */
const LINE_TOPPINGS_MAX = 8;

/** Checks one requested line against the menu and prices it. `month` (1 to 12) decides on seasonal toppings. */
export function priceLine(menu: readonly Pizza[], line: RequestedLine, month: number): OrderLine {
  const pizza = findPizza(menu, line.pizza);
  requireRule(
    pizza !== undefined,
    'pizza-known',
    `There is no pizza "${shown(line.pizza)}" on the menu; it has ${menu.map((known) => known.name).join(', ')}.`,
  );
  requireRule(
    pizza.available,
    'pizza-available',
    `${pizza.name} is sold out at the moment; please pick another pizza.`,
  );
  const size = line.size.trim().toLowerCase();
  requireRule(
    isPizzaSize(size),
    'size-known',
    `There is no size "${shown(line.size)}"; pizzas come ${PIZZA_SIZES.join(', ')}.`,
  );
  requireRule(
    Number.isInteger(line.quantity) && line.quantity >= 1 && line.quantity <= LINE_QUANTITY_MAX,
    'quantity-positive',
    `The quantity of ${pizza.name} is ${line.quantity}; it must be a whole number from 1 to ${LINE_QUANTITY_MAX}.`,
  );
  const toppings = checkToppings(line.toppings ?? [], month);
  const unit = unitPriceCents(pizza, size, toppings.length);
  return {
    pizzaId: pizza.id,
    pizza: pizza.name,
    size,
    toppings,
    quantity: line.quantity,
    unitPriceCents: unit,
    totalCents: unit * line.quantity,
  };
}

function checkToppings(requested: readonly string[], month: number): string[] {
  requireRule(
    requested.length <= LINE_TOPPINGS_MAX,
    'order-not-too-large',
    `A pizza carries at most ${LINE_TOPPINGS_MAX} extra toppings; ${requested.length} were asked for.`,
  );
  return requested.map((text) => {
    const topping = findTopping(text);
    requireRule(topping !== undefined, 'topping-known', `There is no topping "${shown(text)}" in the house.`);
    requireRule(
      inSeason(topping, month),
      'topping-unavailable',
      `${topping.name} is out of season; it is back in month ${topping.months?.join(', ')}.`,
    );
    return topping.name;
  });
}

/** Free text from outside is cut before it is repeated in a message. */
function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
