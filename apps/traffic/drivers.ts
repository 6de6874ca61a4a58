// The drivers: each takes up to three boxes on a tour and hands them over one after the other.

import type { Pace } from './pace.ts';
import type { Order, PizzeriaClient } from './pizzeria-client.ts';
import type { Random } from './random.ts';

const DRIVERS = 10;
const BOXES_PER_TOUR = 3;
/** In simulated milliseconds: between two looks at the shelf, and from one door to the next. */
const LOOK_MS = [3_000, 7_000] as const;
const DRIVE_MS = [4_000, 12_000] as const;

/** `randomFor` gives each driver chances of their own. */
export async function drive(client: PizzeriaClient, pace: Pace, randomFor: (driver: number) => Random): Promise<void> {
  await Promise.all(
    Array.from({ length: DRIVERS }, (_, index) => shift(`driver-${index + 1}`, client, pace, randomFor(index))),
  );
}

async function shift(driverId: string, client: PizzeriaClient, pace: Pace, random: Random): Promise<void> {
  // What the driver carried when the last shift ended.
  const carried = await client.get<Order[]>(`/api/orders/?status=delivering&driver=${driverId}`);
  await deliver(carried.body ?? [], client, pace, random);
  while (await pace.wait(random.whole(...LOOK_MS))) {
    const shelf = await client.get<Order[]>('/api/orders/?status=ready&limit=20');
    const boxes: Order[] = [];
    for (const order of (shelf.body ?? []).toReversed()) {
      if (boxes.length === BOXES_PER_TOUR) break;
      // Another driver may have been faster; then the next box is tried.
      const { status, body } = await client.put(`/api/orders/${order.id}/assign`, { driverId });
      if (status === 200 && body !== undefined) boxes.push(body);
      else if (status === 0) break;
    }
    await deliver(boxes, client, pace, random);
  }
}

async function deliver(boxes: readonly Order[], client: PizzeriaClient, pace: Pace, random: Random): Promise<void> {
  for (const order of boxes) {
    if (!(await pace.wait(random.whole(...DRIVE_MS)))) return;
    await client.put(`/api/orders/${order.id}/deliver`);
  }
}
