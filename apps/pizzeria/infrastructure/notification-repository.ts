// What customers were told, in a table.

import type { Kysely } from 'kysely';
import type { NotificationRepository } from '../application/session.ts';
import type { Schema } from './schema.ts';

export function notificationRepository(database: Kysely<Schema>): NotificationRepository {
  return {
    async insert(notification) {
      await database
        .insertInto('notifications')
        .values({
          id: notification.id,
          customer_id: notification.customerId,
          order_id: notification.orderId,
          text: notification.text,
          created_at_ms: notification.createdAtMs,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },

    async ofOrder(orderId) {
      const rows = await database
        .selectFrom('notifications')
        .selectAll()
        .where('order_id', '=', orderId)
        .orderBy('created_at_ms')
        .orderBy('id')
        // An order takes six steps at most.
        .limit(20)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        customerId: row.customer_id,
        orderId: row.order_id,
        text: row.text,
        createdAtMs: row.created_at_ms,
      }));
    },

    async forgetBefore(atMs) {
      await database.deleteFrom('notifications').where('created_at_ms', '<', atMs).execute();
    },
  };
}
