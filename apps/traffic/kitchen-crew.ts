// The cooks: they take confirmed orders, keep them in the oven as long as a pizza needs, and box them.

import type { Pace } from './pace.ts';
import type { Order, PizzeriaApi } from './pizzeria-client.ts';
import type { Random } from './random.ts';

/** In simulated milliseconds: from one look at the board to the next. */
const LOOK_MS = 20_000;
/** Dough, toppings, oven and box, for all pizzas of an order. */
const COOKING_MS = [240_000, 480_000] as const;
/** When the oven is not done yet, the cook looks again after so long. */
const LOOK_AGAIN_MS = 60_000;
const ORDERS_PER_LOOK = 50;
/** They take turns, so that each has a share in the manager's numbers. */
const COOKS = 4;
/** Looks between two rounds in which orders of an earlier shift are taken over. */
const LOOKS_PER_ROUND = 20;

export async function cook(client: PizzeriaApi, pace: Pace, random: Random): Promise<void> {
  const minded = new Set<string>();
  const baking = new Set<Promise<void>>();
  let taken = 0;
  const start = (order: Order): void => {
    if (minded.has(order.id)) return;
    minded.add(order.id);
    const work = bake(order, client, pace, random).finally(() => {
      minded.delete(order.id);
      baking.delete(work);
    });
    baking.add(work);
  };

  for (let round = 0; await pace.wait(LOOK_MS); round += 1) {
    if (round % LOOKS_PER_ROUND === 0) {
      const left = await client.get<Order[]>('/api/orders/?status=cooking');
      for (const order of left.body ?? []) start(order);
    }
    const waiting = await client.get<Order[]>(`/api/orders/?status=confirmed&limit=${ORDERS_PER_LOOK}`);
    // Oldest first: the list has the newest first.
    for (const order of (waiting.body ?? []).toReversed()) {
      if (minded.has(order.id)) continue;
      const { status } = await client.put(`/api/orders/${order.id}/cook`, { cookId: `cook-${1 + (taken % COOKS)}` });
      if (status === 200) {
        taken += 1;
        start(order);
      }
      // 409: the ovens are full, or the customer was faster and cancelled; the next look tells.
      else break;
    }
  }
  await Promise.all(baking);
}

async function bake(order: Order, client: PizzeriaApi, pace: Pace, random: Random): Promise<void> {
  if (!(await pace.wait(random.whole(...COOKING_MS)))) return;
  while ((await client.put(`/api/orders/${order.id}/ready`)).problem === 'oven-still-baking') {
    if (!(await pace.wait(LOOK_AGAIN_MS))) return;
  }
}
