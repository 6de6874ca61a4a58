import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { PaymentUnreachable } from '../application/failure.ts';
import { NO_HINDRANCES } from '../application/hindrances.ts';
import { CircuitBreaker, CircuitOpen, type CircuitState } from './circuit-breaker.ts';
import { HttpPayment, type HttpPaymentOptions } from './http-payment.ts';

interface Call {
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
}

let server: Server;
let calls: Call[];
let answers: { status: number; body?: object }[];
let nowMs = 0;
const clock = { nowMs: () => nowMs };
const payment = (hindrances: HttpPaymentOptions['hindrances'] = NO_HINDRANCES) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return new HttpPayment({ url, clock, random: () => 0, hindrances });
};

before(async () => {
  server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    calls.push({ path: request.url!, key: String(request.headers['idempotency-key']), body });
    const { status, body: answer } = answers.shift() ?? { status: 500 };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.close();
});
beforeEach(() => {
  calls = [];
  answers = [];
});

test('a charge is accepted or declined; a refund names the charge', async () => {
  answers = [
    { status: 201, body: { reference: 'p-1' } },
    { status: 402, body: { reason: 'no funds' } },
    { status: 201 },
  ];
  assert.deepEqual(await payment().charge('o-1', 500), { accepted: true, reference: 'p-1' });
  assert.deepEqual(await payment().charge('o-2', 500), { accepted: false, reason: 'no funds' });
  await payment().refund('o-1', 'p-1', 500);
  assert.deepEqual(calls, [
    { path: '/charges', key: 'charge-o-1', body: { orderId: 'o-1', amountCents: 500 } },
    { path: '/charges', key: 'charge-o-2', body: { orderId: 'o-2', amountCents: 500 } },
    { path: '/refunds', key: 'refund-o-1', body: { orderId: 'o-1', reference: 'p-1', amountCents: 500 } },
  ]);
});

test('a void tells of a charge that was made; a provider without voids says nothing', async () => {
  answers = [{ status: 200, body: { reference: 'p-1' } }, { status: 200 }, { status: 404 }];
  const provider = payment();
  assert.equal(await provider.voidCharge('o-1'), 'p-1');
  assert.equal(await provider.voidCharge('o-2'), undefined);
  assert.equal(await provider.voidCharge('o-3'), undefined);
  assert.deepEqual(calls[0], { path: '/voids', key: 'void-o-1', body: { orderId: 'o-1' } });
});

test('a busy or failing provider is tried three times with the same key; a confused one is not', async () => {
  answers = [{ status: 503 }, { status: 429 }, { status: 201, body: { reference: 'p-3' } }];
  assert.deepEqual(await payment().charge('o-3', 1), { accepted: true, reference: 'p-3' });
  assert.deepEqual(new Set(calls.map((call) => call.key)), new Set(['charge-o-3']));
  answers = [{ status: 404 }];
  await assert.rejects(payment().charge('o-4', 1), PaymentUnreachable);
  assert.equal(calls.length, 4);
});

test('nobody there is unreachable, and after five failures in a row nobody waits any more', async () => {
  const away = new HttpPayment({ url: 'http://127.0.0.1:9', clock, random: () => 0 });
  await assert.rejects(away.charge('o', 1), PaymentUnreachable);
  await assert.rejects(away.charge('o', 1), /failed too often/);
});

test('the circuit opens, lets one probe through, and closes when it succeeds', async () => {
  const breaker = new CircuitBreaker({ failuresMax: 2, openMs: 1000 }, clock);
  const fail = () => breaker.run(() => Promise.reject(new Error('away')));
  await assert.rejects(fail(), /away/);
  await assert.rejects(fail(), /away/);
  await assert.rejects(fail(), CircuitOpen);
  nowMs += 1000;
  let finish = (): void => {};
  const probe = breaker.run(() => new Promise<void>((resolve) => (finish = resolve)));
  await assert.rejects(fail(), CircuitOpen, 'only one probe at a time');
  finish();
  await probe;
  assert.equal(await breaker.run(async () => 'open again'), 'open again');
});

test('a probe that fails keeps the circuit open', async () => {
  const breaker = new CircuitBreaker({ failuresMax: 1, openMs: 1000 }, clock);
  const fail = () => breaker.run(() => Promise.reject(new Error('away')));
  await assert.rejects(fail(), /away/);
  nowMs += 1000;
  await assert.rejects(fail(), /away/);
  await assert.rejects(fail(), CircuitOpen);
});

test('every state of the circuit is told, once', async () => {
  const states: CircuitState[] = [];
  const breaker = new CircuitBreaker({ failuresMax: 1, openMs: 1000 }, clock, (state) => states.push(state));
  await assert.rejects(
    breaker.run(() => Promise.reject(new Error('away'))),
    /away/,
  );
  nowMs += 1000;
  await breaker.run(async () => {});
  assert.deepEqual(states, ['closed', 'open', 'half-open', 'closed']);
});

test('a call that began before the circuit opened does not close it', async () => {
  const breaker = new CircuitBreaker({ failuresMax: 1, openMs: 1000 }, clock);
  let finish = (): void => {};
  const early = breaker.run(() => new Promise<void>((resolve) => (finish = resolve)));
  await assert.rejects(
    breaker.run(() => Promise.reject(new Error('away'))),
    /away/,
  );
  finish();
  await early;
  await assert.rejects(
    breaker.run(async () => {}),
    CircuitOpen,
  );
});

test('why nobody answered is told by name', async () => {
  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      (error: PaymentUnreachable) => error.reason,
    );
  answers = [{ status: 503 }, { status: 503 }, { status: 503 }];
  assert.equal(await reasonOf(payment().charge('o-5', 1)), 'failing');
  answers = [{ status: 201 }];
  assert.equal(await reasonOf(payment().charge('o-6', 1)), 'confused');
  const away = new HttpPayment({ url: 'http://127.0.0.1:9', clock, random: () => 0 });
  assert.equal(await reasonOf(away.charge('o-7', 1)), 'refused');
  await reasonOf(away.charge('o-7', 1));
  assert.equal(await reasonOf(away.charge('o-7', 1)), 'circuit_open');
});

test('a cut line is an unreachable provider that heard of nothing', async () => {
  await assert.rejects(payment({ cutsPayment: async () => true }).charge('o-8', 1), PaymentUnreachable);
  assert.deepEqual(calls, []);
});
