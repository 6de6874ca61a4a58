// SQLite by Node's own driver, in the shape that Kysely's SQLite dialect expects.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Dialect, SqliteDialect } from 'kysely';

/** Prepared statements kept; the application has about sixty different ones. */
const STATEMENTS_MAX = 200;
/** How long another process may hold the file before a statement fails. */
const BUSY_TIMEOUT_MS = 5_000;

/** Opens (and creates) the file, or a private database in memory for `:memory:`. */
export function sqliteDialect(path: string): Dialect {
  return new SqliteDialect({ database: async () => openSqlite(path) });
}

interface KyselyStatement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
}

function openSqlite(path: string): { prepare(sql: string): KyselyStatement; close(): void } {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // FULL makes a commit durable against power loss as well as against SIGKILL; it costs about 0.1 ms here.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  const statements = new Map<string, KyselyStatement>();
  return {
    prepare(sql) {
      // A transaction that reads first and writes later cannot wait for the write lock any more (SQLITE_BUSY at once),
      // so every transaction asks for it at the beginning.
      const text = sql === 'begin' ? 'begin immediate' : sql;
      let statement = statements.get(text);
      if (statement === undefined) {
        statement = kyselyStatement(database.prepare(text));
        if (statements.size >= STATEMENTS_MAX) statements.clear();
        statements.set(text, statement);
      }
      return statement;
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}

function kyselyStatement(statement: StatementSync): KyselyStatement {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
