// What was sold in an hour, for those who run the house.

import type { Cents } from './money.ts';
import type { Order } from './order.ts';
import type { PizzaSize } from './pizza.ts';

export const HOUR_MS = 3_600_000;

export interface HourOfSales {
  readonly hourMs: number;
  readonly orders: number;
  readonly revenueCents: Cents;
  /** Orders of any hour that were cancelled in this one. */
  readonly cancelled: number;
}

export interface PizzaSales {
  readonly pizza: string;
  readonly size: PizzaSize;
  readonly pizzas: number;
  readonly revenueCents: Cents;
}

/** The beginning of the hour that an instant lies in. */
export function hourOf(atMs: number): number {
  return atMs - (atMs % HOUR_MS);
}

/** An order's lines, added up by pizza and size. */
export function salesOf(lines: Order['lines']): PizzaSales[] {
  const sums = new Map<string, PizzaSales>();
  for (const { pizza, size, quantity, totalCents } of lines) {
    const key = `${pizza}\u0000${size}`;
    const { pizzas = 0, revenueCents = 0 } = sums.get(key) ?? {};
    sums.set(key, { pizza, size, pizzas: pizzas + quantity, revenueCents: revenueCents + totalCents });
  }
  return [...sums.values()];
}
