// A whole day of the simulated world in virtual time, against a pizzeria that answers at once: what the people do, in
// which order, and that the same seed does it again.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Pace } from './pace.ts';
import type { Answer, Order, PizzeriaApi, RequestHeaders } from './pizzeria-client.ts';
import { runWorld } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MIDNIGHT_MS = new Date(2026, 5, 1).getTime();

/** Time that moves only when everybody waits, to whoever waits the shortest. */
class VirtualPace implements Pace {
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  #nowMs = MIDNIGHT_MS;
  #number = 0;
  #waiting: { atMs: number; number: number; wake: (goesOn: boolean) => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  realMs(simulatedMs: number): number {
    return simulatedMs;
  }

  wait(simulatedMs: number): Promise<boolean> {
    if (this.signal.aborted) return Promise.resolve(false);
    return new Promise((wake) => {
      this.#waiting.push({ atMs: this.#nowMs + simulatedMs, number: (this.#number += 1), wake });
    });
  }

  async run(untilMs: number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#waiting.sort((left, right) => left.atMs - right.atMs || left.number - right.number);
      const next = this.#waiting[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#waiting.shift();
      this.#nowMs = next.atMs;
      next.wake(true);
    }
    this.#abort.abort();
    for (const { wake } of this.#waiting) wake(false);
  }
}

const OVENS = 5;

interface Step {
  readonly atMs: number;
  readonly what: string;
}

/** As much of a pizzeria as the simulated people notice. */
class StubPizzeria implements PizzeriaApi {
  readonly steps: Step[] = [];
  readonly cooks = new Set<string>();
  readonly #pace: Pace;
  readonly #orders = new Map<string, Order>();
  readonly #keys = new Map<string, string>();
  /** What each member ordered, by login. */
  readonly histories = new Map<string, { id: string; status: string; items: object }[]>();
  tokens = 0;
  /** While it is on, no order is ever done. */
  ovenIsSlow = false;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  async get<T>(path: string, headers: RequestHeaders = {}): Promise<Answer<T>> {
    const member = this.#memberOf(headers);
    if (path.startsWith('/api/customers/me/orders')) return ok((this.histories.get(member!) ?? []).toReversed() as T);
    if (path === '/api/auth/me') return member === undefined ? { status: 401, body: undefined } : ok({} as T);
    const status = /^\/api\/orders\/\?status=(\w+)/.exec(path)?.[1];
    if (status !== undefined) return ok(this.#inStatus(status) as T);
    if (path === '/api/toppings/') return ok([{ name: 'olives' }] as T);
    const order = this.#orders.get(path.replace('/api/orders/', ''));
    return order === undefined ? { status: 404, body: undefined } : ok(order as T);
  }

  async post<T>(path: string, body: object | string, headers: RequestHeaders = {}): Promise<Answer<T>> {
    if (path.startsWith('/api/auth/')) return this.#atTheDoor(path, body, headers);
    const member = this.#memberOf(headers);
    if (typeof body === 'object') assert.equal(member === undefined, 'customer' in body, 'the house knows members');
    const { items } = typeof body === 'string' ? { items: [] } : (body as { items: { quantity: number }[] });
    if (items.length === 0 || items.some(({ quantity }) => quantity < 1)) return { status: 422, body: undefined };
    const key = headers['idempotency-key'] ?? '';
    const id = this.#keys.get(key) ?? `order-${this.#orders.size}`;
    this.#keys.set(key, id);
    if (!this.#orders.has(id)) {
      this.#orders.set(id, { id, status: 'confirmed' });
      this.#note(`place ${JSON.stringify(items)}`);
      if (member !== undefined) this.histories.get(member)?.push({ id, status: 'confirmed', items });
    }
    return { status: 201, body: this.#orders.get(id) as T };
  }

  async put<T>(path: string, body?: object): Promise<Answer<T>> {
    const [, id = '', step = ''] = /^\/api\/orders\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    const order = this.#orders.get(id);
    const next = { cook: 'cooking', ready: 'ready', assign: 'delivering', deliver: 'delivered', cancel: 'cancelled' }[
      step
    ];
    if (order === undefined || next === undefined || !mayBecome(order.status, next)) {
      return { status: 409, body: undefined, problem: 'order-transition-allowed' };
    }
    if (step === 'cook' && this.count('cooking') >= OVENS) return { status: 409, body: undefined };
    if (step === 'ready' && this.ovenIsSlow) return { status: 409, body: undefined, problem: 'oven-still-baking' };
    const moved = { id, status: next };
    this.#orders.set(id, moved);
    if (step === 'cook') this.cooks.add((body as { cookId: string }).cookId);
    this.#note(`${step} ${id}`);
    return ok(moved as T);
  }

  async watch(): Promise<void> {}

  /** Passwords are right unless they end in a slip of the finger; a cookie is the login, a token is the cookie. */
  #atTheDoor<T>(path: string, body: object | string, headers: RequestHeaders): Answer<T> {
    const fields = new URLSearchParams(typeof body === 'string' ? body : {});
    if (path === '/api/auth/token') {
      const code = fields.get('code') ?? fields.get('refresh_token')!;
      this.tokens += 1;
      return ok({ access_token: code, refresh_token: code, expires_in: 900 } as T);
    }
    if (path === '/api/auth/authorize') {
      const location = `http://127.0.0.1:1/callback?code=${encodeURIComponent(this.#memberOf(headers)!)}`;
      return { status: 303, body: undefined, headers: new Headers({ location }) };
    }
    if (path === '/api/auth/logout') return { status: 204, body: undefined };
    const { login, password } = body as { login: string; password: string };
    if (password.endsWith('#')) return { status: 401, body: undefined, problem: 'login-refused' };
    if (path === '/api/auth/register' && this.histories.has(login)) {
      return { status: 409, body: undefined, problem: 'login-taken' };
    }
    if (path === '/api/auth/register') this.histories.set(login, []);
    this.#note(`${path} ${login}`);
    const headersOut = new Headers({ 'set-cookie': `mario_session=${login}; HttpOnly` });
    return { status: 200, body: undefined, headers: headersOut };
  }

  #memberOf({ cookie, authorization }: RequestHeaders): string | undefined {
    return (cookie ?? authorization)?.replace(/^(?:mario_session=|Bearer )/, '');
  }

