// The menu in a table.

import type { Kysely } from 'kysely';
import type { MenuRepository } from '../application/session.ts';
import type { Schema } from './schema.ts';

export function menuRepository(database: Kysely<Schema>): MenuRepository {
  return {
    async all() {
      const rows = await database.selectFrom('pizzas').selectAll().orderBy('position').execute();
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        description: row.description,
        priceCents: row.price_cents,
        toppings: JSON.parse(row.toppings) as string[],
        available: row.available === 1,
      }));
    },
  };
}
