// A pizza on the menu, its sizes, and what one of it costs with extra toppings.

import { type Cents, timesTenths } from './money.ts';

export interface Pizza {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Price of a small one, tax included. */
  readonly priceCents: Cents;
  /** What is on it by default. */
  readonly toppings: readonly string[];
  readonly available: boolean;
  /** Grows by one with every change; also the ETag. */
  readonly version: number;
}

/** Price factors in tenths, so that prices stay integers: small × 1.0, medium × 1.3, large × 1.6. */
const SIZE_TENTHS = { small: 10, medium: 13, large: 16 } as const;
export type PizzaSize = keyof typeof SIZE_TENTHS;
export const PIZZA_SIZES = Object.keys(SIZE_TENTHS) as PizzaSize[];

/** Every extra topping costs the same, whatever the size. */
export const EXTRA_TOPPING_CENTS: Cents = 250;

export function isPizzaSize(text: string): text is PizzaSize {
  return Object.hasOwn(SIZE_TENTHS, text);
}

/** Price of one pizza of a size with this many extra toppings. */
export function unitPriceCents(pizza: Pizza, size: PizzaSize, extraToppings: number): Cents {
  return timesTenths(pizza.priceCents, SIZE_TENTHS[size]) + extraToppings * EXTRA_TOPPING_CENTS;
}

/** Finds a pizza by its id or name, ignoring case and outer blanks. */
export function findPizza(menu: readonly Pizza[], text: string): Pizza | undefined {
  const wanted = text.trim().toLowerCase();
  return menu.find((pizza) => pizza.id === wanted || pizza.name.toLowerCase() === wanted);
}
