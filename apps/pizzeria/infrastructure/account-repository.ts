// Accounts in a table, one per login.

import type { Kysely } from 'kysely';
import { VersionConflict } from '../application/failure.ts';
import type { AccountRepository } from '../application/session.ts';
import type { Account, Role } from '../domain/account.ts';
import type { AccountRow, Schema } from './schema.ts';

/** Accounts listed at a time; a pizzeria with more staff than this is a chain. */
const ACCOUNTS_LISTED_MAX = 500;

export function accountRepository(database: Kysely<Schema>): AccountRepository {
  const where = async (column: 'id' | 'login' | 'subject', value: string) => {
    const row = await database.selectFrom('accounts').selectAll().where(column, '=', value).executeTakeFirst();
    return row && accountOf(row);
  };
  return {
    find: (id) => where('id', id),
    findByLogin: (login) => where('login', login),
    findBySubject: (subject) => where('subject', subject),

    async staff() {
      const rows = await database
        .selectFrom('accounts')
        .selectAll()
        .where('roles', '!=', '["customer"]')
        .orderBy('login')
        .limit(ACCOUNTS_LISTED_MAX)
        .execute();
      return rows.map(accountOf);
    },

    async insert(account) {
      const result = await database
        .insertInto('accounts')
        .values(rowOf(account))
        .onConflict((conflict) => conflict.column('login').doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async save(account, expectedVersion) {
      const { id, ...columns } = rowOf(account);
      const result = await database
        .updateTable('accounts')
        .set(columns)
        .where('id', '=', id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n) throw new VersionConflict('The account');
    },
  };
}

export function accountOf(row: AccountRow): Account {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    roles: JSON.parse(row.roles) as Role[],
    kind: row.kind,
    passwordHash: row.password_hash,
    subject: row.subject,
    isDemo: row.is_demo === 1,
    createdAtMs: row.created_at_ms,
    version: row.version,
  };
}

function rowOf(account: Account): AccountRow {
  return {
    id: account.id,
    login: account.login,
    name: account.name,
    roles: JSON.stringify(account.roles),
    kind: account.kind,
    password_hash: account.passwordHash,
    subject: account.subject,
    is_demo: account.isDemo ? 1 : 0,
    created_at_ms: account.createdAtMs,
    version: account.version,
  };
}
