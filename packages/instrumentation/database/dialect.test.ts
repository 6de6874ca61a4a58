import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import {
  type DatabaseConnection,
  type Dialect,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { instrumentOperation } from '../operation.ts';
import { configureTelemetry, type Telemetry } from '../telemetry.ts';
import { instrumentDatabase } from './dialect.ts';

interface Schema {
  readonly orders: { readonly id: string; readonly customer: string };
}

const exporter = new InMemorySpanExporter();
let telemetry: Telemetry;
let db: Kysely<Schema>;

before(async () => {
  telemetry = configureTelemetry({
    serviceName: 'test',
    environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  db = new Kysely<Schema>({ dialect: instrumentDatabase(memoryDialect(), { system: 'sqlite', name: 'pizzeria' }) });
  await db.schema.createTable('orders').addColumn('id', 'text').addColumn('customer', 'text').execute();
});

after(async () => {
  await db.destroy();
  await telemetry.shutdown();
});

beforeEach(() => exporter.reset());

/** Runs inside a command's span and gives the spans of the database below it, in order. */
async function spansOf(work: () => Promise<unknown>): Promise<ReadableSpan[]> {
  await instrumentOperation({ operation: 'command', type: 'Test' }, work).catch(() => {});
  const spans = exporter.getFinishedSpans();
  const parent = spans.find(({ name }) => name === 'Test')!;
  return spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent.spanContext().spanId);
}

test('every statement of a transaction is a span with its text, its table and its rows', async () => {
  const spans = await spansOf(() =>
    db.transaction().execute(async (transaction) => {
      await transaction.insertInto('orders').values({ id: '1', customer: 'Ada' }).execute();
      await transaction.selectFrom('orders').selectAll().where('customer', '=', 'Ada').execute();
    }),
  );
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['BEGIN', 'INSERT orders', 'SELECT orders', 'COMMIT'],
  );
  const { attributes } = spans[2]!;
  assert.deepEqual(attributes, {
    'db.system.name': 'sqlite',
    'db.namespace': 'pizzeria',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'orders',
    'db.query.summary': 'SELECT orders',
    'db.query.text': 'select * from "orders" where "customer" = ?',
    'db.response.returned_rows': 1,
  });
});

test('a failing statement carries its error, and the transaction’s rollback is seen', async () => {
  const spans = await spansOf(() =>
    db.transaction().execute((transaction) =>
      transaction
        .selectFrom('absent' as 'orders')
        .selectAll()
        .execute(),
    ),
  );
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['BEGIN', 'SELECT absent', 'ROLLBACK'],
  );
  assert.equal(spans[1]?.status.code, SpanStatusCode.ERROR);
  assert.equal(spans[1]?.attributes['error.type'], 'ERR_SQLITE_ERROR');
});

test('outside of a span the metric alone is recorded', async () => {
  await db.selectFrom('orders').selectAll().execute();
  assert.deepEqual(exporter.getFinishedSpans(), []);
  const { body } = await telemetry.prometheus('text/plain');
  assert.match(
    body,
    /^db_client_operation_duration_seconds_count\{db_collection_name="orders",db_namespace="pizzeria",db_operation_name="SELECT",db_system_name="sqlite"\} [12]$/m,
  );
});

test('a streamed query is one span that counts all its rows', async () => {
  await db
    .insertInto('orders')
    .values([
      { id: '2', customer: 'Bob' },
      { id: '3', customer: 'Eve' },
    ])
    .execute();
  const [span] = await spansOf(async () => {
    for await (const row of db.selectFrom('orders').selectAll().stream()) assert.ok(row.id);
  });
  assert.ok(Number(span?.attributes['db.response.returned_rows']) >= 2);
});

/** The thinnest dialect over node:sqlite. */
function memoryDialect(): Dialect {
  const database = new DatabaseSync(':memory:');
  const connection: DatabaseConnection = {
    async executeQuery(query) {
      const rows = database.prepare(query.sql).all(...(query.parameters as string[]));
      return { rows: rows as never[] };
    },
    async *streamQuery(query) {
      for (const row of database.prepare(query.sql).iterate(...(query.parameters as string[]))) {
        yield { rows: [row as never] };
      }
    },
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: async (given) => own(given, 'begin'),
      commitTransaction: async (given) => own(given, 'commit'),
      rollbackTransaction: async (given) => own(given, 'rollback'),
      releaseConnection: async (given) => assert.equal(given, connection, 'drivers are given their own connections'),
      destroy: async () => database.close(),
    }),
  };

  function own(given: DatabaseConnection, sql: string): void {
    assert.equal(given, connection, 'drivers are given their own connections');
    database.exec(sql);
  }
}
