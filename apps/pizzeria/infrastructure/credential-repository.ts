// Sessions, tokens and codes in one table, by the hash of their secret.

import type { Kysely } from 'kysely';
import type { Credential, CredentialRepository } from '../application/session.ts';
import { accountOf } from './account-repository.ts';
import type { CredentialRow, Schema } from './schema.ts';

export function credentialRepository(database: Kysely<Schema>): CredentialRepository {
  return {
    async insert(credential) {
      await database.insertInto('credentials').values(rowOf(credential)).execute();
    },

    async find(hash) {
      const row = await database.selectFrom('credentials').selectAll().where('hash', '=', hash).executeTakeFirst();
      return row && credentialOf(row);
    },

    async holder(hash, kind, atMs) {
      const row = await database
        .selectFrom('credentials')
        .innerJoin('accounts', 'accounts.id', 'credentials.account_id')
        .leftJoin('profiles', 'profiles.account_id', 'accounts.id')
        .selectAll('accounts')
        .select(['profiles.id as profile_id', 'credentials.family as family'])
        .where('hash', '=', hash)
        .where('credentials.kind', '=', kind)
        .where('expires_at_ms', '>', atMs)
        .executeTakeFirst();
      return row && { account: accountOf(row), profileId: row.profile_id, family: row.family };
    },

    async markUsed(hash, atMs) {
      const result = await database
        .updateTable('credentials')
        .set({ used_at_ms: atMs })
        .where('hash', '=', hash)
        .where('used_at_ms', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async removeFamily(family) {
      await database.deleteFrom('credentials').where('family', '=', family).execute();
    },

    async removeOfAccount(accountId, exceptFamily) {
      await database
        .deleteFrom('credentials')
        .where('account_id', '=', accountId)
        .where('family', '!=', exceptFamily)
        .execute();
    },

    async forgetExpired(atMs) {
      await database.deleteFrom('credentials').where('expires_at_ms', '<', atMs).execute();
    },
  };
}

function credentialOf(row: CredentialRow): Credential {
  return {
    hash: row.hash,
    kind: row.kind as Credential['kind'],
    accountId: row.account_id,
    family: row.family,
    client: row.client,
    challenge: row.challenge,
    redirectUri: row.redirect_uri,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    usedAtMs: row.used_at_ms,
  };
}

function rowOf(credential: Credential): CredentialRow {
  return {
    hash: credential.hash,
    kind: credential.kind,
    account_id: credential.accountId,
    family: credential.family,
    client: credential.client,
    challenge: credential.challenge,
    redirect_uri: credential.redirectUri,
    created_at_ms: credential.createdAtMs,
    expires_at_ms: credential.expiresAtMs,
    used_at_ms: credential.usedAtMs,
  };
}
