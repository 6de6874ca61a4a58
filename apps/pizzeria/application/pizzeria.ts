// The application as its three web apps see it: one mediator, the checkout, the feed of changes, and a life cycle.

import { Checkout } from './checkout.ts';
import { type Clock, type NewId, newUuid, SYSTEM_CLOCK } from './clock.ts';
import { Housekeeping } from './housekeeping.ts';
import { Mediator } from './mediator.ts';
import type { Observer } from './observer.ts';
import { OrderFeed } from './order-feed.ts';
import { type DispatcherParts, OutboxDispatcher } from './outbox-dispatcher.ts';
import type { PaymentProvider } from './payment.ts';
import type { Reaction } from './reaction.ts';
import { countSales } from './reactions/count-sales.ts';
import { notifyCustomer } from './reactions/notify-customer.ts';
import { refundPayment } from './reactions/refund-payment.ts';
import { tellWatchers } from './reactions/tell-watchers.ts';
import type { Database } from './session.ts';

export interface PizzeriaParts {
  readonly database: Database;
  readonly payment: PaymentProvider;
  readonly observer: Observer;
  /** Reactions beside the house's own, such as business metrics. */
  readonly reactions?: readonly Reaction[];
  readonly clock?: Clock;
  readonly newId?: NewId;
  readonly onEventFailure: DispatcherParts['onFailure'];
  readonly onHousekeepingFailure: (error: unknown) => void;
}

export interface Pizzeria {
  readonly mediator: Mediator;
  readonly checkout: Checkout;
  readonly feed: OrderFeed;
  readonly clock: Clock;
  readonly database: Database;
  readonly outbox: OutboxDispatcher;
  start(): void;
  /** Finishes running work and closes the database. */
  stop(): Promise<void>;
}

export function openPizzeria(parts: PizzeriaParts): Pizzeria {
  const { database, payment, observer } = parts;
  const clock = parts.clock ?? SYSTEM_CLOCK;
  const feed = new OrderFeed();
  const reactions = [
    refundPayment(payment, database),
    notifyCustomer,
    countSales,
    ...(parts.reactions ?? []),
    tellWatchers(feed),
  ];
  const outbox = new OutboxDispatcher({ database, observer, clock, reactions, onFailure: parts.onEventFailure });
  const mediator = new Mediator({
    database,
    observer,
    clock,
    newId: parts.newId ?? newUuid,
    onEventsCommitted: () => outbox.wake(),
  });
  const checkout = new Checkout(mediator, payment, clock);
  const housekeeping = new Housekeeping(database, checkout, clock, parts.onHousekeepingFailure);
  return {
    mediator,
    checkout,
    feed,
    clock,
    database,
    outbox,
    start() {
      outbox.start();
      housekeeping.start();
    },
    async stop() {
      await housekeeping.stop();
      await outbox.stop();
      await database.close();
    },
  };
}
