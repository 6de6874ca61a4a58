// The transactional outbox: events written with the change that they tell of, handled afterwards.

import type { Kysely } from 'kysely';
import type { DomainEvent, OutboxRepository } from '../application/session.ts';
import type { Schema } from './schema.ts';

export function outboxRepository(database: Kysely<Schema>): OutboxRepository {
  const appendAll: OutboxRepository['appendAll'] = async (events) => {
    if (events.length === 0) return;
    const rows = events.map(({ id, event, traceparent }) => ({
      id,
      type: event.type,
      payload: JSON.stringify(event),
      traceparent,
      due_at_ms: event.atMs,
    }));
    await database.insertInto('outbox').values(rows).execute();
  };
  return {
    append: (id, event, traceparent) => appendAll([{ id, event, traceparent }]),

    appendAll,

    async claim(limit, atMs, claimMs) {
      const due = database
        .selectFrom('outbox')
        .select('position')
        .where('due_at_ms', '<=', atMs)
        .orderBy('position')
        .limit(limit);
      // The outer condition is evaluated again by a PostgreSQL that waited for another dispatcher's claim.
      const rows = await database
        .updateTable('outbox')
        .set({ due_at_ms: atMs + claimMs })
        .where('position', 'in', due)
        .where('due_at_ms', '<=', atMs)
        .returningAll()
        .execute();
      return rows
        .sort((left, right) => left.position - right.position)
        .map((row) => ({
          position: row.position,
          id: row.id,
          event: JSON.parse(row.payload) as DomainEvent,
          traceparent: row.traceparent,
          attempts: row.attempts,
        }));
    },

    async markProcessed(position, atMs) {
      await database
        .updateTable('outbox')
        .set({ processed_at_ms: atMs, due_at_ms: null })
        .where('position', '=', position)
        .execute();
    },

    async markAllProcessed(positions, atMs) {
      if (positions.length === 0) return;
      await database
        .updateTable('outbox')
        .set({ processed_at_ms: atMs, due_at_ms: null })
        .where('position', 'in', [...positions])
        .execute();
    },

    async parked(limit) {
      const rows = await database
        .selectFrom('outbox')
        .selectAll()
        .where('processed_at_ms', 'is', null)
        .where('due_at_ms', 'is', null)
        .orderBy('position')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        position: row.position,
        id: row.id,
        type: row.type,
        attempts: row.attempts,
        lastError: row.last_error,
        raisedAtMs: (JSON.parse(row.payload) as DomainEvent).atMs,
      }));
    },

    async replay(position, atMs) {
      const result = await database
        .updateTable('outbox')
        .set({ attempts: 0, due_at_ms: atMs })
        .where('position', '=', position)
        .where('processed_at_ms', 'is', null)
        .where('due_at_ms', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async markFailed(position, error, retryAtMs) {
      await database
        .updateTable('outbox')
        .set(({ eb }) => ({ attempts: eb('attempts', '+', 1), last_error: error, due_at_ms: retryAtMs }))
        .where('position', '=', position)
        .execute();
    },

    async backlog() {
      const unprocessed = database.selectFrom('outbox').where('processed_at_ms', 'is', null);
      const row = await unprocessed
        .select(({ fn }) => [fn.countAll<number>().as('all'), fn.count<number>('due_at_ms').as('waiting')])
        .executeTakeFirstOrThrow();
      const waiting = Number(row.waiting);
      const oldest = unprocessed.where('due_at_ms', 'is not', null).select('payload').orderBy('position').limit(1);
      const payload = waiting === 0 ? undefined : (await oldest.executeTakeFirst())?.payload;
      const oldestAtMs = payload === undefined ? null : (JSON.parse(payload) as DomainEvent).atMs;
      return { waiting, parked: Number(row.all) - waiting, oldestAtMs };
    },

    async forgetProcessedBefore(atMs) {
      await database.deleteFrom('outbox').where('processed_at_ms', '<', atMs).execute();
    },
  };
}
