// Opens the pizzeria's database: a SQLite file, or PostgreSQL when a URL names one.

import { join } from 'node:path';
import { type Dialect, Kysely, sql } from 'kysely';
import type { ConnectionPool, Database, Session } from '../application/session.ts';
import { accountRepository } from './account-repository.ts';
import { credentialRepository } from './credential-repository.ts';
import { customerRepository } from './customer-repository.ts';
import { idempotencyRepository } from './idempotency-repository.ts';
import { kitchenRepository } from './kitchen-repository.ts';
import { menuRepository } from './menu-repository.ts';
import { type DatabaseKind, migrate } from './migrations.ts';
import { notificationRepository } from './notification-repository.ts';
import { orderRepository } from './order-repository.ts';
import { outboxRepository } from './outbox-repository.ts';
import { profileRepository } from './profile-repository.ts';
import { salesRepository } from './sales-repository.ts';
import type { Schema } from './schema.ts';
import { openSqliteFile } from './sqlite.ts';

export interface DatabaseOptions {
  /** Folder of the SQLite file; `:memory:` keeps nothing. Ignored with a `databaseUrl`. */
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  /** Wraps the dialect, for telemetry. */
  readonly instrument?: (dialect: Dialect, kind: DatabaseKind, name: string) => Dialect;
  /** Hears of lost idle connections, which mend themselves. */
  readonly onConnectionError?: (error: Error) => void;
}

const SQLITE_FILE = 'pizzeria.db';

/** Opens and migrates. Throws when the database cannot be reached or read. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { kind, name, open } = await chooseDialect(options);
  if (options.dataDir !== ':memory:' || kind === 'postgresql') await migrateApart(kind, (await open()).dialect);
  const opened = await open();
  const { dialect, pool } = opened;
  const kysely = new Kysely<Schema>({ dialect: options.instrument?.(dialect, kind, name) ?? dialect });
  // A database in memory lives in its one connection, so it is migrated there.
  if (options.dataDir === ':memory:' && kind === 'sqlite') await migrate(kysely as unknown as Kysely<never>, kind);
  const reading = sessionOf(kysely, kind);
  return {
    async transaction(work) {
      const result = await kysely.transaction().execute((transaction) => work(sessionOf(transaction, kind)));
      await opened.durable?.();
      return result;
    },
    read: (work) => work(reading),
    async isReachable() {
      try {
        await sql`select 1`.execute(kysely);
        return true;
      } catch {
        return false;
      }
    },
    ...(pool !== undefined && { pool }),
    close: () => kysely.destroy(),
  };
}

/** On a connection of its own: statements that run once in a database's life are not worth series in the metrics. */
async function migrateApart(kind: DatabaseKind, dialect: Dialect): Promise<void> {
  const kysely = new Kysely<never>({ dialect });
  try {
    await migrate(kysely, kind);
  } finally {
    await kysely.destroy();
  }
}

interface Opened {
  readonly dialect: Dialect;
  readonly pool?: ConnectionPool;
  /** Resolves when what was committed is on the disk; absent where a commit itself waits for that. */
  durable?(): Promise<void>;
}

interface Choice {
  readonly kind: DatabaseKind;
  readonly name: string;
  readonly open: () => Promise<Opened>;
}

async function chooseDialect(options: DatabaseOptions): Promise<Choice> {
  const { databaseUrl, dataDir } = options;
  if (databaseUrl === undefined || databaseUrl === '') {
    const path = dataDir === ':memory:' ? dataDir : join(dataDir, SQLITE_FILE);
    return { kind: 'sqlite', name: SQLITE_FILE, open: async () => openSqliteFile(path) };
  }
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url?.protocol !== 'postgresql:' && url?.protocol !== 'postgres:') {
    throw new Error('DATABASE_URL must begin with postgresql:// (or be absent, for a SQLite file in the data folder).');
  }
  const { openPostgres } = await import('./postgres.ts');
  const open = () => openPostgres(databaseUrl, options.onConnectionError ?? (() => {}));
  return { kind: 'postgresql', name: url.pathname.slice(1), open };
}

function sessionOf(database: Kysely<Schema>, kind: DatabaseKind): Session {
  return {
    orders: orderRepository(database),
    customers: customerRepository(database, kind),
    menu: menuRepository(database),
    kitchen: kitchenRepository(database, kind),
    idempotency: idempotencyRepository(database),
    notifications: notificationRepository(database),
    outbox: outboxRepository(database),
    sales: salesRepository(database),
    accounts: accountRepository(database),
    credentials: credentialRepository(database),
    profiles: profileRepository(database),
  };
}
