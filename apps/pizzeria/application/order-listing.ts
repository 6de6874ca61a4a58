// What the queries that list orders have in common: the filter, its checks, and the reading.

import { requireRule } from '../domain/business-rule.ts';
import { checkDriver } from '../domain/delivery.ts';
import { ACTIVE_STATUSES, ORDER_STATUSES, type Order, type OrderStatus } from '../domain/order.ts';
import { findPizza } from '../domain/pizza.ts';
import type { HandlerContext } from './operation.ts';
import type { OrderFilter } from './session.ts';

export interface ListOrdersInput {
  /** One status, several with commas, or `active` for everything that somebody still works on. */
  readonly status?: string | undefined;
  readonly driverId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly profileId?: string | undefined;
  /** Name or id of a pizza on the menu. */
  readonly pizza?: string | undefined;
  readonly before?: OrderFilter['before'];
  readonly placedBeforeMs?: number | undefined;
  readonly unchargedCancelledMs?: OrderFilter['unchargedCancelledMs'];
  readonly limit: number;
  readonly order?: 'newest' | 'oldest' | undefined;
}

export function checkListing(input: ListOrdersInput): void {
  statusesOf(input.status);
  if (input.driverId !== undefined) checkDriver(input.driverId);
}

/** Newest first unless asked otherwise. */
export async function listOrders(input: ListOrdersInput, context: HandlerContext): Promise<Order[]> {
  const { status, pizza, ...filter } = input;
  const pizzaId = pizza === undefined ? undefined : await pizzaIdOf(pizza, context);
  return context.orders.list({ ...filter, pizzaId, statuses: statusesOf(status) });
}

async function pizzaIdOf(text: string, context: HandlerContext): Promise<string> {
  const menu = await context.menu.all();
  const found = findPizza(menu, text);
  requireRule(
    found !== undefined,
    'pizza-known',
    `The menu has no such pizza; it has ${menu.map((pizza) => pizza.name).join(', ')}.`,
  );
  return found.id;
}

function statusesOf(text: string | undefined): readonly OrderStatus[] | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'active') return ACTIVE_STATUSES;
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  requireRule(
    names.every((name) => (ORDER_STATUSES as readonly string[]).includes(name)),
    'status-known',
    `An order is ${ORDER_STATUSES.join(', ')}; "active" stands for all that are not finished.`,
  );
  return names as OrderStatus[];
}
