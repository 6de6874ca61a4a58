import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleViolation } from './business-rule.ts';
import { HOUSE_MENU } from './house-menu.ts';
import { formatCents, taxIncludedIn, timesTenths } from './money.ts';
import { priceLine } from './order-line.ts';
import { normalisePhone } from './phone.ts';

const NOVEMBER = 11;
const margherita = { pizza: 'Margherita', size: 'small', quantity: 1 };

function refuses(rule: string, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof RuleViolation && error.rule === rule);
}

test('base price × size + 2.50 a topping, times the quantity, in whole cents', () => {
  const price = (size: string, toppings: string[], quantity: number) =>
    priceLine(HOUSE_MENU, { pizza: 'Margherita', size, toppings, quantity }, NOVEMBER).totalCents;
  assert.equal(price('small', [], 1), 1299);
  assert.equal(price('medium', [], 1), 1689, '1688.7 rounded half up');
  assert.equal(price('large', [], 1), 2078, '2078.4');
  assert.equal(price('large', ['extra cheese', 'capers'], 3), 3 * (2078 + 500));
});

test('names are found whatever their case, ids too, and the line keeps the names of the house', () => {
  const line = priceLine(
    HOUSE_MENU,
    { pizza: ' quattro-FORMAGGI ', size: 'Large', toppings: ['Rocket'], quantity: 1 },
    NOVEMBER,
  );
  assert.deepEqual([line.pizza, line.size, line.toppings], ['Quattro Formaggi', 'large', ['rocket']]);
});

test('what is not on the menu, in the house or in season is refused by name', () => {
  refuses('pizza-known', () => priceLine(HOUSE_MENU, { ...margherita, pizza: 'Hawaii' }, NOVEMBER));
  refuses('size-known', () => priceLine(HOUSE_MENU, { ...margherita, size: 'gigantic' }, NOVEMBER));
  refuses('size-known', () => priceLine(HOUSE_MENU, { ...margherita, size: 'constructor' }, NOVEMBER));
  refuses('topping-known', () => priceLine(HOUSE_MENU, { ...margherita, toppings: ['gold leaf'] }, NOVEMBER));
  refuses('topping-unavailable', () => priceLine(HOUSE_MENU, { ...margherita, toppings: ['asparagus'] }, NOVEMBER));
  assert.equal(priceLine(HOUSE_MENU, { ...margherita, toppings: ['asparagus'] }, 5).totalCents, 1549);
  const soldOut = HOUSE_MENU.map((pizza) => ({ ...pizza, available: false }));
  refuses('pizza-available', () => priceLine(soldOut, margherita, NOVEMBER));
});

test('a quantity is a whole number from 1 to 50', () => {
  for (const quantity of [0, -1, 1.5, 51, Number.NaN, Number.POSITIVE_INFINITY]) {
    refuses('quantity-positive', () => priceLine(HOUSE_MENU, { ...margherita, quantity }, NOVEMBER));
  }
});

test('money is exact', () => {
  assert.equal(timesTenths(5, 13), 7, '6.5 rounds up');
  assert.equal(taxIncludedIn(1080), 80);
  assert.equal(formatCents(2328), '$23.28');
  assert.equal(formatCents(5), '$0.05');
  assert.equal(formatCents(-123456789), '-$1,234,567.89');
});

test('phones are compared without their decoration', () => {
  assert.equal(normalisePhone(' +1 (555) 010-34 '), '+155501034');
  for (const text of ['', '12345', 'call me', '+1234567890123456', '++123456']) {
    refuses('phone-valid', () => normalisePhone(text));
  }
});
