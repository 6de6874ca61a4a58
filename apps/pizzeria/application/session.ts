// What handlers see of the database: repositories bound to one transaction (or one reading), and their contract.
//
// Two implementations hold this contract (SQLite, PostgreSQL); one suite runs against both
// (`infrastructure/database.test.ts`).

import type { Account, AccountEvent } from '../domain/account.ts';
import type { Customer, CustomerEvent } from '../domain/customer.ts';
import type { MenuEvent } from '../domain/menu.ts';
import type { Notification } from '../domain/notification.ts';
import type { Order, OrderEvent, OrderStatus } from '../domain/order.ts';
import type { Pizza } from '../domain/pizza.ts';
import type { CustomerProfile, ProfileEvent } from '../domain/profile.ts';
import type { HourOfSales, PizzaSales } from '../domain/sales.ts';

export type DomainEvent = OrderEvent | CustomerEvent | MenuEvent | AccountEvent | ProfileEvent;

/** A domain event before it has a position. */
export type RaisedEvent = Pick<Envelope, 'id' | 'event' | 'traceparent'>;

/** A domain event on its way through the outbox. */
export interface Envelope {
  /** Position in the outbox; events are handled in this order. */
  readonly position: number;
  readonly id: string;
  readonly event: DomainEvent;
  /** W3C trace context of the request that caused the event, so that its handling can link to it. */
  readonly traceparent: string | null;
  /** How often handling failed before. */
  readonly attempts: number;
}

export interface OrderFilter {
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly driverId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly profileId?: string | undefined;
  /** Orders that have this pizza. */
  readonly pizzaId?: string | undefined;
  /** Orders placed before this instant; with the order's id it continues a page. */
  readonly before?: { readonly placedAtMs: number; readonly id: string } | undefined;
  readonly placedBeforeMs?: number | undefined;
  /** Orders by card of which no charge is known, cancelled in this time: after the first instant, until the second. */
  readonly unchargedCancelledMs?: readonly [afterMs: number, untilMs: number] | undefined;
  readonly limit: number;
  /** Newest first unless 'oldest'. */
  readonly order?: 'newest' | 'oldest' | undefined;
}

export interface OrderRepository {
  find(id: string): Promise<Order | undefined>;
  insert(order: Order): Promise<void>;
  /** Writes the order if its stored version is `expectedVersion`, else throws `VersionConflict`. */
  save(order: Order, expectedVersion: number): Promise<void>;
  list(filter: OrderFilter): Promise<Order[]>;
  /**
   * A number for each of these statuses, zero included; those that were not asked for are zero. The finished ones are
   * many, so whoever needs only the kitchen asks only for it.
   */
  countByStatus(statuses: readonly OrderStatus[]): Promise<Record<OrderStatus, number>>;
  /** Orders and money since the instant; cancelled orders count as orders but bring no money. */
  salesSince(sinceMs: number): Promise<{ orders: number; revenueCents: number }>;
  /** Numbers of each status among orders placed since the instant. */
  statusesSince(sinceMs: number): Promise<Record<OrderStatus, number>>;
  /** What was cooked of the orders placed since the instant, by cook; null stands for nobody's name. */
  cookingSince(sinceMs: number, promiseMs: number): Promise<CookingRecord[]>;
  /** What was delivered of the orders placed since the instant, by driver. */
  deliveriesSince(sinceMs: number): Promise<DeliveryRecord[]>;
  /** Who ordered most since the instant, by money; cancelled orders do not count. */
  topCustomersSince(sinceMs: number, limit: number): Promise<CustomerRecord[]>;
}

export interface CookingRecord {
  readonly cookId: string | null;
  readonly orders: number;
  readonly withinPromise: number;
  readonly cookingMs: number;
  readonly cookingMsMax: number;
  readonly waitingMs: number;
}

export interface DeliveryRecord {
  readonly driverId: string;
  readonly orders: number;
  readonly onTime: number;
  readonly drivingMs: number;
}

export interface CustomerRecord {
  readonly customerId: string;
  readonly name: string;
  readonly orders: number;
  readonly spentCents: number;
  readonly latestAtMs: number;
}

export interface CustomerRepository {
  find(id: string): Promise<Customer | undefined>;
  /** In a transaction the customer belongs to it until its end: another one that asks waits. */
  findByPhone(phone: string): Promise<Customer | undefined>;
  insert(customer: Customer): Promise<void>;
  save(customer: Customer, expectedVersion: number): Promise<void>;
}

export interface MenuRepository {
  /** Every pizza, in the order of the menu. */
  all(): Promise<Pizza[]>;
  /** Puts the pizza at the end of the menu; throws `VersionConflict` when its id or name is taken. */
  insert(pizza: Pizza): Promise<void>;
  save(pizza: Pizza, expectedVersion: number): Promise<void>;
  remove(id: string, expectedVersion: number): Promise<void>;
}

export interface AccountRepository {
  find(id: string): Promise<Account | undefined>;
  findByLogin(login: string): Promise<Account | undefined>;
  findBySubject(subject: string): Promise<Account | undefined>;
  /** Accounts with more than the role of a customer, by login. */
  staff(): Promise<Account[]>;
  /** False, with nothing written, when the login is taken. */
  insert(account: Account): Promise<boolean>;
  save(account: Account, expectedVersion: number): Promise<void>;
}

/** What somebody holds who logged in: the secret itself is nowhere, only its hash. */
export interface Credential {
  readonly hash: string;
  readonly kind: 'session' | 'access' | 'refresh' | 'code';
  readonly accountId: string;
  /** Everything that came from one login; it is revoked together. */
  readonly family: string;
  /** The OAuth client; null for a browser's session. */
  readonly client: string | null;
  /** Of a code: the PKCE challenge (S256). */
  readonly challenge: string | null;
  readonly redirectUri: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Of codes and refresh tokens: when it was redeemed. */
  readonly usedAtMs: number | null;
}

