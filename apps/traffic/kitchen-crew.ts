// The cooks: they take confirmed orders, keep them in the oven as long as a pizza needs, and box them.

import type { Pace } from './pace.ts';
import type { Order, PizzeriaClient } from './pizzeria-client.ts';
import type { Random } from './random.ts';

/** Looking at the board, in simulated milliseconds. */
const LOOK_MS = 1_500;
/** An order in the oven: a fast clock, so that a dashboard moves within a minute. */
const COOKING_MS = [5_000, 14_000] as const;
const ORDERS_PER_LOOK = 50;

export async function cook(client: PizzeriaClient, pace: Pace, random: Random): Promise<void> {
  const minded = new Set<string>();
  const bake = async (order: Order) => {
    minded.add(order.id);
    if (await pace.wait(random.whole(...COOKING_MS))) await client.put(`/api/orders/${order.id}/ready`);
    minded.delete(order.id);
  };
  const baking = new Set<Promise<void>>();
  const start = (order: Order) => {
    const work = bake(order).finally(() => baking.delete(work));
    baking.add(work);
  };

  for (let round = 0; await pace.wait(LOOK_MS); round += 1) {
    // Orders that an earlier shift left in the oven are taken over now and then.
    if (round % 20 === 0) {
      const left = await client.get<Order[]>('/api/orders/?status=cooking');
      for (const order of left.body ?? []) if (!minded.has(order.id)) start(order);
    }
    const waiting = await client.get<Order[]>(`/api/orders/?status=confirmed&limit=${ORDERS_PER_LOOK}`);
    // Oldest first: the list has the newest first.
    for (const order of (waiting.body ?? []).toReversed()) {
      if (minded.has(order.id)) continue;
      const { status } = await client.put(`/api/orders/${order.id}/cook`);
      if (status === 200) start(order);
      else break;
    }
  }
  await Promise.all(baking);
}
