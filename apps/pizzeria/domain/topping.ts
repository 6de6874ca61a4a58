// The extra toppings of the house and the months in which the seasonal ones can be had.

export interface Topping {
  readonly name: string;
  /** Months (1 to 12) in which it is available; absent means all year. */
  readonly months?: readonly number[];
}

const HOUSE_TOPPINGS: readonly Topping[] = [
  { name: 'extra cheese' },
  { name: 'buffalo mozzarella' },
  { name: 'mushrooms' },
  { name: 'black olives' },
  { name: 'pepperoni' },
  { name: 'prosciutto' },
  { name: 'artichokes' },
  { name: 'rocket' },
  { name: 'red onion' },
  { name: 'roasted peppers' },
  { name: 'anchovies' },
  { name: 'capers' },
  { name: 'chilli oil' },
  { name: 'fresh basil' },
  { name: 'asparagus', months: [4, 5, 6] },
  { name: 'courgette flowers', months: [5, 6, 7, 8] },
  { name: 'porcini', months: [9, 10, 11] },
  { name: 'white truffle', months: [10, 11, 12] },
];

export function findTopping(text: string): Topping | undefined {
  const wanted = text.trim().toLowerCase();
  return HOUSE_TOPPINGS.find((topping) => topping.name === wanted);
}

/** True when the topping can be had in the month (1 to 12). */
export function inSeason(topping: Topping, month: number): boolean {
  return topping.months === undefined || topping.months.includes(month);
}

/** The toppings that can be ordered in the month (1 to 12). */
export function toppingsOfMonth(month: number): readonly Topping[] {
  return HOUSE_TOPPINGS.filter((topping) => inSeason(topping, month));
}

/** The month, 1 to 12, of an instant. UTC, so that the answer does not depend on the machine. */
export function monthOf(atMs: number): number {
  return new Date(atMs).getUTCMonth() + 1;
}
