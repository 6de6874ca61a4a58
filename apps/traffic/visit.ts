// One visit to the pizzeria: what a person does from the menu to the door, or up to where it goes wrong.

import { type Guest, seesPages } from './guest.ts';
import { tasteOf } from './habits.ts';
import { lookAfterProfile, type OrderItem, theUsual } from './member-visit.ts';
import type { Members } from './members.ts';
import type { Pace } from './pace.ts';
import type { Order, PizzeriaApi } from './pizzeria-client.ts';
import type { Random } from './random.ts';

/** What kinds of visits there are, and how often each comes in a thousand. */
export const VISITS = {
  order: 900,
  replay: 15,
  impatient: 25,
  'unknown-pizza': 12,
  'empty-order': 8,
  'negative-quantity': 8,
  'malformed-order': 6,
  'too-early': 10,
  'lost-order': 8,
  'lost-page': 8,
} as const satisfies Record<string, number>;
export type VisitKind = keyof typeof VISITS;

/** In simulated milliseconds: reading the menu, changing one's mind, and between two looks at the own order. */
const READING_MS = [45_000, 180_000] as const;
const SECOND_THOUGHTS_MS = [15_000, 120_000] as const;
const LOOK_MS = [90_000, 270_000] as const;
/** Of those who are logged in, so many share a computer. */
const LOGOUT_SHARE = 0.2;
/** Real: an open page is a socket, and a socket knows no faster day. */
const WATCHING_REAL_MS = 8_000;

export interface Visitor {
  readonly client: PizzeriaApi;
  readonly pace: Pace;
  readonly random: Random;
  readonly guest: Guest;
  /** Tells the runs of one seed apart: a second run makes new orders, it does not replay those of the first. */
  readonly run: string;
  /** Names that the menu of the day has. */
  readonly toppings: readonly string[];
  readonly members: Members;
  /** True once they have logged in: the house knows where they live and what they had. */
  readonly isKnown?: boolean;
}

export function kindOf(random: Random): VisitKind {
  const kinds = Object.entries(VISITS) as [VisitKind, number][];
  let left = random.next() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of kinds) if ((left -= weight) < 0) return kind;
  return 'order';
}

/** Looks around and goes away again, as many do. */
export async function browse({ client, pace, random }: Visitor): Promise<void> {
  await client.get('/');
  await client.get('/api/menu/');
  if (!(await pace.wait(random.whole(...READING_MS)))) return;
  if (random.chance(0.3)) await client.get('/api/toppings/');
  if (random.chance(0.1)) await client.get('/api/docs');
}

/** Returns the order that was accepted, if one was. */
export async function visit(kind: VisitKind, visitor: Visitor): Promise<Order | undefined> {
  const { client, pace, random, guest } = visitor;
  const withPages = seesPages(guest);
  if (withPages) await client.get('/');
  await client.get('/api/menu/');
  if (!(await pace.wait(random.whole(...READING_MS)))) return undefined;
  if (random.chance(0.4)) await client.get('/api/toppings/');
  const known = await enter(visitor);
  if (withPages) await known.client.get('/checkout');
  const order = await FLOWS[kind](known);
  if (known.isKnown) await lookAfterProfile(known, order, withPages);
  if (known.isKnown && random.chance(LOGOUT_SHARE)) await visitor.members.leave(known.client, guest);
  return order;
}

async function enter(visitor: Visitor): Promise<Visitor> {
  const { client, random, guest, members } = visitor;
  const { account } = guest;
  const house = account && (await members.enter(client, { guest, account, random }));
  return house === undefined ? visitor : { ...visitor, client: house, isKnown: true };
}

type Flow = (visitor: Visitor) => Promise<Order | undefined>;

