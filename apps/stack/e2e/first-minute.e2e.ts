/** The first minute of a day: the traffic uses every operation of the pizzeria, so that no panel waits for chance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET_INSTRUMENTS, startPizzeria } from '@mario/pizzeria';
import { startTraffic } from '@mario/traffic';

const SILENT = { info() {}, warn() {} };

test('in the first minutes every operation is used, and orders reach the door', async (t) => {
  const asked = new Set<string>();
  const pizzeria = await startPizzeria({
    host: '127.0.0.1',
    port: 0,
    instruments: {
      ...QUIET_INSTRUMENTS,
      measureHttp: async (app, name) => {
        if (name !== 'main-app') return;
        app.addHook('onResponse', async (request, reply) => {
          asked.add(`${request.method} ${request.routeOptions.url ?? 'unmatched'} ${reply.statusCode}`);
        });
      },
    },
  });
  t.after(() => pizzeria.close());
  const abort = new AbortController();
  // Two hundred times as fast: a pizza takes two seconds, a tour six.
  const traffic = startTraffic({
    baseUrl: pizzeria.address,
    ordersPerMinute: 6,
    seed: 42,
    speed: 200,
    log: SILENT,
    signal: abort.signal,
  });
  const expected = [
    'GET / 200',
    'GET /checkout 200',
    'GET /orders/:id 200',
    'GET /orders/:id 404',
    'GET /kitchen 200',
    'GET /delivery 200',
    'GET /today 200',
    'GET /health 200',
    'GET unmatched 404',
    'GET /api/menu/ 200',
    'GET /api/toppings/ 200',
    'GET /api/orders/ 200',
    'GET /api/orders/:id 200',
    'GET /api/orders/:id 404',
    'GET /api/kitchen/ 200',
    'GET /api/deliveries/ 200',
    'GET /api/statistics/ 200',
    'POST /api/orders/ 201',
    'POST /api/orders/ 400',
    'POST /api/orders/ 422',
    'PUT /api/orders/:id/cook 200',
    'PUT /api/orders/:id/ready 200',
    'PUT /api/orders/:id/assign 200',
    'PUT /api/orders/:id/deliver 200',
    'PUT /api/orders/:id/deliver 409',
    'PUT /api/orders/:id/cancel 200',
  ];
  const missing = () => expected.filter((each) => !asked.has(each));
  const giveUpAtMs = Date.now() + 30_000;
  while (missing().length > 0 && Date.now() < giveUpAtMs) await new Promise((resolve) => setTimeout(resolve, 50));
  abort.abort();
  await traffic.done;
  assert.deepEqual(missing(), []);
  const response = await fetch(`${pizzeria.address}/api/statistics/`);
  const statistics = (await response.json()) as { ordersByStatus: { delivered: number } };
  assert.ok(statistics.ordersByStatus.delivered > 0);
  await pizzeria.close();
});

test('where the pizzeria asks who works there, the staff shows a token', async (t) => {
  const refused = new Set<string>();
  const pizzeria = await startPizzeria({
    host: '127.0.0.1',
    port: 0,
    identity: { auth: 'required', trafficSecret: 'a-secret-of-this-test' },
    instruments: {
      ...QUIET_INSTRUMENTS,
      measureHttp: async (app, name) => {
        if (name !== 'main-app') return;
        app.addHook('onResponse', async (request, reply) => {
          if (reply.statusCode === 401) refused.add(`${request.method} ${request.routeOptions.url}`);
        });
      },
    },
  });
  t.after(() => pizzeria.close());
  const warnings: string[] = [];
  const log = { info() {}, warn: (message: string) => void warnings.push(message) };
  const run = async (secret: string | undefined) => {
    const abort = new AbortController();
    const world = { baseUrl: pizzeria.address, ordersPerMinute: 6, seed: 42, speed: 200, log, signal: abort.signal };
    const traffic = startTraffic({ ...world, ...(secret && { login: { id: 'traffic', secret } }) });
    return async () => {
      abort.abort();
      await traffic.done;
    };
  };
  const endOfStrangers = await run(undefined);
  while (refused.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await endOfStrangers();
  assert.equal(warnings.filter((text) => text.includes('--login')).length, 1, 'told once');

  refused.clear();
  const endOfStaff = await run('a-secret-of-this-test');
  const response = () =>
    fetch(`${pizzeria.address}/api/auth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('traffic:a-secret-of-this-test').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
  const { access_token: token } = (await (await response()).json()) as { access_token: string };
  const delivered = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const statistics = await fetch(`${pizzeria.address}/api/statistics/`, { headers });
    return ((await statistics.json()) as { ordersByStatus: { delivered: number } }).ordersByStatus.delivered;
  };
  const giveUpAtMs = Date.now() + 30_000;
  while ((await delivered()) === 0 && Date.now() < giveUpAtMs) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok((await delivered()) > 0);
  await endOfStaff();
  // A guest who presses "delivered" is still refused, as everywhere.
  for (const step of ['cook', 'ready', 'assign']) assert.ok(!refused.has(`PUT /api/orders/:id/${step}`), step);
});
