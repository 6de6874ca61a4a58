// Customers' profiles in a table, one per account.

import type { Kysely } from 'kysely';
import { VersionConflict } from '../application/failure.ts';
import type { ProfileRepository } from '../application/session.ts';
import type { CustomerProfile } from '../domain/profile.ts';
import type { ProfileRow, Schema } from './schema.ts';

export function profileRepository(database: Kysely<Schema>): ProfileRepository {
  const where = async (column: 'id' | 'account_id', value: string) => {
    const row = await database.selectFrom('profiles').selectAll().where(column, '=', value).executeTakeFirst();
    return row && profileOf(row);
  };
  return {
    find: (id) => where('id', id),
    ofAccount: (accountId) => where('account_id', accountId),

    async insert(profile) {
      const result = await database
        .insertInto('profiles')
        .values(rowOf(profile))
        .onConflict((conflict) => conflict.column('account_id').doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async save(profile, expectedVersion) {
      const { id, ...columns } = rowOf(profile);
      const result = await database
        .updateTable('profiles')
        .set(columns)
        .where('id', '=', id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n) throw new VersionConflict('The profile');
    },
  };
}

function profileOf(row: ProfileRow): CustomerProfile {
  const { id, name, phone, address, email, version } = row;
  return {
    id,
    accountId: row.account_id,
    name,
    phone,
    address,
    ...(email !== null && { email }),
    createdAtMs: row.created_at_ms,
    version,
  };
}

function rowOf(profile: CustomerProfile): ProfileRow {
  const { id, name, phone, address, email, version } = profile;
  return {
    id,
    account_id: profile.accountId,
    name,
    phone,
    address,
    email: email ?? null,
    created_at_ms: profile.createdAtMs,
    version,
  };
}
