// One suite for both databases: the contract of application/session.ts.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Dialect, Kysely, Migrator, sql } from 'kysely';
import { VersionConflict } from '../application/failure.ts';
import type { Credential, Database, Session } from '../application/session.ts';
import type { Account } from '../domain/account.ts';
import type { Customer } from '../domain/customer.ts';
import { HOUSE_MENU } from '../domain/house-menu.ts';
import { decideOrder, evolveOrder, type Order, type OrderEvent } from '../domain/order.ts';
import { priceLine } from '../domain/order-line.ts';
import { openDatabase } from './database.ts';
import { type DatabaseKind, migrationsOf } from './migrations.ts';
import { openPostgres } from './postgres.ts';
import { type PostgresCluster, postgresPrograms, startPostgresCluster } from './postgres-cluster.ts';
import type { Schema } from './schema.ts';
import { openSqliteFile } from './sqlite.ts';

describe('SQLite', () => {
  let folder: string;
  suite(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mario-sqlite-'));
    const older = { dataDir: join(folder, 'older') };
    mkdirSync(older.dataDir);
    await leaveOlder('sqlite', openSqliteFile(join(older.dataDir, 'pizzeria.db')).dialect);
    return { options: { dataDir: folder }, older, stop: async () => rmSync(folder, { recursive: true }) };
  });
});

const programs = postgresPrograms();
describe('PostgreSQL', { skip: programs === undefined && 'skipped: PostgreSQL is not installed' }, () => {
  suite(async () => {
    const cluster: PostgresCluster = await startPostgresCluster(programs!);
    const first = new Kysely<Schema>({ dialect: (await openPostgres(cluster.url, () => {})).dialect });
    await sql`create database older`.execute(first);
    await first.destroy();
    const older = { dataDir: ':memory:', databaseUrl: new URL('/older', cluster.url).href };
    await leaveOlder('postgresql', (await openPostgres(older.databaseUrl, () => {})).dialect);
    return { options: { dataDir: ':memory:', databaseUrl: cluster.url }, older, stop: () => cluster.stop() };
  });
});

test('a database address that is none is refused with what to write', async () => {
  await assert.rejects(openDatabase({ dataDir: ':memory:', databaseUrl: 'mysql://x' }), /must begin with postgresql:/);
});

interface Place {
  options: { dataDir: string; databaseUrl?: string };
  /** A database as the version before accounts left it. */
  older?: Place['options'];
  stop(): Promise<void>;
}

