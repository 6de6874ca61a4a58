// One visit to the pizzeria: what a person does from the menu to the door, or up to where it goes wrong.

import { type Guest, guestOf } from './guest.ts';
import type { Pace } from './pace.ts';
import type { Order, PizzeriaClient } from './pizzeria-client.ts';
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

const SIZES = ['small', 'medium', 'medium', 'large'] as const;
/** Reading a menu, in simulated milliseconds. */
const READING_MS = [1_500, 6_000] as const;
const WATCHING_MS = 8_000;

export interface Visitor {
  readonly client: PizzeriaClient;
  readonly pace: Pace;
  readonly random: Random;
  readonly guest: Guest;
  /** Names that the menu of the day has. */
  readonly toppings: readonly string[];
}

/** A person who comes back has a number below the newest one. */
export function guestFor(seed: number, random: Random, newest: number): { guest: Guest; isNew: boolean } {
  const isNew = newest === 0 || random.chance(0.35);
  return { guest: guestOf(seed, isNew ? newest : random.whole(0, newest - 1)), isNew };
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
  const { client, pace, random } = visitor;
  await client.get('/');
  await client.get('/api/menu/');
  if (!(await pace.wait(random.whole(...READING_MS)))) return undefined;
  if (random.chance(0.4)) await client.get('/api/toppings/');
  await client.get('/checkout');
  return FLOWS[kind](visitor);
}

type Flow = (visitor: Visitor) => Promise<Order | undefined>;

const FLOWS: Record<VisitKind, Flow> = {
  order: async (visitor) => follow(visitor, await place(visitor, orderOf(visitor))),

  // A finger that presses twice, or a phone that lost the answer: one order.
  async replay(visitor) {
    const [order, key] = [orderOf(visitor), keyOf(visitor.random)];
    await place(visitor, order, key);
    return follow(visitor, await place(visitor, order, key));
  },

  async impatient(visitor) {
    const order = await place(visitor, orderOf(visitor));
    if (order === undefined || !(await visitor.pace.wait(visitor.random.whole(500, 4_000)))) return order;
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
    const order = await place(visitor, orderOf(visitor));
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

function place({ client, random }: Visitor, order: object, key = keyOf(random)): Promise<Order | undefined> {
  return client.post('/api/orders/', order, { 'idempotency-key': key }).then((answer) => answer.body);
}

/** Asks for what cannot be, then orders something sensible after all, as people do. */
async function refused(visitor: Visitor, part: object): Promise<Order | undefined> {
  await visitor.client.post('/api/orders/', { ...orderOf(visitor), ...part });
  return visitor.random.chance(0.5) ? place(visitor, orderOf(visitor)) : undefined;
}

/** Watches the order for a while: the tracking page, and now and then its live stream or its state. */
async function follow({ client, pace, random }: Visitor, order: Order | undefined): Promise<Order | undefined> {
  if (order === undefined) return undefined;
  await client.get(`/orders/${order.id}`);
  if (random.chance(0.3)) {
    await client.watch(`/api/orders/${order.id}/events`, WATCHING_MS);
    return order;
  }
  for (let look = random.whole(1, 2); look > 0; look -= 1) {
    if (!(await pace.wait(random.whole(3_000, 9_000)))) return order;
    await client.get(`/api/orders/${order.id}`);
  }
  return order;
}

function orderOf({ random, guest, toppings }: Visitor): object {
  const { favourite, ...customer } = guest;
  const lines = random.chance(0.3) ? 2 : 1;
  const items = Array.from({ length: lines }, (_, index) => ({
    pizza: index === 0 && random.chance(0.6) ? favourite : guestOf(0, random.whole(0, 500)).favourite,
    size: random.pick(SIZES),
    toppings: toppings.length > 0 && random.chance(0.35) ? [random.pick(toppings)] : [],
    quantity: random.chance(0.8) ? 1 : random.whole(2, 4),
  }));
  return {
    customer,
    items,
    paymentMethod: random.chance(0.75) ? 'card' : 'cash',
    ...(random.chance(0.1) && { notes: random.pick(['Ring twice', 'Leave it at the door', 'Well done, please']) }),
  };
}

/** The time is in it because a second run of the same seed must make new orders, not replay those of the first. */
function keyOf(random: Random): string {
  return `visit-${Array.from({ length: 4 }, () => random.whole(0, 0xffff_ffff).toString(36)).join('-')}-${Date.now().toString(36)}`;
}
