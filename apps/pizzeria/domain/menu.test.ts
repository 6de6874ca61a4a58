import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUSE_MENU } from './house-menu.ts';
import { decideAddPizza, decideRemovePizza, decideUpdatePizza, MENU_PIZZAS_MAX, type PizzaDetails } from './menu.ts';

const DETAILS: PizzaDetails = { name: 'Nuova', description: '', priceCents: 1200, toppings: [], available: true };
const add = (change: Partial<PizzaDetails>, menu = HOUSE_MENU) => decideAddPizza(menu, { ...DETAILS, ...change }, 5);
const rule = (name: string) => ({ rule: name });

test('a pizza’s id is made from its name, and is nobody else’s', () => {
  assert.equal(add({ name: '  Crème Brûlée!  ' }).pizza.id, 'creme-brulee');
  assert.equal(add({ name: '四季' }).pizza.id, 'pizza');
  const menu = [...HOUSE_MENU, add({ name: 'Four / Seasons' }).pizza];
  assert.equal(add({ name: 'Four Seasons' }, menu).pizza.id, 'four-seasons-2');
  assert.throws(() => add({ name: 'FOUR / seasons' }, menu), rule('pizza-name-free'));
  assert.throws(() => add({ name: 'four-seasons' }, menu), rule('pizza-name-free'), 'an id is a way to order it, too');
});

test('a change keeps what is left out, and the name may stay', () => {
  const [margherita] = HOUSE_MENU;
  const { pizza, before } = decideUpdatePizza(HOUSE_MENU, margherita!, { priceCents: 1399 }, 5);
  assert.deepEqual(pizza, { ...margherita, priceCents: 1399, version: 2 });
  assert.equal(before, margherita);
  assert.equal(decideUpdatePizza(HOUSE_MENU, margherita!, { name: 'MARGHERITA' }, 5).pizza.id, 'margherita');
  assert.throws(() => decideUpdatePizza(HOUSE_MENU, margherita!, { name: 'Diavola' }, 5), rule('pizza-name-free'));
});

test('a menu has one pizza at least and so many at most', () => {
  assert.throws(() => decideRemovePizza([HOUSE_MENU[0]!], HOUSE_MENU[0]!, 5), rule('menu-not-empty'));
  const long = Array.from({ length: MENU_PIZZAS_MAX }, (_, index) => ({ ...HOUSE_MENU[0]!, id: `${index}` }));
  assert.throws(() => add({}, long), rule('menu-not-too-long'));
});
