import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET_INSTRUMENTS, startPizzeria } from '@mario/pizzeria';
import { demandAt } from './day.ts';
import { guestOf } from './guest.ts';
import { startTraffic } from './index.ts';
import { randomOf } from './random.ts';
import { kindOf, VISITS } from './visit.ts';

const SILENT = { info() {}, warn() {} };

test('the day has two peaks and no hour without guests', () => {
  const at = (hour: number) => demandAt(new Date(2026, 5, 1, hour, 30).getTime());
  const hours = Array.from({ length: 24 }, (_, hour) => at(hour));
  assert.ok(Math.min(...hours) > 0.5);
  assert.ok(at(12) > at(9) && at(12) > at(15) && at(19) > at(12) && at(19) > at(23));
  const mean = hours.reduce((sum, demand) => sum + demand, 0) / 24;
  assert.ok(mean > 0.8 && mean < 1.2, `the mean is ${mean}`);
});

test('the same seed gives the same guests and wishes', () => {
  const day = (seed: number) =>
    Array.from({ length: 50 }, (_, number) => [guestOf(seed, number), kindOf(randomOf(seed, number))]);
  assert.deepEqual(day(7), day(7));
  assert.notDeepEqual(day(7), day(8));
});

test('a few per cent of the visits fail honestly', () => {
  const random = randomOf(3);
  const kinds = Array.from({ length: 10_000 }, () => kindOf(random));
  const share = kinds.filter((kind) => kind !== 'order').length / kinds.length;
  assert.ok(share > 0.05 && share < 0.15, `the share is ${share}`);
  assert.deepEqual(new Set(kinds), new Set(Object.keys(VISITS)));
});

test('in the first minute every operation is used, and orders reach the door', async () => {
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
  const abort = new AbortController();
  // Forty times as fast: the first simulated minute takes a second and a half.
  const traffic = startTraffic({
    baseUrl: pizzeria.address,
    ordersPerMinute: 30,
    seed: 42,
    speed: 40,
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
  const giveUpAtMs = Date.now() + 15_000;
  while (missing().length > 0 && Date.now() < giveUpAtMs) await new Promise((resolve) => setTimeout(resolve, 50));
  abort.abort();
  await traffic.done;
  assert.deepEqual(missing(), []);
  const response = await fetch(`${pizzeria.address}/api/statistics/`);
  const statistics = (await response.json()) as { ordersByStatus: { delivered: number } };
  assert.ok(statistics.ordersByStatus.delivered > 0);
  await pizzeria.close();
});

test('a pizzeria that is away is tried again; the day can be called off meanwhile', async () => {
  const warnings: string[] = [];
  const abort = new AbortController();
  const log = { info() {}, warn: (message: string) => warnings.push(message) };
  const options = {
    baseUrl: 'http://127.0.0.1:9',
    ordersPerMinute: 600,
    seed: 1,
    speed: 10,
    log,
    signal: abort.signal,
  };
  const traffic = startTraffic(options);
  await new Promise((resolve) => setTimeout(resolve, 200));
  abort.abort();
  await traffic.done;
  assert.ok(warnings.length >= 1 && warnings.length < 5, `one line, not one for every visitor: ${warnings.length}`);
});
