// The menu in a table.

import type { Kysely } from 'kysely';
import { VersionConflict } from '../application/failure.ts';
import type { MenuRepository } from '../application/session.ts';
import type { Pizza } from '../domain/pizza.ts';
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
        version: row.version,
      }));
    },

    async insert(pizza) {
      const last = await database
        .selectFrom('pizzas')
        .select(({ fn }) => fn.max('position').as('position'))
        .executeTakeFirstOrThrow();
      const result = await database
        .insertInto('pizzas')
        .values({ id: pizza.id, position: Number(last.position ?? 0) + 1, ...columnsOf(pizza) })
        // Two managers add the same pizza at the same time: one of them did.
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (result.numInsertedOrUpdatedRows !== 1n) throw new VersionConflict('The menu');
    },

    async save(pizza, expectedVersion) {
      const result = await database
        .updateTable('pizzas')
        .set(columnsOf(pizza))
        .where('id', '=', pizza.id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n) throw new VersionConflict('The pizza');
    },

    async remove(id, expectedVersion) {
      const result = await database
        .deleteFrom('pizzas')
        .where('id', '=', id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (result.numDeletedRows !== 1n) throw new VersionConflict('The pizza');
    },
  };
}

function columnsOf(pizza: Pizza) {
  return {
    name: pizza.name,
    description: pizza.description,
    price_cents: pizza.priceCents,
    toppings: JSON.stringify(pizza.toppings),
    available: pizza.available ? 1 : 0,
    version: pizza.version,
  };
}
