// What customers were told, in a table.

import type { Kysely } from 'kysely';
import type { NotificationRepository } from '../application/session.ts';
import type { Notification } from '../domain/notification.ts';
import type { NotificationRow, Schema } from './schema.ts';

/** An order takes six steps at most. */
const OF_ORDER_MAX = 20;

export function notificationRepository(database: Kysely<Schema>): NotificationRepository {
  return {
    async insert(notification) {
      await database
        .insertInto('notifications')
        .values({
          id: notification.id,
          customer_id: notification.customerId,
          order_id: notification.orderId,
          profile_id: notification.profileId,
          text: notification.text,
          created_at_ms: notification.createdAtMs,
          dismissed_at_ms: notification.dismissedAtMs,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },

    async find(id) {
      const row = await database.selectFrom('notifications').selectAll().where('id', '=', id).executeTakeFirst();
      return row && notificationOf(row);
    },

    async ofOrder(orderId) {
      const rows = await database
        .selectFrom('notifications')
        .selectAll()
        .where('order_id', '=', orderId)
        .orderBy('created_at_ms')
        .orderBy('id')
        .limit(OF_ORDER_MAX)
        .execute();
      return rows.map(notificationOf);
    },

    async openOfProfile(profileId, limit) {
      const rows = await database
        .selectFrom('notifications')
        .selectAll()
        .where('profile_id', '=', profileId)
        .where('dismissed_at_ms', 'is', null)
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(notificationOf);
    },

    async dismiss(id, atMs) {
      await database
        .updateTable('notifications')
        .set({ dismissed_at_ms: atMs })
        .where('id', '=', id)
        .where('dismissed_at_ms', 'is', null)
        .execute();
    },

    async forgetBefore(atMs) {
      await database.deleteFrom('notifications').where('created_at_ms', '<', atMs).execute();
    },
  };
}

function notificationOf(row: NotificationRow): Notification {
  return {
    id: row.id,
    customerId: row.customer_id,
    orderId: row.order_id,
    profileId: row.profile_id,
    text: row.text,
    createdAtMs: row.created_at_ms,
    dismissedAtMs: row.dismissed_at_ms,
  };
}
