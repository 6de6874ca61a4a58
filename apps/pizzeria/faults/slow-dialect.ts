// A database whose every twelfth statement waits: below the telemetry, so that the wait is measured as the database's.

import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseConnection, Dialect } from 'kysely';

/** One in twelve is more than a twentieth, so the slowest twentieth shows it, and leaves the rest as it was. */
const STATEMENTS_PER_DELAY = 12;

/** `delayMs` is asked before each of those statements; 0 means that nothing waits. */
export function slowDialect(dialect: Dialect, delayMs: () => number | Promise<number>): Dialect {
  const hindered = new WeakSet<DatabaseConnection>();
  let statements = 0;
  const hinder = (connection: DatabaseConnection): void => {
    // On the connection itself: drivers recognise their own connections.
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query) => {
      statements += 1;
      if (statements % STATEMENTS_PER_DELAY === 0) {
        const delay = delayMs();
        const ms = delay === 0 ? 0 : await delay;
        if (ms > 0) await sleep(ms);
      }
      return execute(query);
    };
    hindered.add(connection);
  };
  return {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (database) => dialect.createIntrospector(database),
    createDriver() {
      const driver = dialect.createDriver();
      const acquire = driver.acquireConnection.bind(driver);
      driver.acquireConnection = async () => {
        const connection = await acquire();
        if (!hindered.has(connection)) hinder(connection);
        return connection;
      };
      return driver;
    },
  };
}