  count(status: string): number {
    return this.#inStatus(status).length;
  }

  /** Newest first, as the real one. */
  #inStatus(status: string): Order[] {
    return [...this.#orders.values()].filter((order) => order.status === status).toReversed();
  }

  #note(what: string): void {
    this.steps.push({ atMs: this.#pace.nowMs() - MIDNIGHT_MS, what });
  }
}

function ok<T>(body: T): Answer<T> {
  return { status: 200, body };
}

function mayBecome(from: string, to: string): boolean {
  const before: Record<string, string[]> = {
    cooking: ['confirmed'],
    ready: ['cooking'],
    delivering: ['ready'],
    delivered: ['delivering'],
    cancelled: ['confirmed', 'cooking', 'ready'],
  };
  return before[to]!.includes(from);
}

async function day(seed: number, hours = 24, prepare?: (pizzeria: StubPizzeria) => void): Promise<StubPizzeria> {
  const pace = new VirtualPace();
  const pizzeria = new StubPizzeria(pace);
  prepare?.(pizzeria);
  const log = {
    info() {},
    warn: (message: string, fields?: object) => assert.fail(`${message} ${JSON.stringify(fields)}`),
  };
  const options = { ordersPerMinute: 0.2, seed, run: 'test', log };
  const world = runWorld(options, pace, { guests: pizzeria, staff: pizzeria });
  await pace.run(MIDNIGHT_MS + hours * HOUR_MS);
  await world;
  return pizzeria;
}

const fingerprint = ({ steps }: StubPizzeria) => createHash('sha256').update(JSON.stringify(steps)).digest('hex');

test('the same seed gives the same day, step by step; another seed another one', async () => {
  const [first, again, other] = [await day(42), await day(42), await day(43)];
  assert.equal(fingerprint(first), fingerprint(again));
  assert.notEqual(fingerprint(first), fingerprint(other));
  const placed = first.steps.filter(({ what }) => what.startsWith('place'));
  assert.ok(placed.length > 200 && placed.length < 400, `${placed.length} orders`);
  const between = (from: number, until: number) =>
    placed.filter(({ atMs }) => atMs >= from * HOUR_MS && atMs < until * HOUR_MS).length / (until - from);
  assert.ok(between(18, 21) > 1.5 * between(1, 6), 'the evening is busier than the night');
});

test('people work at human speed, and orders reach the door in the promised time', async () => {
  const { steps, cooks } = await day(7, 12);
  assert.deepEqual([...cooks].sort(), ['cook-1', 'cook-2', 'cook-3', 'cook-4']);
  const at = (what: string) => steps.find((step) => step.what === what)?.atMs;
  const delivered = steps.filter(({ what }) => what.startsWith('deliver '));
  assert.ok(delivered.length > 40);
  for (const { what, atMs } of delivered) {
    const id = what.slice('deliver '.length);
    const bakedMs = at(`ready ${id}`)! - at(`cook ${id}`)!;
    const drivenMs = atMs - at(`assign ${id}`)!;
    assert.ok(bakedMs >= 4 * MINUTE_MS && bakedMs <= 8 * MINUTE_MS, `${id} baked ${bakedMs} ms`);
    assert.ok(drivenMs >= 3 * MINUTE_MS && drivenMs <= 21 * MINUTE_MS, `${id} was on the road for ${drivenMs} ms`);
    assert.ok(atMs - at(`cook ${id}`)! < 40 * MINUTE_MS);
  }
});

test('guests with an account register once, log in again, order as themselves, and mostly the usual', async () => {
  const pizzeria = await day(11);
  const placed = pizzeria.steps.filter(({ what }) => what.startsWith('place')).length;
  const registered = pizzeria.steps.filter(({ what }) => what.startsWith('/api/auth/register'));
  const loggedIn = pizzeria.steps.filter(({ what }) => what.startsWith('/api/auth/login'));
  assert.ok(registered.length > 20, `${registered.length} registered`);
  assert.equal(new Set(registered.map(({ what }) => what)).size, registered.length, 'each once');
  assert.ok(loggedIn.length > 0 && loggedIn.length < registered.length, 'most stay logged in');
  assert.ok(pizzeria.tokens > 0, 'somebody orders with a program');
  const histories = [...pizzeria.histories.values()].filter((orders) => orders.length > 1);
  const share = [...pizzeria.histories.values()].flat().length / placed;
  assert.ok(share > 0.4 && share < 0.75, `${share} of the orders are placed with an account`);
  const repeats = histories.flatMap((orders) =>
    orders.slice(1).map(({ items }, index) => JSON.stringify(items) === JSON.stringify(orders[index]!.items)),
  );
  const usual = repeats.filter(Boolean).length / repeats.length;
  assert.ok(usual > 0.5, `${usual} of the returning customers have the usual`);
});

test('who waits too long cancels, and the cooks keep trying a slow oven', async () => {
  const good = await day(7, 8);
  const slow = await day(7, 8, (pizzeria) => {
    pizzeria.ovenIsSlow = true;
  });
  assert.equal(slow.count('delivered'), 0);
  assert.ok(slow.count('cancelled') > 5 * Math.max(1, good.count('cancelled')), `${slow.count('cancelled')} cancelled`);
});
