// Orders in a table: columns for what is asked by, JSON for what is only carried.

import type { Kysely } from 'kysely';
import { VersionConflict } from '../application/failure.ts';
import type { OrderFilter, OrderRepository } from '../application/session.ts';
import { ORDER_STATUSES, type Order, type OrderStatus, orderCode } from '../domain/order.ts';
import { orderRecords } from './order-records.ts';
import type { OrderRow, Schema } from './schema.ts';

export function orderRepository(database: Kysely<Schema>): OrderRepository {
  return {
    async find(id) {
      const row = await database.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst();
      return row && orderOf(row);
    },

    async insert(order) {
      await database.insertInto('orders').values(rowOf(order)).execute();
    },

    async save(order, expectedVersion) {
      const { id, ...columns } = rowOf(order);
      const result = await database
        .updateTable('orders')
        .set(columns)
        .where('id', '=', id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n) throw new VersionConflict(`Order ${orderCode(id)}`);
    },

    list: (filter) => listOrders(database, filter),

    async countByStatus(statuses) {
      const rows = await database
        .selectFrom('orders')
        .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
        .where('status', 'in', [...statuses])
        .groupBy('status')
        .execute();
      return countsOf(rows);
    },

    async salesSince(sinceMs) {
      const row = await database
        .selectFrom('orders')
        .select(({ fn, eb }) => [
          fn.countAll<number>().as('orders'),
          fn
            .sum<number | null>(eb.case().when('status', '=', 'cancelled').then(0).else(eb.ref('total_cents')).end())
            .as('revenue'),
        ])
        .where('placed_at_ms', '>=', sinceMs)
        .executeTakeFirstOrThrow();
      return { orders: Number(row.orders), revenueCents: Number(row.revenue ?? 0) };
    },

    async statusesSince(sinceMs) {
      const rows = await database
        .selectFrom('orders')
        .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
        .where('placed_at_ms', '>=', sinceMs)
        .groupBy('status')
        .execute();
      return countsOf(rows);
    },

    ...orderRecords(database),
  };
}

function countsOf(rows: readonly { status: OrderStatus; count: number }[]): Record<OrderStatus, number> {
  const counts = Object.fromEntries(ORDER_STATUSES.map((status) => [status, 0])) as Record<OrderStatus, number>;
  for (const row of rows) counts[row.status] = Number(row.count);
  return counts;
}

async function listOrders(database: Kysely<Schema>, filter: OrderFilter): Promise<Order[]> {
  const direction = filter.order === 'oldest' ? 'asc' : 'desc';
  let query = database
    .selectFrom('orders')
    .selectAll()
    .orderBy('placed_at_ms', direction)
    .orderBy('id', direction)
    .limit(filter.limit);
  const { statuses, driverId, customerId, profileId, pizzaId, before, placedBeforeMs, unchargedCancelledMs } = filter;
  if (statuses !== undefined) query = query.where('status', 'in', [...statuses]);
  if (driverId !== undefined) query = query.where('driver_id', '=', driverId);
  if (customerId !== undefined) query = query.where('customer_id', '=', customerId);
  if (profileId !== undefined) query = query.where('profile_id', '=', profileId);
  // The lines are JSON of our own making; an id holds nothing that LIKE reads as more than itself.
  if (pizzaId !== undefined) query = query.where('lines', 'like', `%"pizzaId":"${pizzaId}"%`);
  if (placedBeforeMs !== undefined) query = query.where('placed_at_ms', '<', placedBeforeMs);
  if (unchargedCancelledMs !== undefined) {
    query = query
      .where('payment_method', '=', 'card')
      .where('payment_reference', 'is', null)
      .where('cancelled_at_ms', '>', unchargedCancelledMs[0])
      .where('cancelled_at_ms', '<=', unchargedCancelledMs[1]);
  }
  if (before !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('placed_at_ms', '<', before.placedAtMs),
        eb.and([eb('placed_at_ms', '=', before.placedAtMs), eb('id', '<', before.id)]),
      ]),
    );
  }
  return (await query.execute()).map(orderOf);
}

function orderOf(row: OrderRow): Order {
  return {
    id: row.id,
    status: row.status,
    version: row.version,
    customerId: row.customer_id,
    profileId: row.profile_id,
    contact: JSON.parse(row.contact) as Order['contact'],
    lines: JSON.parse(row.lines) as Order['lines'],
    totalCents: row.total_cents,
    paymentMethod: row.payment_method,
    paymentReference: row.payment_reference,
    refundCents: row.refund_cents,
    notes: row.notes,
    cookId: row.cook_id,
    driverId: row.driver_id,
    cancelReason: row.cancel_reason,
    placedAtMs: row.placed_at_ms,
    promisedAtMs: row.promised_at_ms,
    confirmedAtMs: row.confirmed_at_ms,
    cookingAtMs: row.cooking_at_ms,
    readyAtMs: row.ready_at_ms,
    deliveringAtMs: row.delivering_at_ms,
    deliveredAtMs: row.delivered_at_ms,
    cancelledAtMs: row.cancelled_at_ms,
  };
}

function rowOf(order: Order): OrderRow {
  return {
    id: order.id,
    status: order.status,
    version: order.version,
    customer_id: order.customerId,
    profile_id: order.profileId,
    contact: JSON.stringify(order.contact),
    lines: JSON.stringify(order.lines),
    total_cents: order.totalCents,
    payment_method: order.paymentMethod,
    payment_reference: order.paymentReference,
    refund_cents: order.refundCents,
    notes: order.notes,
    cook_id: order.cookId,
    driver_id: order.driverId,
    cancel_reason: order.cancelReason,
    placed_at_ms: order.placedAtMs,
    promised_at_ms: order.promisedAtMs,
    confirmed_at_ms: order.confirmedAtMs,
    cooking_at_ms: order.cookingAtMs,
    ready_at_ms: order.readyAtMs,
    delivering_at_ms: order.deliveringAtMs,
    delivered_at_ms: order.deliveredAtMs,
    cancelled_at_ms: order.cancelledAtMs,
  };
}
