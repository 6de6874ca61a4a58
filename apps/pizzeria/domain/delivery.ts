// Delivery: drivers take ready orders on tours, so many at a time.

import { requireRule } from './business-rule.ts';
import type { Order } from './order.ts';

/** What fits into the box of a scooter. */
export const TOUR_ORDERS_MAX = 8;
const DRIVER_CHARACTERS_MAX = 64;

/** Checks who is to drive; the id comes back trimmed. */
export function checkDriver(driverId: string): string {
  const trimmed = driverId.trim();
  requireRule(
    /^[\w.@+ -]+$/.test(trimmed) && trimmed.length <= DRIVER_CHARACTERS_MAX,
    'driver-required',
    `Give the driver's id: letters, digits, dots, hyphens, at most ${DRIVER_CHARACTERS_MAX} characters.`,
  );
  return trimmed;
}

/** Refuses another order on a full tour. `carriedOrders` is what the driver is delivering now. */
export function requireRoomOnTour(driverId: string, carriedOrders: number): void {
  requireRule(
    carriedOrders < TOUR_ORDERS_MAX,
    'driver-tour-full',
    `Driver ${driverId} carries ${carriedOrders} orders; ${TOUR_ORDERS_MAX} fit on a tour. Take another driver.`,
  );
}

/** True when the order reached the door by the promised time. */
export function isOnTime(promisedAtMs: number, deliveredAtMs: number): boolean {
  return deliveredAtMs <= promisedAtMs;
}

/** The stops of a tour in the order in which they are driven: whom the pizzeria promised the earliest time, first. */
export function stopsOf(orders: readonly Order[]): readonly Order[] {
  return [...orders].sort((left, right) => left.promisedAtMs - right.promisedAtMs || (left.id < right.id ? -1 : 1));
}
