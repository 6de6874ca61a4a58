// The kitchen's one row. PostgreSQL locks it; SQLite's transactions are alone anyway (`begin immediate`).

import type { Kysely } from 'kysely';
import type { KitchenRepository } from '../application/session.ts';
import type { DatabaseKind } from './migrations.ts';
import type { Schema } from './schema.ts';

export function kitchenRepository(database: Kysely<Schema>, kind: DatabaseKind): KitchenRepository {
  const row = () => database.selectFrom('kitchen').select('capacity_orders').where('id', '=', 1);
  return {
    async capacityOrders() {
      return (await row().executeTakeFirstOrThrow()).capacity_orders;
    },

    async lockCapacityOrders() {
      const locked = kind === 'postgresql' ? row().forUpdate() : row();
      return (await locked.executeTakeFirstOrThrow()).capacity_orders;
    },
  };
}
