// The drivers: each takes up to three boxes on a tour, hands them over one after the other, and drives back.

import type { Pace } from './pace.ts';
import type { Order, PizzeriaApi } from './pizzeria-client.ts';
import type { Random } from './random.ts';

const DRIVERS = 14;
const BOXES_PER_TOUR = 3;
/** In simulated milliseconds: between two looks at the shelf, from one door to the next, and back to the shop. */
const LOOK_MS = [45_000, 90_000] as const;
const DRIVE_MS = [180_000, 420_000] as const;
const BACK_MS = [120_000, 300_000] as const;
/** When the road is blocked, the driver tries the door again after so long. */
const TRY_AGAIN_MS = 120_000;

/** `randomFor` gives each driver chances of their own. */
export async function drive(client: PizzeriaApi, pace: Pace, randomFor: (driver: number) => Random): Promise<void> {
  await Promise.all(
    Array.from({ length: DRIVERS }, (_, index) => shift(`driver-${index + 1}`, client, pace, randomFor(index))),
  );
}

async function shift(driverId: string, client: PizzeriaApi, pace: Pace, random: Random): Promise<void> {
  // What the driver carried when the last shift ended.
  const carried = await client.get<Order[]>(`/api/orders/?status=delivering&driver=${driverId}`);
  await tour(carried.body ?? [], client, pace, random);
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
    await tour(boxes, client, pace, random);
  }
}

async function tour(boxes: readonly Order[], client: PizzeriaApi, pace: Pace, random: Random): Promise<void> {
  if (boxes.length === 0) return;
  for (const order of boxes) {
    if (!(await pace.wait(random.whole(...DRIVE_MS)))) return;
    while ((await client.put(`/api/orders/${order.id}/deliver`)).problem === 'driver-still-underway') {
      if (!(await pace.wait(TRY_AGAIN_MS))) return;
    }
  }
  await pace.wait(random.whole(...BACK_MS));
}
