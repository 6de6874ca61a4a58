// PostgreSQL by `pg`, loaded only when a DATABASE_URL names one.

import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { ConnectionPool, PoolListener } from '../application/session.ts';

/** Connections to the server; two cores keep no more of them busy. */
const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement of ours that runs longer is stuck, not slow. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Statements that a connection keeps prepared; the application has about sixty, some with lists of several lengths. */
const PREPARED_MAX = 200;
/** `feature_not_supported`: here, that a table changed under a prepared statement. */
const STALE_PLAN_CODE = '0A000';
/** `int8` in PostgreSQL's catalogue of types. */
const INT8_OID = 20;

/** `url` as libpq writes it: `postgresql://user:password@host:port/name`. Connects on the first statement. */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
): Promise<{ dialect: Dialect; pool: ConnectionPool }> {
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
  const watched = new WatchedPool(pool, nameOf(url));
  return { dialect: new PostgresDialect({ pool: watched }), pool: watched };
}

/** Without user and password: the name becomes part of the telemetry. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}

/** The pool of `pg`, telling how long its callers wait. */
class WatchedPool implements PostgresPool, ConnectionPool {
  readonly name: string;
  readonly connectionsMax = CONNECTIONS_MAX;
  readonly #pool: Pool;
  readonly #fresh = new WeakSet<PoolClient>();
  /** Connections whose prepared statements are of another time; they are closed instead of given back. */
  readonly #stale = new WeakSet<PoolClient>();
  #listener: PoolListener | undefined;

  constructor(pool: Pool, name: string) {
    this.#pool = pool;
    this.name = name;
    pool.on('connect', (client) => {
      this.#fresh.add(client);
      prepareStatements(client, () => this.#stale.add(client));
    });
  }

  idle(): number {
    return this.#pool.idleCount;
  }

  used(): number {
    return this.#pool.totalCount - this.#pool.idleCount;
  }

  waiting(): number {
    return this.#pool.waitingCount;
  }

  listen(listener: PoolListener): void {
    this.#listener = listener;
  }

  async connect(): Promise<PostgresPoolClient> {
    const askedMs = performance.now();
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      // The pool's own words for it; it has no code.
      if (error instanceof Error && error.message.includes('timeout')) this.#listener?.timedOut();
      throw error;
    }
    const takenMs = performance.now();
    if (this.#fresh.delete(client)) this.#listener?.opened(takenMs - askedMs);
    this.#listener?.waited(takenMs - askedMs);
    return this.#handedOut(client, takenMs);
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  /** The client itself, because Kysely asks for more than its type says; only `release` is watched. */
  #handedOut(client: PoolClient, takenMs: number): PostgresPoolClient {
    // The pool gives each use a release of its own.
    const release = client.release.bind(client);
    client.release = (error) => {
      release(error ?? this.#stale.has(client));
      this.#listener?.held(performance.now() - takenMs);
    };
    return client as unknown as PostgresPoolClient;
  }
}

/**
 * Gives each statement a name, by which `pg` has it parsed and planned once per connection and not at every call: about
 * a third of an order's work in PostgreSQL.
 */
function prepareStatements(client: PoolClient, onStale: () => void): void {
  const names = new Map<string, string>();
  const query = client.query.bind(client) as (...parameters: unknown[]) => Promise<unknown>;
  const prepared = async (text: unknown, values?: readonly unknown[], ...rest: unknown[]) => {
    const isOurs = typeof text === 'string' && values !== undefined && rest.length === 0 && isPlanned(text);
    if (!isOurs) return query(text, values, ...rest);
    let name = names.get(text);
    if (name === undefined && names.size < PREPARED_MAX) names.set(text, (name = `s${names.size}`));
    try {
      return await query({ text, values, ...(name !== undefined && { name }) });
    } catch (error) {
      if ((error as { code?: string }).code === STALE_PLAN_CODE) onStale();
      throw error;
    }
  };
  client.query = prepared as typeof client.query;
}

/** `begin` and the like have no plan. */
function isPlanned(text: string): boolean {
  return /^(?:select|insert|update|delete)\b/i.test(text);
}