const FLOWS: Record<VisitKind, Flow> = {
  order: async (visitor) => follow(visitor, await place(visitor, await orderOf(visitor))),

  // A finger that presses twice, or a phone that lost the answer: one order.
  async replay(visitor) {
    const [order, key] = [await orderOf(visitor), keyOf(visitor)];
    await place(visitor, order, key);
    return follow(visitor, await place(visitor, order, key));
  },

  async impatient(visitor) {
    const order = await place(visitor, await orderOf(visitor));
    if (order === undefined || !(await visitor.pace.wait(visitor.random.whole(...SECOND_THOUGHTS_MS)))) return order;
    const reason = visitor.random.pick(['waited too long', 'changed my mind', 'ordered the wrong pizza by mistake']);
    await visitor.client.put(`/api/orders/${order.id}/cancel`, { reason });
    return order;
  },

  'unknown-pizza': (visitor) => refused(visitor, { items: [{ pizza: 'Hawaii', size: 'large', quantity: 1 }] }),
  'empty-order': (visitor) => refused(visitor, { items: [] }),
  'negative-quantity': (visitor) =>
    refused(visitor, { items: [{ pizza: 'Margherita', size: 'small', quantity: -visitor.random.whole(1, 3) }] }),

  async 'malformed-order'({ client }) {
    await client.post('/api/orders/', '{"customer": {"name": "Ada", "items": [');
    return undefined;
  },

  // Somebody presses "delivered" on an order that has not been cooked.
  async 'too-early'(visitor) {
    const order = await place(visitor, await orderOf(visitor));
    if (order !== undefined) await visitor.client.put(`/api/orders/${order.id}/deliver`);
    return order;
  },

  async 'lost-order'({ client, random }) {
    const id = `00000000-0000-7000-8000-${String(random.whole(0, 999_999)).padStart(12, '0')}`;
    await client.get(`/orders/${id}`);
    await client.get(`/api/orders/${id}`);
    return undefined;
  },

  async 'lost-page'({ client }) {
    await client.get('/specials/yesterday');
    return undefined;
  },
};

function place(visitor: Visitor, order: object, key = keyOf(visitor)): Promise<Order | undefined> {
  return visitor.client.post('/api/orders/', order, { 'idempotency-key': key }).then((answer) => answer.body);
}

/** Asks for what cannot be, then orders something sensible after all, as people do. */
async function refused(visitor: Visitor, part: object): Promise<Order | undefined> {
  await visitor.client.post('/api/orders/', { ...(await orderOf(visitor)), ...part });
  return visitor.random.chance(0.5) ? place(visitor, await orderOf(visitor)) : undefined;
}

/** Watches the order from the tracking page, now and then by its live stream, until it is in the oven or patience ends. */
async function follow(visitor: Visitor, order: Order | undefined): Promise<Order | undefined> {
  if (order === undefined) return undefined;
  const { client, pace, random, guest } = visitor;
  const givesUpAtMs = pace.nowMs() + guest.habits.patienceMinutes * 60_000;
  await client.get(`/orders/${order.id}`);
  if (random.chance(0.3)) await client.watch(`/api/orders/${order.id}/events`, WATCHING_REAL_MS);
  for (;;) {
    if (!(await pace.wait(random.whole(...LOOK_MS)))) return order;
    const seen = await client.get<Order>(`/api/orders/${order.id}`);
    // Nobody gives up a pizza that is in the oven.
    if (seen.body !== undefined && !STILL_WAITING.has(seen.body.status)) return seen.body;
    if (pace.nowMs() < givesUpAtMs) continue;
    await client.put(`/api/orders/${order.id}/cancel`, { reason: 'waited too long' });
    return order;
  }
}

const STILL_WAITING: ReadonlySet<string> = new Set(['pending', 'confirmed']);

async function orderOf(visitor: Visitor): Promise<object> {
  const { random, guest, isKnown } = visitor;
  const items = (isKnown && (await theUsual(visitor))) || itemsOf(visitor);
  return {
    ...(!isKnown && { customer: guest.contact }),
    items,
    paymentMethod: guest.habits.paymentMethod,
    ...(random.chance(0.1) && { notes: random.pick(['Ring twice', 'Leave it at the door', 'Well done, please']) }),
  };
}

function itemsOf({ random, guest: { habits }, toppings }: Visitor): OrderItem[] {
  const lines = random.chance(0.3) ? 2 : 1;
  return Array.from({ length: lines }, (_, index) => ({
    pizza: index === 0 && random.chance(habits.loyalty) ? habits.favourite : tasteOf(random),
    size: habits.size,
    toppings: toppings.length > 0 && habits.likesExtras ? [random.pick(toppings)] : [],
    quantity: random.chance(0.8) ? 1 : random.whole(2, 4),
  }));
}

function keyOf({ random, run }: Visitor): string {
  return `visit-${Array.from({ length: 4 }, () => random.whole(0, 0xffff_ffff).toString(36)).join('-')}-${run}`;
}
