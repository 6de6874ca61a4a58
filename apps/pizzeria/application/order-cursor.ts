// Where a page of orders ended: `<time>.<id>` of its last order. What is placed meanwhile moves nothing.

import type { Order } from '../domain/order.ts';

export interface OrderCursor {
  readonly placedAtMs: number;
  readonly id: string;
}

export function cursorAfter({ placedAtMs, id }: Order): string {
  return `${placedAtMs}.${id}`;
}

/** Undefined for a text that `cursorAfter` never wrote. */
export function parseCursor(text: string): OrderCursor | undefined {
  const match = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text);
  return match === null ? undefined : { placedAtMs: Number(match[1]), id: match[2]! };
}
