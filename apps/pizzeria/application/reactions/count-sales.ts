// Keeps the sales of every hour: a projection written in the transaction that marks the event as handled, so that
// nothing is counted twice and nothing is missing.

import { hourOf, salesOf } from '../../domain/sales.ts';
import type { Reaction } from '../reaction.ts';

export const countSales: Reaction = {
  name: 'count-sales',
  events: ['OrderPlaced', 'OrderCancelled'],

  async write({ event }, session) {
    const hourMs = hourOf(event.atMs);
    if (event.type === 'OrderPlaced') {
      await session.sales.addToHour({ hourMs, orders: 1, revenueCents: event.totalCents, cancelled: 0 });
      for (const sales of salesOf(event.lines)) await session.sales.addToPizza(hourMs, sales);
    } else if (event.type === 'OrderCancelled') {
      await session.sales.addToHour({ hourMs, orders: 0, revenueCents: 0, cancelled: 1 });
    }
  },
};
