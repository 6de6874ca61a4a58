// The steps that bring an empty or older database to the present schema. A step that was released never changes.

import { type Kysely, type Migration, type MigrationProvider, Migrator, sql } from 'kysely';
import { HOUSE_MENU } from '../domain/house-menu.ts';
import { KITCHEN_CAPACITY_ORDERS } from '../domain/kitchen.ts';
import { accounts } from './migration-accounts.ts';
import { outboxDue } from './migration-outbox-due.ts';
import type { Schema } from './schema.ts';

/** Applies what is missing. Several processes may start at once: Kysely takes a lock in the database. */
export async function migrate(database: Kysely<never>, kind: DatabaseKind): Promise<void> {
  const provider: MigrationProvider = { getMigrations: async () => migrationsOf(kind) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** All steps, in the order of their names. */
export function migrationsOf(kind: DatabaseKind): Record<string, Migration> {
  return {
    '0001-opening': opening(kind),
    '0002-house-menu': houseMenu,
    '0003-sales': sales,
    '0004-accounts': accounts,
    '0005-outbox-due': outboxDue,
  };
}

export type DatabaseKind = 'sqlite' | 'postgresql';

function opening(kind: DatabaseKind): Migration {
  return {
    async up(database: Kysely<never>) {
      await createMenuAndKitchen(database);
      await createCustomersAndOrders(database);
      await createMessages(database, kind);
    },
  };
}

async function createMenuAndKitchen(database: Kysely<never>): Promise<void> {
  await database.schema
    .createTable('pizzas')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('price_cents', 'integer', (column) => column.notNull().check(sql`price_cents > 0`))
    .addColumn('toppings', 'text', (column) => column.notNull())
    .addColumn('available', 'integer', (column) => column.notNull())
    .execute();
  await database.schema
    .createTable('kitchen')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('capacity_orders', 'integer', (column) => column.notNull())
    .execute();
}

async function createCustomersAndOrders(database: Kysely<never>): Promise<void> {
  await database.schema
    .createTable('customers')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('phone', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('orders_placed', 'integer', (column) => column.notNull())
    .addColumn('registered_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('seen_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
  await database.schema
    .createTable('orders')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('customer_id', 'text', (column) => column.notNull().references('customers.id'))
    .addColumn('contact', 'text', (column) => column.notNull())
    .addColumn('lines', 'text', (column) => column.notNull())
    .addColumn('total_cents', 'integer', (column) => column.notNull().check(sql`total_cents > 0`))
    .addColumn('payment_method', 'text', (column) => column.notNull())
    .addColumn('payment_reference', 'text')
    .addColumn('refund_cents', 'integer', (column) => column.notNull())
    .addColumn('notes', 'text')
    .addColumn('driver_id', 'text')
    .addColumn('cancel_reason', 'text')
    .addColumn('placed_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('promised_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_at_ms', 'bigint')
    .addColumn('cooking_at_ms', 'bigint')
    .addColumn('ready_at_ms', 'bigint')
    .addColumn('delivering_at_ms', 'bigint')
    .addColumn('delivered_at_ms', 'bigint')
    .addColumn('cancelled_at_ms', 'bigint')
    .execute();
  // The id breaks ties between orders of one millisecond; version 7 UUIDs keep it in step with time.
  await index(database, 'orders', ['status', 'placed_at_ms', 'id']);
  await index(database, 'orders', ['placed_at_ms', 'id']);
  await index(database, 'orders', ['customer_id', 'placed_at_ms']);
  await index(database, 'orders', ['driver_id', 'status']);
}

async function createMessages(database: Kysely<never>, kind: DatabaseKind): Promise<void> {
  await database.schema
    .createTable('outbox')
    .addColumn('position', kind === 'sqlite' ? 'integer' : 'bigserial', (column) =>
      kind === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey(),
    )
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('traceparent', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('due_at_ms', 'bigint')
    .addColumn('processed_at_ms', 'bigint')
    .addColumn('last_error', 'text')
    .execute();
  await index(database, 'outbox', ['due_at_ms', 'position']);
  await index(database, 'outbox', ['processed_at_ms']);
  await database.schema
    .createTable('idempotency_keys')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('order_id', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await index(database, 'idempotency_keys', ['created_at_ms']);
  await database.schema
    .createTable('notifications')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('customer_id', 'text', (column) => column.notNull())
    .addColumn('order_id', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await index(database, 'notifications', ['order_id', 'created_at_ms']);
  await index(database, 'notifications', ['created_at_ms']);
}

async function index(database: Kysely<never>, table: string, columns: string[]): Promise<void> {
  await database.schema
    .createIndex(`${table}_by_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute();
}

const houseMenu: Migration = {
  async up(database: Kysely<never>) {
    const tables = database as unknown as Kysely<Pick<Schema, 'pizzas' | 'kitchen'>>;
    const rows = HOUSE_MENU.map((pizza, position) => ({
      id: pizza.id,
      position,
      name: pizza.name,
      description: pizza.description,
      price_cents: pizza.priceCents,
      toppings: JSON.stringify(pizza.toppings),
      available: 1,
    }));
    await tables.insertInto('pizzas').values(rows).execute();
    await tables.insertInto('kitchen').values({ id: 1, capacity_orders: KITCHEN_CAPACITY_ORDERS }).execute();
  },
};

const sales: Migration = {
  async up(database: Kysely<never>) {
    await database.schema
      .createTable('sales_by_hour')
      .addColumn('hour_ms', 'bigint', (column) => column.primaryKey())
      .addColumn('orders', 'integer', (column) => column.notNull())
      .addColumn('revenue_cents', 'bigint', (column) => column.notNull())
      .addColumn('cancelled', 'integer', (column) => column.notNull())
      .execute();
    await database.schema
      .createTable('sales_by_pizza')
      .addColumn('hour_ms', 'bigint', (column) => column.notNull())
      .addColumn('pizza', 'text', (column) => column.notNull())
      .addColumn('size', 'text', (column) => column.notNull())
      .addColumn('pizzas', 'integer', (column) => column.notNull())
      .addColumn('revenue_cents', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('sales_by_pizza_key', ['hour_ms', 'pizza', 'size'] as never)
      .execute();
  },
};
