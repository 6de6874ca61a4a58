// The sales of every hour, added up as they come.

import type { Kysely } from 'kysely';
import type { SalesRepository } from '../application/session.ts';
import type { Schema } from './schema.ts';

export function salesRepository(database: Kysely<Schema>): SalesRepository {
  return {
    async addToHour({ hourMs, orders, revenueCents, cancelled }) {
      await database
        .insertInto('sales_by_hour')
        .values({ hour_ms: hourMs, orders, revenue_cents: revenueCents, cancelled })
        .onConflict((conflict) =>
          conflict.column('hour_ms').doUpdateSet((eb) => ({
            orders: eb('sales_by_hour.orders', '+', orders),
            revenue_cents: eb('sales_by_hour.revenue_cents', '+', revenueCents),
            cancelled: eb('sales_by_hour.cancelled', '+', cancelled),
          })),
        )
        .execute();
    },

    async addToPizza(hourMs, { pizza, size, pizzas, revenueCents }) {
      await database
        .insertInto('sales_by_pizza')
        .values({ hour_ms: hourMs, pizza, size, pizzas, revenue_cents: revenueCents })
        .onConflict((conflict) =>
          conflict.columns(['hour_ms', 'pizza', 'size']).doUpdateSet((eb) => ({
            pizzas: eb('sales_by_pizza.pizzas', '+', pizzas),
            revenue_cents: eb('sales_by_pizza.revenue_cents', '+', revenueCents),
          })),
        )
        .execute();
    },

    async hoursSince(sinceMs, untilMs) {
      const since = database.selectFrom('sales_by_hour').selectAll().where('hour_ms', '>=', sinceMs);
      const rows = await (untilMs === undefined ? since : since.where('hour_ms', '<', untilMs)).execute();
      return rows
        .sort((left, right) => left.hour_ms - right.hour_ms)
        .map((row) => ({
          hourMs: row.hour_ms,
          orders: row.orders,
          revenueCents: row.revenue_cents,
          cancelled: row.cancelled,
        }));
    },

    async pizzasSince(sinceMs) {
      const rows = await database
        .selectFrom('sales_by_pizza')
        .select(({ fn }) => [
          'pizza',
          fn.sum<number>('pizzas').as('pizzas'),
          fn.sum<number>('revenue_cents').as('revenue_cents'),
        ])
        .where('hour_ms', '>=', sinceMs)
        .groupBy('pizza')
        .execute();
      return rows
        .map((row) => ({ pizza: row.pizza, pizzas: Number(row.pizzas), revenueCents: Number(row.revenue_cents) }))
        .sort((left, right) => right.pizzas - left.pizzas || left.pizza.localeCompare(right.pizza));
    },
  };
}
