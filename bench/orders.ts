/**
 * Two hundred orders a second against the pizzeria as shipped (telemetry on, exported to a collector that only reads),
 * on SQLite and on a PostgreSQL of its own: errors, latency, processor time, and whether every event was handled.
 *
 * Orders leave on schedule, whether earlier ones were answered or not (an open loop): a slow server does not make its
 * own load lighter, and latency counts from the moment at which the order was due.
 *
 * Usage: orders.ts [--rate 200] [--seconds 60] [--database sqlite|postgresql|both]
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    database: { type: 'string', default: 'both' },
    /** This file again, as the server that is measured. */
    serve: { type: 'boolean', default: false },
  },
});
/** Connections of the load: more than wait at a time unless the server is overrun. */
const SOCKETS_MAX = 128;
/** Customers; some order again while their last order is on its way, as on a busy evening. */
const CUSTOMERS = 5_000;
/** Until this long after the last order, every event must have been handled. */
const DRAIN_TIMEOUT_MS = 30_000;
const PIZZAS = ['Margherita', 'Marinara', 'Pepperoni', 'Capricciosa', 'Ortolana', 'Diavola'];

interface Result {
  readonly accepted: number;
  readonly failures: ReadonlyMap<string, number>;
  /** Sorted. */
  readonly latenciesMs: readonly number[];
  readonly tookMs: number;
}

async function serve(): Promise<void> {
  const { runPizzeria } = await import('../apps/pizzeria/run-pizzeria.ts');
  const pizzeria = await runPizzeria({
    host: '127.0.0.1',
    port: 0,
    dataDir: process.env.BENCH_DATA ?? ':memory:',
    databaseUrl: process.env.DATABASE_URL,
  });
  process.on('message', async (message) => {
    if (message === 'usage') process.send!({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() });
    if (message === 'stop') {
      await pizzeria.close();
      process.exit(0);
    }
  });
  process.on('disconnect', () => process.exit(1));
  process.send!({ address: pizzeria.address });
}

async function load(address: string, rate: number, seconds: number): Promise<Result> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const { hostname, port } = new URL(address);
  const latenciesMs: number[] = [];
  const failures = new Map<string, number>();
  const open = new Set<Promise<void>>();
  let accepted = 0;
  const order = (number: number, dueMs: number) =>
    new Promise<void>((resolve) => {
      const body = JSON.stringify(orderOf(number));
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': `bench-${number}`,
      };
      const end = (outcome: string | undefined) => {
        latenciesMs.push(performance.now() - dueMs);
        if (outcome === undefined) accepted += 1;
        else failures.set(outcome, (failures.get(outcome) ?? 0) + 1);
        resolve();
      };
      const request = http.request({ hostname, port, path: '/api/orders/', method: 'POST', headers, agent });
      request.on('response', (response) => {
        response.resume();
        response.on('end', () => end(response.statusCode === 201 ? undefined : `status ${response.statusCode}`));
      });
      request.on('error', (error) => end((error as NodeJS.ErrnoException).code ?? error.message));
      request.end(body);
    });
  const startMs = performance.now();
  for (let number = 0; number < rate * seconds; number += 1) {
    const dueMs = startMs + (number * 1000) / rate;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const sent = order(number, dueMs);
    open.add(sent);
    void sent.then(() => open.delete(sent));
  }
  await Promise.all(open);
  agent.destroy();
  latenciesMs.sort((left, right) => left - right);
  return { accepted, failures, latenciesMs, tookMs: performance.now() - startMs };
}

function orderOf(number: number) {
  const pizza = PIZZAS[number % PIZZAS.length]!;
  const customer = number % CUSTOMERS;
  return {
    customer: {
      name: `Customer ${customer}`,
      phone: `+1555${String(customer).padStart(6, '0')}`,
      address: '12 Via Toledo',
    },
    items: [{ pizza, size: 'medium', toppings: ['capers'], quantity: 1 + (number % 2) }],
    paymentMethod: number % 4 === 0 ? 'cash' : 'card',
  };
}

