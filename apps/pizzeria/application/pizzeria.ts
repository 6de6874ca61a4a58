// The application as its three web apps see it: one mediator, the checkout, the feed of changes, and a life cycle.

import { PROMISE_MS } from '../domain/order.ts';
import { Checkout } from './checkout.ts';
import { type Clock, type NewId, newUuid, SYSTEM_CLOCK } from './clock.ts';
import { type Hindrances, NO_HINDRANCES } from './hindrances.ts';
import { Housekeeping } from './housekeeping.ts';
import type { AccessPolicy } from './identity/access.ts';
import { Identity } from './identity/identity.ts';
import { LoginGuard } from './identity/login-guard.ts';
import { LOCAL_CLIENT, type OAuthClient } from './identity/oauth-client.ts';
import type { OidcProvider } from './identity/oidc.ts';
import type { PasswordHasher } from './identity/password-hasher.ts';
import { TokenService } from './identity/token-service.ts';
import { Mediator } from './mediator.ts';
import { MenuCache, type MenuLookup } from './menu-cache.ts';
import type { Observer } from './observer.ts';
import { OrderFeed } from './order-feed.ts';
import { type DispatcherParts, OutboxDispatcher } from './outbox-dispatcher.ts';
import type { PaymentProvider } from './payment.ts';
import type { Reaction } from './reaction.ts';
import { countSales } from './reactions/count-sales.ts';
import { notifyCustomer } from './reactions/notify-customer.ts';
import { refundPayment } from './reactions/refund-payment.ts';
import { tellWatchers } from './reactions/tell-watchers.ts';
import type { Database, DomainEvent } from './session.ts';

/** What accounts need beside the database. */
export interface AccountParts {
  readonly hasher: PasswordHasher;
  readonly policy: AccessPolicy;
  readonly oidc?: OidcProvider | undefined;
  readonly clients?: readonly OAuthClient[];
}

export interface PizzeriaParts {
  readonly database: Database;
  readonly payment: PaymentProvider;
  readonly observer: Observer;
  /** Reactions beside the house's own, such as business metrics. */
  readonly reactions?: readonly Reaction[];
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** What goes wrong on purpose; nothing when absent. */
  readonly hindrances?: Hindrances;
  /** The world around the house runs so many times as fast, and what it promises is as much shorter; 1 when absent. */
  readonly speed?: number;
  /** How the menu's cache answered; for telemetry. */
  readonly onMenuLookup?: (outcome: MenuLookup) => void;
  readonly accounts: AccountParts;
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
  readonly access: AccessPolicy;
  readonly identity: Identity;
  readonly tokens: TokenService;
  start(): void;
  /** Finishes running work and closes the database. */
  stop(): Promise<void>;
}

export function openPizzeria(parts: PizzeriaParts): Pizzeria {
  const { database, payment, observer } = parts;
  const clock = parts.clock ?? SYSTEM_CLOCK;
  const hindrances = parts.hindrances ?? NO_HINDRANCES;
  const feed = new OrderFeed();
  const reactions = [
    refundPayment(payment, database),
    notifyCustomer,
    countSales,
    ...(parts.reactions ?? []),
    tellWatchers(feed),
  ];
  const outbox = new OutboxDispatcher({
    database,
    observer,
    clock,
    reactions,
    hindrances,
    onFailure: parts.onEventFailure,
  });
  const menuCache = new MenuCache({
    clock,
    isBroken: () => hindrances.breaksMenuCache(),
    ...(parts.onMenuLookup && { onLookup: parts.onMenuLookup }),
  });
  const newId = parts.newId ?? newUuid;
  const mediator = new Mediator({
    database,
    observer,
    clock,
    newId,
    hindrances,
    menuCache,
    promiseMs: PROMISE_MS / (parts.speed ?? 1),
    async onEventsCommitted(types) {
      if (types.some((type) => MENU_EVENTS.has(type))) menuCache.forget();
      const held = hindrances.holdsEvents();
      if (held === false || !(await held)) outbox.wake();
    },
  });
  const { policy, oidc, hasher, clients = [LOCAL_CLIENT] } = parts.accounts;
  const guard = new LoginGuard(clock);
  const identity = new Identity({ mediator, database, clock, newId, hasher, guard, policy, oidc });
  const tokens = new TokenService({ identity, mediator, database, clock, newId, clients });
  const checkout = new Checkout(mediator, payment, clock);
  const housekeeping = new Housekeeping(database, checkout, clock, parts.onHousekeepingFailure);
  return {
    mediator,
    checkout,
    feed,
    clock,
    database,
    outbox,
    access: policy,
    identity,
    tokens,
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

const MENU_EVENTS: ReadonlySet<DomainEvent['type']> = new Set(['PizzaAdded', 'PizzaUpdated', 'PizzaRemoved']);
