// GetSalesOfDay: the sales of the last day, hour by hour, and which pizzas they were.

import { HOUR_MS, type HourOfSales, hourOf, type PizzaSales } from '../../domain/sales.ts';
import { query } from '../operation.ts';

export interface Sales {
  /** The last 24 hours, the oldest first, without a gap. */
  readonly hours: readonly HourOfSales[];
  /** The most sold first, sizes added up. */
  readonly pizzas: readonly Omit<PizzaSales, 'size'>[];
}

const HOURS = 24;

export const GetSales = query<void, Sales>('GetSalesOfDayQuery', {
  async handle(_input, context) {
    const latestMs = hourOf(context.nowMs);
    const sinceMs = latestMs - (HOURS - 1) * HOUR_MS;
    const sold = new Map((await context.sales.hoursSince(sinceMs)).map((hour) => [hour.hourMs, hour]));
    const hours = Array.from({ length: HOURS }, (_, index) => {
      const hourMs = sinceMs + index * HOUR_MS;
      return sold.get(hourMs) ?? { hourMs, orders: 0, revenueCents: 0, cancelled: 0 };
    });
    return { hours, pizzas: await context.sales.pizzasSince(sinceMs) };
  },
});
