// PostgreSQL by `pg`, loaded only when a DATABASE_URL names one.

import { type Dialect, PostgresDialect } from 'kysely';

/** Connections to the server; two cores keep no more of them busy. */
const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement of ours that runs longer is stuck, not slow. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** `int8` in PostgreSQL's catalogue of types. */
const INT8_OID = 20;

/** `url` as libpq writes it: `postgresql://user:password@host:port/name`. Connects on the first statement. */
export async function postgresDialect(url: string, onError: (error: Error) => void): Promise<Dialect> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    types: {
      // Our 64-bit integers are milliseconds and cents, well inside 2^53.
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8_OID ? Number : pg.types.getTypeParser(oid, format as 'text'),
    } as typeof pg.types,
  });
  // An idle connection that the server closes must not end the process; the pool opens another one.
  pool.on('error', onError);
  return new PostgresDialect({ pool });
}
