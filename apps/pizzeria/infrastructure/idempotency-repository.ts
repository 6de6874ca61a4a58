// Which idempotency key made which order.

import type { Kysely } from 'kysely';
import type { IdempotencyRepository } from '../application/session.ts';
import type { Schema } from './schema.ts';

export function idempotencyRepository(database: Kysely<Schema>): IdempotencyRepository {
  return {
    async reserve(key, requestHash, orderId, atMs) {
      const result = await database
        .insertInto('idempotency_keys')
        .values({ key, request_hash: requestHash, order_id: orderId, created_at_ms: atMs })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst();
      if (result.numInsertedOrUpdatedRows === 1n) return undefined;
      const row = await database
        .selectFrom('idempotency_keys')
        .select(['request_hash', 'order_id'])
        .where('key', '=', key)
        .executeTakeFirstOrThrow();
      return { requestHash: row.request_hash, orderId: row.order_id };
    },

    async forgetBefore(atMs) {
      await database.deleteFrom('idempotency_keys').where('created_at_ms', '<', atMs).execute();
    },
  };
}
