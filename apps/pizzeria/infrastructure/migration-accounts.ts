// The step that brings accounts, profiles, versions of pizzas, and who cooked.

import { type Kysely, type Migration, sql } from 'kysely';
import { DEMO_ACCOUNTS, DEMO_PROFILE } from './demo-accounts.ts';
import type { Schema } from './schema.ts';

export const accounts: Migration = {
  async up(database: Kysely<never>) {
    await createAccounts(database);
    await createCredentials(database);
    await createProfiles(database);
    await widenTables(database);
    await seed(database as unknown as Kysely<Schema>);
  },
};

async function createAccounts(database: Kysely<never>): Promise<void> {
  await database.schema
    .createTable('accounts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('login', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('subject', 'text', (column) => column.unique())
    .addColumn('is_demo', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
}

async function createCredentials(database: Kysely<never>): Promise<void> {
  await database.schema
    .createTable('credentials')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('family', 'text', (column) => column.notNull())
    .addColumn('client', 'text')
    .addColumn('challenge', 'text')
    .addColumn('redirect_uri', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint')
    .execute();
  for (const columns of [['family'], ['account_id'], ['expires_at_ms']]) {
    await database.schema
      .createIndex(`credentials_by_${columns.join('_')}`)
      .on('credentials')
      .columns(columns)
      .execute();
  }
}

async function createProfiles(database: Kysely<never>): Promise<void> {
  await database.schema
    .createTable('profiles')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().unique().references('accounts.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('phone', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
}

async function widenTables(database: Kysely<never>): Promise<void> {
  const add = (table: string, column: string, type: 'text' | 'bigint') =>
    database.schema.alterTable(table).addColumn(column, type).execute();
  await database.schema
    .alterTable('pizzas')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await add('orders', 'profile_id', 'text');
  await add('orders', 'cook_id', 'text');
  await add('notifications', 'profile_id', 'text');
  await add('notifications', 'dismissed_at_ms', 'bigint');
  // Guests' rows are most and need no entry.
  await sql`create index orders_by_profile on orders (profile_id, placed_at_ms, id) where profile_id is not null`.execute(
    database,
  );
  await sql`create index notifications_by_profile on notifications (profile_id, created_at_ms) where profile_id is not null`.execute(
    database,
  );
}

async function seed(tables: Kysely<Schema>): Promise<void> {
  const rows = DEMO_ACCOUNTS.map(({ id, login, name, roles, kind, passwordHash }) => ({
    id,
    login,
    name,
    roles: JSON.stringify(roles),
    kind,
    password_hash: passwordHash,
    subject: null,
    is_demo: 1,
    created_at_ms: 0,
    version: 1,
  }));
  await tables.insertInto('accounts').values(rows).execute();
  const { accountId, ...profile } = DEMO_PROFILE;
  await tables
    .insertInto('profiles')
    .values({ ...profile, account_id: accountId, email: null, created_at_ms: 0, version: 1 })
    .execute();
}
