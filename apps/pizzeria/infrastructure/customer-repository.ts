// Customers in a table, one per phone number.

import type { Kysely } from 'kysely';
import { VersionConflict } from '../application/failure.ts';
import type { CustomerRepository } from '../application/session.ts';
import type { Customer } from '../domain/customer.ts';
import type { DatabaseKind } from './migrations.ts';
import type { CustomerRow, Schema } from './schema.ts';

export function customerRepository(database: Kysely<Schema>, kind: DatabaseKind): CustomerRepository {
  return {
    async find(id) {
      const row = await database.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirst();
      return row && customerOf(row);
    },

    async findByPhone(phone) {
      const found = database.selectFrom('customers').selectAll().where('phone', '=', phone);
      // Orders by one phone at the same moment take turns. SQLite has one writer anyway.
      const row = await (kind === 'postgresql' ? found.forUpdate() : found).executeTakeFirst();
      return row && customerOf(row);
    },

    async insert(customer) {
      // Two first orders by one phone at the same time: the second finds the first and is told to try again.
      const result = await database
        .insertInto('customers')
        .values(rowOf(customer))
        .onConflict((conflict) => conflict.column('phone').doNothing())
        .executeTakeFirst();
      if (result.numInsertedOrUpdatedRows !== 1n) throw new VersionConflict('The customer');
    },

    async save(customer, expectedVersion) {
      const { id, ...columns } = rowOf(customer);
      const result = await database
        .updateTable('customers')
        .set(columns)
        .where('id', '=', id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n) throw new VersionConflict('The customer');
    },
  };
}

function customerOf(row: CustomerRow): Customer {
  return {
    id: row.id,
    name: row.name,
    phone: row.phone,
    address: row.address,
    email: row.email,
    ordersPlaced: row.orders_placed,
    registeredAtMs: row.registered_at_ms,
    seenAtMs: row.seen_at_ms,
    version: row.version,
  };
}

function rowOf(customer: Customer): CustomerRow {
  return {
    id: customer.id,
    phone: customer.phone,
    name: customer.name,
    address: customer.address,
    email: customer.email,
    orders_placed: customer.ordersPlaced,
    registered_at_ms: customer.registeredAtMs,
    seen_at_ms: customer.seenAtMs,
    version: customer.version,
  };
}
