// What handlers see of the database: repositories bound to one transaction (or one reading), and their contract.
//
// Two implementations hold this contract (SQLite, PostgreSQL); one suite runs against both
// (`infrastructure/repositories.test.ts`).

import type { Customer, CustomerEvent } from '../domain/customer.ts';
import type { Notification } from '../domain/notification.ts';
import type { Order, OrderEvent, OrderStatus } from '../domain/order.ts';
import type { Pizza } from '../domain/pizza.ts';
import type { HourOfSales, PizzaSales } from '../domain/sales.ts';

export type DomainEvent = OrderEvent | CustomerEvent;

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
  /** Orders placed before this instant; with the order's id it continues a page. */
  readonly before?: { readonly placedAtMs: number; readonly id: string } | undefined;
  readonly placedBeforeMs?: number | undefined;
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
}

export interface CustomerRepository {
  find(id: string): Promise<Customer | undefined>;
  findByPhone(phone: string): Promise<Customer | undefined>;
  insert(customer: Customer): Promise<void>;
  save(customer: Customer, expectedVersion: number): Promise<void>;
}

export interface MenuRepository {
  /** Every pizza, in the order of the menu. */
  all(): Promise<Pizza[]>;
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
  forgetBefore(atMs: number): Promise<void>;
}

/** Sums by hour; adding creates the hour when it is new. */
export interface SalesRepository {
  addToHour(sales: HourOfSales): Promise<void>;
  addToPizza(hourMs: number, sales: PizzaSales): Promise<void>;
  /** Hours with sales, the oldest first. */
  hoursSince(sinceMs: number): Promise<HourOfSales[]>;
  /** The most sold first, sizes added up. */
  pizzasSince(sinceMs: number): Promise<Omit<PizzaSales, 'size'>[]>;
}

export interface OutboxRepository {
  append(id: string, event: DomainEvent, traceparent: string | null): Promise<void>;
  /** Takes up to `limit` waiting events for `claimMs`; another dispatcher does not see them in that time. */
  claim(limit: number, atMs: number, claimMs: number): Promise<Envelope[]>;
  markProcessed(position: number, atMs: number): Promise<void>;
  /** Notes a failure; the event is offered again at `retryAtMs`, or never when that is null (parked). */
  markFailed(position: number, error: string, retryAtMs: number | null): Promise<void>;
  /** Events that wait, those that were parked, and when the oldest that waits came about. */
  backlog(): Promise<{ waiting: number; parked: number; oldestAtMs: number | null }>;
  forgetProcessedBefore(atMs: number): Promise<void>;
}

export interface Session {
  readonly orders: OrderRepository;
  readonly customers: CustomerRepository;
  readonly menu: MenuRepository;
  readonly kitchen: KitchenRepository;
  readonly idempotency: IdempotencyRepository;
  readonly notifications: NotificationRepository;
  readonly outbox: OutboxRepository;
  readonly sales: SalesRepository;
}

export interface Database {
  /** Runs the function in one transaction: all of it is durable when the promise resolves, none when it rejects. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs the function without a transaction, for reading. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** True when a trivial query is answered. */
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}