/** Orders that the hour-by-hour sales know of: a reaction to an event wrote each of them. */
async function countedByEvents(address: string): Promise<number> {
  const points = (await (await fetch(`${address}/api/statistics/series`)).json()) as { orders: number }[];
  return points.reduce((sum, point) => sum + point.orders, 0);
}

async function untilCounted(address: string, orders: number): Promise<{ counted: number; drainMs: number }> {
  const startMs = performance.now();
  for (;;) {
    const counted = await countedByEvents(address);
    const drainMs = performance.now() - startMs;
    if (counted >= orders || drainMs > DRAIN_TIMEOUT_MS) return { counted, drainMs };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function bench(name: string, environment: NodeJS.ProcessEnv, collectorUrl: string): Promise<boolean> {
  const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
  const server = fork(import.meta.filename, ['--serve'], {
    env: {
      ...process.env,
      ...environment,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const [{ address }] = (await once(server, 'message')) as [{ address: string }];
    const before = await usage(server);
    const { accepted, failures, latenciesMs, tookMs } = await load(address, rate, seconds);
    const after = await usage(server);
    const { counted, drainMs } = await untilCounted(address, accepted);
    const cpuMs = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    const at = (share: number) =>
      latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))]!;
    const failed = [...failures].map(([outcome, count]) => `${count} × ${outcome}`).join(', ') || 'no error';
    console.log(
      `${name}: ${accepted} of ${rate * seconds} orders at ${rate}/s in ${(tookMs / 1000).toFixed(1)} s, ${failed}; ` +
        `p50 ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(0)} ms; ` +
        `${((100 * cpuMs) / tookMs).toFixed(0)} % of a core, ${(cpuMs / accepted).toFixed(2)} ms an order; ` +
        `events of ${counted} orders handled ${drainMs.toFixed(0)} ms after the last; ${(after.rss / 2 ** 20).toFixed(0)} MB`,
    );
    server.send('stop');
    await once(server, 'exit');
    return failures.size === 0 && counted === accepted;
  } finally {
    server.kill('SIGKILL');
  }
}

async function usage(server: ChildProcess): Promise<{ cpu: NodeJS.CpuUsage; rss: number }> {
  server.send('usage');
  const [answer] = await once(server, 'message');
  return answer;
}

async function benchSqlite(collectorUrl: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'mario-bench-orders-'));
  try {
    return await bench('SQLite', { BENCH_DATA: folder, DATABASE_URL: '' }, collectorUrl);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As Debian installs it: every commit is on the disk before it is acknowledged. */
async function benchPostgres(collectorUrl: string): Promise<boolean> {
  const versions = '/usr/lib/postgresql';
  const version = existsSync(versions) ? readdirSync(versions).sort().at(-1) : undefined;
  if (version === undefined) {
    console.log('PostgreSQL: skipped, it is not installed');
    return true;
  }
  const bin = join(versions, version, 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'mario-bench-orders-'));
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const user = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  const options = { ...user, cwd: folder, stdio: 'ignore' as const };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'mario', '-A', 'trust', '-E', 'UTF8'], options);
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
  const control = (...args: string[]) => execFileSync(join(bin, 'pg_ctl'), ['-D', data, '-w', ...args], options);
  try {
    control('-o', settings, '-l', join(folder, 'log'), 'start');
    return await bench('PostgreSQL', { DATABASE_URL: `postgresql://mario@127.0.0.1:${port}/postgres` }, collectorUrl);
  } finally {
    control('-m', 'immediate', 'stop');
    rmSync(folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Takes every request and says that all is well. */
async function startCollector(): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    // The pizzeria leaves at the end of a measurement, whatever is on its way.
    request.on('error', () => {});
    request.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function main(): Promise<number> {
  const collector = await startCollector();
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const results: boolean[] = [];
  if (values.database !== 'postgresql') results.push(await benchSqlite(url));
  if (values.database !== 'sqlite') results.push(await benchPostgres(url));
  return results.every((isWell) => isWell) ? 0 : 1;
}

if (values.serve) await serve();
else process.exit(await main());
