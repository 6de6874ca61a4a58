/**
 * The server that bench/overhead.ts measures: the pizzeria's two hottest requests in miniature (Fastify, Kysely over
 * SQLite in memory, pino), with the telemetry that the first argument names: `bare` or `shipped`.
 */
import { DatabaseSync } from 'node:sqlite';
import fastify, { type FastifyInstance } from 'fastify';
import {
  type DatabaseConnection,
  type Dialect,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { pino } from 'pino';

interface Schema {
  readonly menu: { readonly id: number; readonly name: string; readonly price: number };
  readonly orders: { readonly id: number; readonly total: number; readonly status: string };
  readonly lines: { readonly order_id: number; readonly pizza: string; readonly quantity: number };
  readonly outbox: { readonly order_id: number; readonly event: string };
}

interface Log {
  info(fields: object, message: string): void;
}

/** What of the server differs with the telemetry. */
interface Telemetry {
  readonly dialect: (dialect: Dialect) => Dialect;
  readonly operation: <T>(kind: 'command' | 'query', type: string, run: () => Promise<T>) => Promise<T>;
  readonly log: Log;
  readonly plug: (app: FastifyInstance) => void;
  readonly placed: (pizza: string, total: number) => void;
}

const devNull = pino.destination({ dest: '/dev/null', sync: false });

async function telemetryOf(mode: string | undefined): Promise<Telemetry> {
  if (mode !== 'shipped') {
    return {
      dialect: (dialect) => dialect,
      operation: (_kind, _type, run) => run(),
      log: pino(devNull),
      plug: () => {},
      placed: () => {},
    };
  }
  const shipped = await import('../index.ts');
  shipped.configureTelemetry({ serviceName: 'overhead' });
  const business = shipped.businessMetrics();
  return {
    dialect: (dialect) => shipped.instrumentDatabase(dialect, { system: 'sqlite', name: 'pizzeria' }),
    operation: (operation, type, run) => shipped.instrumentOperation({ operation, type }, run),
    log: shipped.createLogger({ name: 'overhead', destination: devNull }),
    plug: (app) => void app.register(shipped.httpTelemetry, { app: 'api-app' }),
    placed(pizza, total) {
      business.ordersCreated.add(1, { channel: 'api' });
      business.orderValue.record(total / 100);
      business.pizzasOrdered.add(1, { pizza_name: pizza });
    },
  };
}

function memoryDialect(): Dialect {
  const database = new DatabaseSync(':memory:');
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const connection: DatabaseConnection = {
    async executeQuery(query) {
      let statement = statements.get(query.sql);
      if (statement === undefined) statements.set(query.sql, (statement = database.prepare(query.sql)));
      return { rows: statement.all(...(query.parameters as (string | number)[])) as never[] };
    },
    streamQuery() {
      throw new Error('BUG: nothing is streamed here');
    },
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: async () => database.exec('begin'),
      commitTransaction: async () => database.exec('commit'),
      rollbackTransaction: async () => database.exec('rollback'),
      releaseConnection: async () => {},
      destroy: async () => database.close(),
    }),
  };
}

async function createTables(db: Kysely<Schema>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('menu')
    .addColumn('id', 'integer')
    .addColumn('name', 'text')
    .addColumn('price', 'integer')
    .execute();
  await schema
    .createTable('orders')
    .addColumn('id', 'integer')
    .addColumn('total', 'integer')
    .addColumn('status', 'text')
    .execute();
  await schema
    .createTable('lines')
    .addColumn('order_id', 'integer')
    .addColumn('pizza', 'text')
    .addColumn('quantity', 'integer')
    .execute();
  await schema.createTable('outbox').addColumn('order_id', 'integer').addColumn('event', 'text').execute();
  for (let id = 1; id <= 8; id += 1)
    await db
      .insertInto('menu')
      .values({ id, name: `Pizza ${id}`, price: 999 })
      .execute();
}

async function main(): Promise<void> {
  const telemetry = await telemetryOf(process.argv[2]);
  const db = new Kysely<Schema>({ dialect: telemetry.dialect(memoryDialect()) });
  await createTables(db);
  const app = fastify();
  telemetry.plug(app);
  app.get('/api/menu/', () =>
    telemetry.operation('query', 'MenuQuery', () => db.selectFrom('menu').selectAll().execute()),
  );
  let orders = 0;
  app.post<{ Body: { pizza: string; quantity: number } }>('/api/orders/', async (request, reply) => {
    const { pizza, quantity } = request.body;
    const order = { id: (orders += 1), total: 999 * quantity, status: 'confirmed' };
    await telemetry.operation('command', 'PlaceOrderCommand', () =>
      // One transaction at a time: SQLite has one writer, and the benchmark sends one request after the other.
      db.transaction().execute(async (tx) => {
        await tx.selectFrom('menu').selectAll().where('name', '=', pizza).execute();
        await tx.insertInto('orders').values(order).execute();
        await tx.insertInto('lines').values({ order_id: order.id, pizza, quantity }).execute();
        await tx.insertInto('outbox').values({ order_id: order.id, event: 'OrderPlaced' }).execute();
      }),
    );
    telemetry.placed(pizza, order.total);
    telemetry.log.info({ order_id: order.id, total_cents: order.total }, 'order placed');
    return reply.code(201).send(order);
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }));
  process.on('SIGINT', () => process.exit(0));
  process.send?.({ address });
}

await main();
