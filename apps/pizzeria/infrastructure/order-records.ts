// Orders added up by who cooked, who drove and who ordered.

import { type Kysely, sql } from 'kysely';
import type { OrderRepository } from '../application/session.ts';
import type { Schema } from './schema.ts';

type Records = Pick<OrderRepository, 'cookingSince' | 'deliveriesSince' | 'topCustomersSince'>;

export function orderRecords(database: Kysely<Schema>): Records {
  return {
    async cookingSince(sinceMs, promiseMs) {
      const rows = await database
        .selectFrom('orders')
        .select([
          'cook_id',
          sql<number>`count(*)`.as('orders'),
          sql<number>`sum(case when ready_at_ms - cooking_at_ms <= ${promiseMs} then 1 else 0 end)`.as('within'),
          sql<number>`sum(ready_at_ms - cooking_at_ms)`.as('cooking'),
          sql<number>`max(ready_at_ms - cooking_at_ms)`.as('longest'),
          sql<number>`sum(cooking_at_ms - confirmed_at_ms)`.as('waiting'),
        ])
        .where('placed_at_ms', '>=', sinceMs)
        .where('ready_at_ms', 'is not', null)
        .groupBy('cook_id')
        .execute();
      return rows.map((row) => ({
        cookId: row.cook_id,
        orders: Number(row.orders),
        withinPromise: Number(row.within),
        cookingMs: Number(row.cooking),
        cookingMsMax: Number(row.longest),
        waitingMs: Number(row.waiting),
      }));
    },

    async deliveriesSince(sinceMs) {
      const rows = await database
        .selectFrom('orders')
        .select([
          'driver_id',
          sql<number>`count(*)`.as('orders'),
          sql<number>`sum(case when delivered_at_ms <= promised_at_ms then 1 else 0 end)`.as('on_time'),
          sql<number>`sum(delivered_at_ms - delivering_at_ms)`.as('driving'),
        ])
        .where('placed_at_ms', '>=', sinceMs)
        .where('delivered_at_ms', 'is not', null)
        .groupBy('driver_id')
        .execute();
      return rows.map((row) => ({
        driverId: row.driver_id ?? '',
        orders: Number(row.orders),
        onTime: Number(row.on_time),
        drivingMs: Number(row.driving),
      }));
    },

    async topCustomersSince(sinceMs, limit) {
      const rows = await database
        .selectFrom('orders')
        .innerJoin('customers', 'customers.id', 'orders.customer_id')
        .select([
          'orders.customer_id',
          'customers.name',
          sql<number>`count(*)`.as('orders'),
          sql<number>`sum(orders.total_cents)`.as('spent'),
          sql<number>`max(orders.placed_at_ms)`.as('latest'),
        ])
        .where('orders.placed_at_ms', '>=', sinceMs)
        .where('orders.status', '!=', 'cancelled')
        .groupBy(['orders.customer_id', 'customers.name'])
        .orderBy('spent', 'desc')
        .orderBy('orders.customer_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        customerId: row.customer_id,
        name: row.name,
        orders: Number(row.orders),
        spentCents: Number(row.spent),
        latestAtMs: Number(row.latest),
      }));
    },
  };
}
