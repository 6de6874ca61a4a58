// The step that makes claiming events independent of how many were handled before.

import { type Kysely, type Migration, sql } from 'kysely';

export const outboxDue: Migration = {
  async up(database: Kysely<never>) {
    // Claims ask for what is due, in the order of the positions. By the older index SQLite walked all handled events of
    // six hours (0.7 ms a claim with 12,000 of them); this one holds only what waits.
    await sql`create index outbox_by_position_due on outbox (position) where due_at_ms is not null`.execute(database);
    await sql`drop index outbox_by_due_at_ms_position`.execute(database);
  },
};