function suite(prepare: () => Promise<Place>): void {
  let place: Place;
  let database: Database;
  before(async () => {
    place = await prepare();
    database = await openDatabase(place.options);
  });
  after(async () => {
    await database?.close();
    await place?.stop();
  });
  const write = <T>(work: (session: Session) => Promise<T>) => database.transaction(work);
  const read = <T>(work: (session: Session) => Promise<T>) => database.read(work);

  test('a new database has the menu of the house, and opening it again changes nothing', async () => {
    assert.deepEqual(await read((session) => session.menu.all()), HOUSE_MENU);
    const again = await openDatabase(place.options);
    assert.equal((await again.read((session) => session.menu.all())).length, HOUSE_MENU.length);
    assert.equal(await again.isReachable(), true);
    await again.close();
  });

  test('an order comes back as it was written', async () => {
    const order = await anOrder(write);
    assert.deepEqual(await read((session) => session.orders.find(order.id)), order);
    assert.equal(await read((session) => session.orders.find('nobody')), undefined);
  });

  test('saving needs the version that was read', async () => {
    const order = await anOrder(write);
    const confirmed = evolveOrder(order, decideOrder({ kind: 'confirm', paymentReference: 'p' }, order, 5));
    await write((session) => session.orders.save(confirmed, order.version));
    await assert.rejects(
      write((session) => session.orders.save(confirmed, order.version)),
      VersionConflict,
    );
    assert.equal((await read((session) => session.orders.find(order.id)))?.version, 2);
  });

  test('a transaction that fails leaves nothing', async () => {
    const order = orderFor(await aCustomer(write));
    await assert.rejects(
      write(async (session) => {
        await session.orders.insert(order);
        throw new Error('the oven fell over');
      }),
      /oven fell over/,
    );
    assert.equal(await read((session) => session.orders.find(order.id)), undefined);
  });

  test('lists are by status and driver, in order, a page at a time', async () => {
    const customer = await aCustomer(write);
    const orders = [1, 2, 3].map((minute) => ({ ...orderFor(customer, 10_000_000 + minute), driverId: 'driver-list' }));
    await write(async (session) => {
      for (const order of orders) await session.orders.insert(order);
    });
    const list = (filter: object) =>
      read((session) => session.orders.list({ driverId: 'driver-list', limit: 2, ...filter }));
    const ids = (found: Order[]) => found.map((order) => order.id);
    const [first, second, third] = ids(orders);
    const page = await list({});
    assert.deepEqual(ids(page), [third, second]);
    const last = page[1]!;
    assert.deepEqual(ids(await list({ before: { placedAtMs: last.placedAtMs, id: last.id } })), [first]);
    assert.deepEqual(ids(await list({ order: 'oldest' })), [first, second]);
    assert.deepEqual(ids(await list({ statuses: ['cancelled'] })), []);
    assert.ok((await read((session) => session.orders.countByStatus(['pending']))).pending >= 3);
    const sales = await read((session) => session.orders.salesSince(10_000_001));
    assert.deepEqual(sales, { orders: 3, revenueCents: 3 * orders[0]!.totalCents });
  });

  test('a phone belongs to one customer', async () => {
    const customer = await aCustomer(write);
    assert.deepEqual(await read((session) => session.customers.findByPhone(customer.phone)), customer);
    await assert.rejects(
      write((session) => session.customers.insert({ ...customer, id: crypto.randomUUID() })),
      VersionConflict,
    );
  });

  test('who finds a customer by phone has the customer until the commit', async () => {
    const customer = await aCustomer(write);
    const countOne = () =>
      write(async (session) => {
        const known = (await session.customers.findByPhone(customer.phone))!;
        const next = { ...known, ordersPlaced: known.ordersPlaced + 1, version: known.version + 1 };
        await session.customers.save(next, known.version);
      });
    await Promise.all(Array.from({ length: 8 }, countOne));
    const { ordersPlaced } = (await read((session) => session.customers.findByPhone(customer.phone)))!;
    assert.equal(ordersPlaced, customer.ordersPlaced + 8);
  });

  test('an idempotency key is reserved once', async () => {
    const reserve = (hash: string, orderId: string) =>
      write((session) => session.idempotency.reserve('key-1', hash, orderId, 100));
    assert.equal(await reserve('h', 'o-1'), undefined);
    assert.deepEqual(await reserve('other', 'o-2'), { requestHash: 'h', orderId: 'o-1' });
    await write((session) => session.idempotency.forgetBefore(101));
    assert.equal(await reserve('h', 'o-3'), undefined);
  });

  test('events leave the outbox in order, come back after a failure, and stay away when parked', async () => {
    await write(async (session) => {
      for (const claimed of await session.outbox.claim(1000, 1e9, 0))
        await session.outbox.markProcessed(claimed.position, 1);
      await session.outbox.append('e-1', event('o-1'), 'trace');
      await session.outbox.append('e-2', event('o-2'), null);
    });
    const claim = (atMs: number) => write((session) => session.outbox.claim(10, atMs, 50));
    const [one, two] = await claim(1000);
    assert.deepEqual([one?.id, one?.event, one?.traceparent, two?.id], ['e-1', event('o-1'), 'trace', 'e-2']);
    assert.deepEqual(await claim(1000), [], 'claimed events are not offered again at once');
    await write((session) => session.outbox.markProcessed(one!.position, 1000));
    await write((session) => session.outbox.markFailed(two!.position, 'no', 2000));
    assert.deepEqual(await claim(1500), []);
    assert.deepEqual(
      (await claim(2000)).map((envelope) => [envelope.id, envelope.attempts]),
      [['e-2', 1]],
    );
    assert.deepEqual(await read((session) => session.outbox.backlog()), { waiting: 1, parked: 0, oldestAtMs: 1000 });
    await write((session) => session.outbox.markFailed(two!.position, 'no', null));
    assert.deepEqual(await claim(1e9), []);
    assert.deepEqual(await read((session) => session.outbox.backlog()), { waiting: 0, parked: 1, oldestAtMs: null });
  });

  test('two dispatchers never take the same event', async () => {
    await write(async (session) => {
      for (let index = 0; index < 20; index += 1) await session.outbox.append(`twice-${index}`, event('o'), null);
    });
    const claims = await Promise.all(
      [1, 2, 3, 4].map(() => write((session) => session.outbox.claim(20, 5000, 1_000_000))),
    );
    const ids = claims.flat().map((envelope) => envelope.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, 20);
  });

  test('sales add up by hour and by pizza', async () => {
    await write(async (session) => {
      await session.sales.addToHour({ hourMs: 7_200_000, orders: 1, revenueCents: 500, cancelled: 0 });
      await session.sales.addToHour({ hourMs: 7_200_000, orders: 1, revenueCents: 700, cancelled: 1 });
      await session.sales.addToHour({ hourMs: 3_600_000, orders: 9, revenueCents: 9, cancelled: 0 });
      for (const size of ['small', 'large', 'large'] as const) {
        await session.sales.addToPizza(7_200_000, { pizza: 'Diavola', size, pizzas: 2, revenueCents: 100 });
      }
      await session.sales.addToPizza(7_200_000, { pizza: 'Marinara', size: 'small', pizzas: 7, revenueCents: 10 });
    });
    const hours = await read((session) => session.sales.hoursSince(7_200_000));
    assert.deepEqual(hours, [{ hourMs: 7_200_000, orders: 2, revenueCents: 1200, cancelled: 1 }]);
    assert.deepEqual(await read((session) => session.sales.pizzasSince(7_200_000)), [
      { pizza: 'Marinara', pizzas: 7, revenueCents: 10 },
      { pizza: 'Diavola', pizzas: 6, revenueCents: 300 },
    ]);
  });

  test('several events are written in their order, and none is no statement', async () => {
    await write(async (session) => {
      await session.outbox.appendAll([]);
      await session.outbox.appendAll(
        ['all-1', 'all-2', 'all-3'].map((id) => ({ id, event: event(id), traceparent: null })),
      );
    });
    const claimed = await write((session) => session.outbox.claim(1000, 1e12, 1));
    const ids = claimed.map((envelope) => envelope.id).filter((id) => id.startsWith('all-'));
    assert.deepEqual(ids, ['all-1', 'all-2', 'all-3']);
    await write((session) =>
      session.outbox.markAllProcessed(
        claimed.map((envelope) => envelope.position),
        5,
      ),
    );
    assert.equal((await read((session) => session.outbox.backlog())).waiting, 0);
  });

  test('a parked event is seen and offered again, once', async () => {
    await write((session) => session.outbox.append('parked-1', event('o-1'), null));
    const [envelope] = await write((session) => session.outbox.claim(10, 1e12, 1));
    await write((session) => session.outbox.markFailed(envelope!.position, 'no oven', null));
    const parked = await read((session) => session.outbox.parked(10));
    const own = parked.find(({ id }) => id === 'parked-1')!;
    assert.deepEqual([own.type, own.attempts, own.lastError, own.raisedAtMs], ['OrderConfirmed', 1, 'no oven', 1000]);
    assert.equal(await write((session) => session.outbox.replay(own.position, 7)), true);
    assert.equal(await write((session) => session.outbox.replay(own.position, 7)), false);
    const [again] = await write((session) => session.outbox.claim(10, 7, 1));
    assert.deepEqual([again?.id, again?.attempts], ['parked-1', 0]);
    await write((session) => session.outbox.markProcessed(own.position, 8));
  });

  test('a pizza is written, changed and removed by version; its name and id are its own', async () => {
    const pizza = { ...HOUSE_MENU[0]!, id: 'test-pizza', name: 'Test', version: 1 };
    await write((session) => session.menu.insert(pizza));
    await assert.rejects(
      write((session) => session.menu.insert({ ...pizza, id: 'other' })),
      VersionConflict,
    );
    await write((session) => session.menu.save({ ...pizza, available: false, version: 2 }, 1));
    await assert.rejects(
      write((session) => session.menu.remove('test-pizza', 1)),
      VersionConflict,
    );
    assert.deepEqual((await read((session) => session.menu.all())).at(-1), { ...pizza, available: false, version: 2 });
    await write((session) => session.menu.remove('test-pizza', 2));
    assert.deepEqual(await read((session) => session.menu.all()), HOUSE_MENU);
  });

  test('an account has one login, one profile, and credentials that end', async () => {
    const account: Account = {
      ...{ id: 'acc-1', login: 'bea', name: 'Bea', roles: ['chef', 'driver'], kind: 'person' },
      ...{ passwordHash: 'h', subject: 'issuer 1', isDemo: false, createdAtMs: 1, version: 1 },
    };
    assert.equal(await write((session) => session.accounts.insert(account)), true);
    assert.equal(await write((session) => session.accounts.insert({ ...account, id: 'acc-2', subject: null })), false);
    assert.deepEqual(await read((session) => session.accounts.findByLogin('bea')), account);
    assert.deepEqual(await read((session) => session.accounts.findBySubject('issuer 1')), account);
    assert.ok((await read((session) => session.accounts.staff())).some(({ login }) => login === 'bea'));
    await assert.rejects(
      write((session) => session.accounts.save(account, 9)),
      VersionConflict,
    );

    const profile = { id: 'p-1', accountId: 'acc-1', name: 'B', phone: '+1', address: 'x', createdAtMs: 1, version: 1 };
    assert.equal(await write((session) => session.profiles.insert(profile)), true);
    assert.equal(await write((session) => session.profiles.insert({ ...profile, id: 'p-2' })), false);
    await write((session) => session.profiles.save({ ...profile, email: 'b@x.y', version: 2 }, 1));
    assert.equal((await read((session) => session.profiles.ofAccount('acc-1')))?.email, 'b@x.y');

    const credential = (hash: string, family: string, expiresAtMs: number): Credential => ({
      ...{ hash, family, expiresAtMs, kind: 'session', accountId: 'acc-1', client: null },
      ...{ challenge: null, redirectUri: null, createdAtMs: 1, usedAtMs: null },
    });
    await write(async (session) => {
      for (const [hash, family, expires] of [
        ['h1', 'f1', 100],
        ['h2', 'f1', 200],
        ['h3', 'f2', 300],
      ] as const) {
        await session.credentials.insert(credential(hash, family, expires));
      }
    });
    const holder = (hash: string, atMs: number) => read((session) => session.credentials.holder(hash, 'session', atMs));
    assert.deepEqual(await holder('h1', 99), { account, profileId: 'p-1', family: 'f1' });
    assert.equal(await holder('h1', 100), undefined);
    assert.equal(await write((session) => session.credentials.markUsed('h2', 5)), true);
    assert.equal(await write((session) => session.credentials.markUsed('h2', 6)), false);
    await write((session) => session.credentials.removeOfAccount('acc-1', 'f2'));
    assert.deepEqual([await holder('h2', 1), (await holder('h3', 1))?.family], [undefined, 'f2']);
    await write((session) => session.credentials.forgetExpired(301));
    assert.equal(await holder('h3', 1), undefined);
  });

  test('a database of an older version keeps its orders', async () => {
    assert.ok(place.older, 'there is an older one');
    const old = await openDatabase(place.older);
    const order = await old.read((session) => session.orders.find('old-order'));
    assert.deepEqual([order?.status, order?.profileId, order?.cookId], ['confirmed', null, null]);
    const [notification] = await old.read((session) => session.notifications.ofOrder('old-order'));
    assert.deepEqual([notification?.text, notification?.dismissedAtMs], ['Ready', null]);
    assert.equal((await old.read((session) => session.menu.all()))[0]?.version, 1);
    assert.deepEqual((await old.transaction((session) => session.outbox.claim(10, 1e12, 1))).length, 1);
    await old.close();
  });

  test('telling twice is impossible', async () => {
    const notification = {
      ...{ id: 'e-1', customerId: 'c-1', orderId: 'o-9', profileId: null },
      ...{ text: 'Ready', createdAtMs: 1, dismissedAtMs: null },
    };
    await write((session) => session.notifications.insert(notification));
    await write((session) => session.notifications.insert(notification));
    assert.deepEqual(await read((session) => session.notifications.ofOrder('o-9')), [notification]);
    await write((session) => session.notifications.forgetBefore(2));
    assert.deepEqual(await read((session) => session.notifications.ofOrder('o-9')), []);
  });
}

