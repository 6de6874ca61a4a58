/**
 * Spans for every statement of a Kysely database: wraps the dialect, so it works for any of them and the application's
 * queries stay as they are.
 */
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from 'kysely';
import { type DatabaseIdentity, DatabaseTelemetry } from './operation-span.ts';
import { statementOf } from './statement.ts';

export type { DatabaseIdentity } from './operation-span.ts';

/** Takes a dialect, or a Kysely configuration that holds one; gives the same with spans. */
export function instrumentDatabase<T extends Dialect | { readonly dialect: Dialect }>(
  database: T,
  identity: DatabaseIdentity,
): T {
  const telemetry = new DatabaseTelemetry(identity);
  const wrapped =
    'dialect' in database ? { ...database, dialect: wrap(database.dialect, telemetry) } : wrap(database, telemetry);
  return wrapped as T;
}

function wrap(dialect: Dialect, telemetry: DatabaseTelemetry): Dialect {
  return {
    createDriver: () => new TelemetryDriver(dialect.createDriver(), telemetry),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

type CompileQuery = Parameters<NonNullable<Driver['savepoint']>>[2];

class TelemetryDriver implements Driver {
  readonly #inner: Driver;
  readonly #telemetry: DatabaseTelemetry;
  /** Drivers recognise their own connections; each has one wrapper for as long as it lives. */
  readonly #wrappers = new WeakMap<DatabaseConnection, TelemetryConnection>();
  /** Absent where the dialect has none: Kysely asks for their presence. */
  readonly savepoint?: NonNullable<Driver['savepoint']>;
  readonly rollbackToSavepoint?: NonNullable<Driver['rollbackToSavepoint']>;
  readonly releaseSavepoint?: NonNullable<Driver['releaseSavepoint']>;

  constructor(inner: Driver, telemetry: DatabaseTelemetry) {
    this.#inner = inner;
    this.#telemetry = telemetry;
    if (inner.savepoint !== undefined) {
      this.savepoint = (connection: DatabaseConnection, name: string, compile: CompileQuery) =>
        this.#control('SAVEPOINT', () => inner.savepoint!(innerOf(connection), name, compile));
    }
    if (inner.rollbackToSavepoint !== undefined) {
      this.rollbackToSavepoint = (connection: DatabaseConnection, name: string, compile: CompileQuery) =>
        this.#control('ROLLBACK TO SAVEPOINT', () => inner.rollbackToSavepoint!(innerOf(connection), name, compile));
    }
    if (inner.releaseSavepoint !== undefined) {
      this.releaseSavepoint = (connection: DatabaseConnection, name: string, compile: CompileQuery) =>
        this.#control('RELEASE SAVEPOINT', () => inner.releaseSavepoint!(innerOf(connection), name, compile));
    }
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const inner = await this.#inner.acquireConnection();
    let wrapper = this.#wrappers.get(inner);
    if (wrapper === undefined) {
      wrapper = new TelemetryConnection(inner, this.#telemetry);
      this.#wrappers.set(inner, wrapper);
    }
    return wrapper;
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return this.#control('BEGIN', () => this.#inner.beginTransaction(innerOf(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#control('COMMIT', () => this.#inner.commitTransaction(innerOf(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#control('ROLLBACK', () => this.#inner.rollbackTransaction(innerOf(connection)));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(innerOf(connection));
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }

  #control(sql: string, run: () => Promise<void>): Promise<void> {
    return this.#telemetry.measure(statementOf(sql), run, () => 0);
  }
}

class TelemetryConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #telemetry: DatabaseTelemetry;

  constructor(inner: DatabaseConnection, telemetry: DatabaseTelemetry) {
    this.inner = inner;
    this.#telemetry = telemetry;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#telemetry.measure(
      statementOf(query.sql),
      () => this.inner.executeQuery<R>(query),
      (result) => result.rows.length,
    );
  }

  /** The span lasts until the last chunk has been taken, or the reader has had enough. */
  async *streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    const statement = statementOf(query.sql);
    const span = this.#telemetry.startSpan(statement);
    const startMs = performance.now();
    let rows = 0;
    try {
      for await (const chunk of this.inner.streamQuery<R>(query, chunkSize)) {
        rows += chunk.rows.length;
        yield chunk;
      }
      this.#telemetry.recordDuration(statement, span, startMs);
    } catch (error) {
      this.#telemetry.recordError(statement, span, error, startMs);
      throw error;
    } finally {
      span?.setAttribute('db.response.returned_rows', rows);
      span?.end();
    }
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof TelemetryConnection ? connection.inner : connection;
}