export interface CredentialRepository {
  insert(credential: Credential): Promise<void>;
  find(hash: string): Promise<Credential | undefined>;
  /** Who holds a credential that is valid at the instant. */
  holder(
    hash: string,
    kind: Credential['kind'],
    atMs: number,
  ): Promise<{ account: Account; profileId: string | null; family: string } | undefined>;
  /** False when it was used before: of two who redeem it, one is first. */
  markUsed(hash: string, atMs: number): Promise<boolean>;
  removeFamily(family: string): Promise<void>;
  removeOfAccount(accountId: string, exceptFamily: string): Promise<void>;
  forgetExpired(atMs: number): Promise<void>;
}

export interface ProfileRepository {
  find(id: string): Promise<CustomerProfile | undefined>;
  ofAccount(accountId: string): Promise<CustomerProfile | undefined>;
  /** False, with nothing written, when the account has one. */
  insert(profile: CustomerProfile): Promise<boolean>;
  save(profile: CustomerProfile, expectedVersion: number): Promise<void>;
}

export interface KitchenRepository {
  /**
   * Orders that may cook at a time. In a transaction it also keeps every other transaction out of the kitchen until
   * the end, so that two cooks cannot take the last place.
   */
  lockCapacityOrders(): Promise<number>;
  capacityOrders(): Promise<number>;
}

export interface IdempotencyRepository {
  /**
   * Reserves the key for the order. Returns undefined when the key was free, otherwise what it was reserved for;
   * waits for a concurrent transaction that holds the same key.
   */
  reserve(key: string, requestHash: string, orderId: string, atMs: number): Promise<IdempotentRequest | undefined>;
  forgetBefore(atMs: number): Promise<void>;
}

interface IdempotentRequest {
  readonly requestHash: string;
  readonly orderId: string;
}

export interface NotificationRepository {
  /** Writing the same notification again changes nothing. */
  insert(notification: Notification): Promise<void>;
  /** Oldest first. */
  ofOrder(orderId: string): Promise<Notification[]>;
  find(id: string): Promise<Notification | undefined>;
  /** Those that were not put away, newest first. */
  openOfProfile(profileId: string, limit: number): Promise<Notification[]>;
  /** Putting away twice changes nothing. */
  dismiss(id: string, atMs: number): Promise<void>;
  forgetBefore(atMs: number): Promise<void>;
}

/** Sums by hour; adding creates the hour when it is new. */
export interface SalesRepository {
  addToHour(sales: HourOfSales): Promise<void>;
  addToPizza(hourMs: number, sales: PizzaSales): Promise<void>;
  /** Hours with sales, the oldest first. */
  hoursSince(sinceMs: number, untilMs?: number): Promise<HourOfSales[]>;
  /** The most sold first, sizes added up. */
  pizzasSince(sinceMs: number): Promise<Omit<PizzaSales, 'size'>[]>;
}

export interface OutboxRepository {
  append(id: string, event: DomainEvent, traceparent: string | null): Promise<void>;
  /** Several in their order, in one statement; none is no statement. */
  appendAll(events: readonly RaisedEvent[]): Promise<void>;
  /** Takes up to `limit` waiting events for `claimMs`; another dispatcher does not see them in that time. */
  claim(limit: number, atMs: number, claimMs: number): Promise<Envelope[]>;
  markProcessed(position: number, atMs: number): Promise<void>;
  /** Notes a failure; the event is offered again at `retryAtMs`, or never when that is null (parked). */
  markFailed(position: number, error: string, retryAtMs: number | null): Promise<void>;
  /** Marks several at once. */
  markAllProcessed(positions: readonly number[], atMs: number): Promise<void>;
  /** Those that were set aside because they kept failing, the oldest first. */
  parked(limit: number): Promise<ParkedEvent[]>;
  /** Offers a parked event again; false when there is none at this position. */
  replay(position: number, atMs: number): Promise<boolean>;
  /** Events that wait, those that were parked, and when the oldest that waits came about. */
  backlog(): Promise<{ waiting: number; parked: number; oldestAtMs: number | null }>;
  forgetProcessedBefore(atMs: number): Promise<void>;
}

export interface ParkedEvent {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly raisedAtMs: number;
}

export interface Session {
  readonly accounts: AccountRepository;
  readonly credentials: CredentialRepository;
  readonly profiles: ProfileRepository;
  readonly orders: OrderRepository;
  readonly customers: CustomerRepository;
  readonly menu: MenuRepository;
  readonly kitchen: KitchenRepository;
  readonly idempotency: IdempotencyRepository;
  readonly notifications: NotificationRepository;
  readonly outbox: OutboxRepository;
  readonly sales: SalesRepository;
}

/** A pool of connections as telemetry sees it. */
export interface ConnectionPool {
  readonly name: string;
  readonly connectionsMax: number;
  idle(): number;
  used(): number;
  /** Callers that wait for a connection. */
  waiting(): number;
  /** Hears how long callers waited for a connection, how long opening one took, how long it was held, and timeouts. */
  listen(listener: PoolListener): void;
}

export interface PoolListener {
  waited(durationMs: number): void;
  opened(durationMs: number): void;
  held(durationMs: number): void;
  timedOut(): void;
}

export interface Database {
  /** Runs the function in one transaction: all of it is durable when the promise resolves, none when it rejects. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs the function without a transaction, for reading. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** True when a trivial query is answered. */
  isReachable(): Promise<boolean>;
  /** The pool of connections; absent where there is only one. */
  readonly pool?: ConnectionPool;
  close(): Promise<void>;
}