/** The schema of three steps, with an order, what was told of it, and an event that waits. */
async function leaveOlder(kind: DatabaseKind, dialect: Dialect): Promise<void> {
  const database = new Kysely<Schema>({ dialect });
  const steps = Object.entries(migrationsOf(kind)).filter(([name]) => name < '0004');
  const provider = { getMigrations: async () => Object.fromEntries(steps) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  assert.equal(error, undefined);
  await sql`insert into customers (id, phone, name, address, orders_placed, registered_at_ms, seen_at_ms, version)
    values ('c', '+1', 'Ada', 'x', 1, 1, 1, 1)`.execute(database);
  await sql`insert into orders (id, status, version, customer_id, contact, lines, total_cents, payment_method,
    refund_cents, placed_at_ms, promised_at_ms, confirmed_at_ms)
    values ('old-order', 'confirmed', 2, 'c', '{}', '[]', 100, 'cash', 0, 1, 2, 1)`.execute(database);
  await sql`insert into notifications (id, customer_id, order_id, text, created_at_ms)
    values ('n', 'c', 'old-order', 'Ready', 1)`.execute(database);
  await sql`insert into outbox (id, type, payload, due_at_ms)
    values ('e', 'CookingStarted', '{"type":"CookingStarted","orderId":"old-order","atMs":1}', 1)`.execute(database);
  await database.destroy();
}

let counter = 0;

async function aCustomer(write: <T>(work: (session: Session) => Promise<T>) => Promise<T>): Promise<Customer> {
  counter += 1;
  const customer: Customer = {
    id: crypto.randomUUID(),
    name: 'Ada',
    phone: `+1555${String(counter).padStart(6, '0')}`,
    address: '12 Via Toledo',
    email: null,
    ordersPlaced: 1,
    registeredAtMs: 1,
    seenAtMs: 1,
    version: 1,
  };
  await write((session) => session.customers.insert(customer));
  return customer;
}

async function anOrder(write: <T>(work: (session: Session) => Promise<T>) => Promise<T>): Promise<Order> {
  const order = orderFor(await aCustomer(write));
  await write((session) => session.orders.insert(order));
  return order;
}

function orderFor(customer: Customer, atMs = 1000): Order {
  const { name, phone, address } = customer;
  const lines = [priceLine(HOUSE_MENU, { pizza: 'Diavola', size: 'medium', toppings: ['capers'], quantity: 2 }, 11)];
  const place = {
    kind: 'place',
    id: crypto.randomUUID(),
    customerId: customer.id,
    contact: { name, phone, address },
    lines,
    paymentMethod: 'card',
    channel: 'api',
    notes: 'née “Rossi” 🍕',
  } as const;
  return evolveOrder(undefined, decideOrder(place, undefined, atMs));
}

function event(orderId: string): OrderEvent {
  return { type: 'OrderConfirmed', orderId, atMs: 1000, paymentReference: 'p', paymentMethod: 'card', totalCents: 1 };
}
