// SQLite by Node's own driver, in the shape that Kysely's SQLite dialect expects.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Dialect, SqliteDialect } from 'kysely';
import { WalFile, WalSync } from './wal-sync.ts';

/** Prepared statements kept; the application has about sixty different ones. */
const STATEMENTS_MAX = 200;
/**
 * The log is copied into the file and both are synced, on the main thread, after so many pages: 40 MB, which a restart
 * reads in well below a second, and a tenth as often as by default.
 */
const CHECKPOINT_PAGES = 10_000;
/** How long another process may hold the file before a statement fails. */
const BUSY_TIMEOUT_MS = 5_000;

export interface SqliteFile {
  readonly dialect: Dialect;
  /** Resolves when every transaction that was committed before the call is on the disk. */
  durable(): Promise<void>;
}

/** Opens (and creates) the file, or a private database in memory for `:memory:`. */
export function openSqliteFile(path: string): SqliteFile {
  const file = new WalFile(path);
  const wal = new WalSync(path === ':memory:' ? async () => {} : file.sync);
  const dialect = new SqliteDialect({
    database: async () =>
      openSqlite(
        path,
        () => wal.noteCommit(),
        () => void file.close(),
      ),
  });
  return { dialect, durable: () => wal.durable() };
}

interface KyselyStatement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
}

function openSqlite(
  path: string,
  onCommit: () => void,
  onClose: () => void,
): { prepare(sql: string): KyselyStatement; close(): void } {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // A commit survives SIGKILL at once, and a power cut after the sync of its group (wal-sync.ts).
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  let changes = false;
  const statements = new Map<string, KyselyStatement>();
  return {
    prepare(sql) {
      // A transaction that reads first and writes later cannot wait for the write lock any more (SQLITE_BUSY at once),
      // so every transaction asks for it at the beginning.
      const text = sql === 'begin' ? 'begin immediate' : sql;
      let statement = statements.get(text);
      if (statement === undefined) {
        statement =
          text === 'commit'
            ? committing(database.prepare(text), () => {
                if (changes) onCommit();
                changes = false;
              })
            : kyselyStatement(database.prepare(text), () => (changes = true));
        if (statements.size >= STATEMENTS_MAX) statements.clear();
        statements.set(text, statement);
      }
      return statement;
    },
    close() {
      statements.clear();
      database.close();
      onClose();
    },
  };
}

function committing(statement: StatementSync, onCommit: () => void): KyselyStatement {
  const plain = kyselyStatement(statement, () => {});
  return {
    ...plain,
    run(parameters) {
      const result = plain.run(parameters);
      onCommit();
      return result;
    },
  };
}

/** Calls `onChange` for whatever changed a row; a rolled back change costs a sync too many and nothing else. */
function kyselyStatement(statement: StatementSync, onChange: () => void): KyselyStatement {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  const isChange = /^\s*(?:insert|update|delete)\b/i.test(statement.sourceSQL);
  return {
    reader: statement.columns().length > 0,
    all(parameters) {
      const rows = statement.all(...values(parameters));
      // An `update … returning` reads and writes.
      if (rows.length > 0 && isChange) onChange();
      return rows;
    },
    run(parameters) {
      const result = statement.run(...values(parameters));
      // For anything else `changes` is that of an earlier statement.
      if (isChange && Number(result.changes) > 0) onChange();
      return result;
    },
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
