// JSON schemas of what the house shows of itself: kitchen, deliveries, numbers.

import { ORDER_STATUSES } from '../domain/order.ts';
import {
  cents,
  count,
  exactly,
  instant,
  listOf,
  maybeMilliseconds,
  maybeText,
  milliseconds,
  share,
  text,
} from './schema-parts.ts';
import { order, orders } from './schemas.ts';

const ordersByStatus = exactly(Object.fromEntries(ORDER_STATUSES.map((status) => [status, count])));

export const kitchen = exactly({
  capacityOrders: count,
  cookingOrders: count,
  queuedOrders: count,
  utilisation: { type: 'number', minimum: 0, description: '1 when every place is taken' },
  queue: orders,
  cooking: orders,
  ready: orders,
});

export const kitchenPerformance = exactly({
  since: instant,
  orders: { ...count, description: 'Orders that left the oven' },
  cookingMs: { ...maybeMilliseconds, description: 'Mean time in the oven' },
  waitingMs: { ...maybeMilliseconds, description: 'Mean time before the oven' },
  cookingMsMax: maybeMilliseconds,
  withinPromise: { type: ['number', 'null'], minimum: 0, maximum: 1, description: 'Share of the orders' },
  promiseMs: milliseconds,
});

export const deliveries = exactly({
  waiting: orders,
  tours: listOf(exactly({ driverId: text, orders })),
});

export const tour = exactly({
  driverId: text,
  capacityOrders: count,
  stops: { ...listOf(exactly({ position: count, order })), description: 'In the order in which they are driven' },
});

export const statistics = exactly({ since: instant, orders: count, revenueCents: cents, ordersByStatus });

export const statusDistribution = exactly({ since: instant, ordersByStatus });

const salesNumbers = { orders: count, revenueCents: cents, cancelled: count } as const;

export const sales = exactly({
  hours: listOf(exactly({ hour: instant, ...salesNumbers })),
  pizzas: listOf(exactly({ pizza: text, pizzas: count, revenueCents: cents })),
});

export const series = listOf(exactly({ start: instant, ...salesNumbers }));

export const topCustomers = listOf(
  exactly({ customerId: text, name: text, orders: count, spentCents: cents, latestAt: instant }),
);

export const staffPerformance = exactly({
  since: instant,
  cooks: listOf(exactly({ cookId: maybeText, orders: count, cookingMs: milliseconds, withinPromise: share })),
  drivers: listOf(exactly({ driverId: text, orders: count, drivingMs: milliseconds, onTime: share })),
});

/** Query parameters are text, so that what is wrong with them has a name (400). */
const days = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,2}$',
  description: 'Whole days back from now, 1 to 92, by default 1',
};

export const periodQuery = { type: 'object', properties: { days } };

export const topQuery = {
  type: 'object',
  properties: { days, limit: { type: 'string', pattern: '^[1-9][0-9]?$', description: '1 to 99, by default 10' } },
};

export const seriesQuery = {
  type: 'object',
  properties: {
    from: { type: 'string', description: 'An instant (RFC 3339); by default a day before the end' },
    to: { type: 'string', description: 'An instant (RFC 3339); by default now' },
    bucket: { type: 'string', enum: ['hour', 'day'], description: 'By default hour' },
  },
};
