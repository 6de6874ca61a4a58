// The menu as something that changes: pizzas are added, changed and taken off it.

import { requireRule } from './business-rule.ts';
import type { Cents } from './money.ts';
import type { Pizza } from './pizza.ts';
import { plainText } from './plain-text.ts';

/** What a manager writes about a pizza. */
export interface PizzaDetails {
  readonly name: string;
  readonly description: string;
  readonly priceCents: Cents;
  readonly toppings: readonly string[];
  readonly available: boolean;
}

interface PizzaAdded {
  readonly type: 'PizzaAdded';
  readonly pizza: Pizza;
  readonly atMs: number;
}

interface PizzaUpdated {
  readonly type: 'PizzaUpdated';
  readonly pizza: Pizza;
  readonly before: Pizza;
  readonly atMs: number;
}

interface PizzaRemoved {
  readonly type: 'PizzaRemoved';
  readonly pizzaId: string;
  readonly name: string;
  readonly atMs: number;
}

export type MenuEvent = PizzaAdded | PizzaUpdated | PizzaRemoved;

const NAME_CHARACTERS_MAX = 60;
const DESCRIPTION_CHARACTERS_MAX = 300;
const TOPPING_CHARACTERS_MAX = 40;
const TOPPINGS_MAX = 12;
/** Below a dollar lies a typing error, above two hundred as well. */
const PRICE_CENTS_MIN: Cents = 100;
const PRICE_CENTS_MAX: Cents = 20_000;
/** More pizzas than this is a catalogue; pages and metrics have one entry for each. */
export const MENU_PIZZAS_MAX = 100;

/** Decides on a new pizza. Its id is made from the name and stays when the name changes. */
export function decideAddPizza(menu: readonly Pizza[], details: PizzaDetails, atMs: number): PizzaAdded {
  const checked = checkDetails(details);
  requireRule(
    menu.length < MENU_PIZZAS_MAX,
    'menu-not-too-long',
    `The menu has ${menu.length} pizzas; ${MENU_PIZZAS_MAX} are allowed. Remove one first.`,
  );
  requireFreeName(menu, checked.name, undefined);
  return { type: 'PizzaAdded', pizza: { id: freeId(menu, checked.name), ...checked, version: 1 }, atMs };
}

/** Decides on other details of a pizza; what is left out stays. */
export function decideUpdatePizza(
  menu: readonly Pizza[],
  pizza: Pizza,
  change: Partial<PizzaDetails>,
  atMs: number,
): PizzaUpdated {
  const { name, description, priceCents, toppings, available } = pizza;
  const checked = checkDetails({ name, description, priceCents, toppings, available, ...change });
  requireFreeName(menu, checked.name, pizza.id);
  return {
    type: 'PizzaUpdated',
    pizza: { id: pizza.id, ...checked, version: pizza.version + 1 },
    before: pizza,
    atMs,
  };
}

/** Decides to take a pizza off the menu; orders that were placed keep it. */
export function decideRemovePizza(menu: readonly Pizza[], pizza: Pizza, atMs: number): PizzaRemoved {
  requireRule(menu.length > 1, 'menu-not-empty', 'A pizzeria without a pizza is none; add another one first.');
  return { type: 'PizzaRemoved', pizzaId: pizza.id, name: pizza.name, atMs };
}

function checkDetails(details: PizzaDetails): PizzaDetails {
  const name = plainText(details.name);
  requireRule(
    name.length > 0 && name.length <= NAME_CHARACTERS_MAX,
    'pizza-name-required',
    `Give the pizza a name of at most ${NAME_CHARACTERS_MAX} characters.`,
  );
  const description = plainText(details.description);
  requireRule(
    description.length <= DESCRIPTION_CHARACTERS_MAX,
    'pizza-description-short',
    `The description has ${description.length} characters; ${DESCRIPTION_CHARACTERS_MAX} fit on the menu.`,
  );
  const { priceCents } = details;
  requireRule(
    Number.isInteger(priceCents) && priceCents >= PRICE_CENTS_MIN && priceCents <= PRICE_CENTS_MAX,
    'price-sensible',
    `The price is a whole number of cents from ${PRICE_CENTS_MIN} to ${PRICE_CENTS_MAX}.`,
  );
  const toppings = [...new Set(details.toppings.map(plainText))];
  requireRule(
    toppings.length <= TOPPINGS_MAX && toppings.every((each) => each !== '' && each.length <= TOPPING_CHARACTERS_MAX),
    'pizza-toppings-named',
    `A pizza has at most ${TOPPINGS_MAX} toppings, each with a name of at most ${TOPPING_CHARACTERS_MAX} characters.`,
  );
  return { name, description, priceCents, toppings, available: details.available };
}

/** Pizzas are ordered by name or id, so a name must not be another's id either. */
function requireFreeName(menu: readonly Pizza[], name: string, exceptId: string | undefined): void {
  const wanted = name.toLowerCase();
  const taken = menu.some(
    (pizza) => pizza.id !== exceptId && (pizza.name.toLowerCase() === wanted || pizza.id === wanted),
  );
  requireRule(!taken, 'pizza-name-free', `There is a pizza "${name}" on the menu already; change that one.`);
}

/** `Quattro Stagioni` becomes `quattro-stagioni`, with a number behind it when that is taken. */
function freeId(menu: readonly Pizza[], name: string): string {
  const letters = name.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const plain = letters.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'pizza';
  const taken = new Set(menu.flatMap((pizza) => [pizza.id, pizza.name.toLowerCase()]));
  taken.delete(name.toLowerCase());
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.has(id)) return id;
  }
}
