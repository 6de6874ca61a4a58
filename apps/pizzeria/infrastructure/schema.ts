// The tables as Kysely sees them. Times are milliseconds since 1970, JSON is text, truth is 0 or 1: both databases agree.

import type { Generated } from 'kysely';
import type { Account } from '../domain/account.ts';
import type { OrderStatus, PaymentMethod } from '../domain/order.ts';

export interface Schema {
  pizzas: PizzaRow;
  customers: CustomerRow;
  orders: OrderRow;
  kitchen: { id: number; capacity_orders: number };
  outbox: OutboxRow;
  idempotency_keys: { key: string; request_hash: string; order_id: string; created_at_ms: number };
  notifications: NotificationRow;
  accounts: AccountRow;
  credentials: CredentialRow;
  profiles: ProfileRow;
  sales_by_hour: { hour_ms: number; orders: number; revenue_cents: number; cancelled: number };
  sales_by_pizza: { hour_ms: number; pizza: string; size: string; pizzas: number; revenue_cents: number };
}

interface PizzaRow {
  id: string;
  position: number;
  name: string;
  description: string;
  price_cents: number;
  toppings: string;
  available: number;
  version: Generated<number>;
}

export interface AccountRow {
  id: string;
  login: string;
  name: string;
  roles: string;
  kind: Account['kind'];
  password_hash: string | null;
  subject: string | null;
  is_demo: number;
  created_at_ms: number;
  version: number;
}

export interface CredentialRow {
  /** SHA-256 of the secret: who reads the table cannot log in. */
  hash: string;
  kind: string;
  account_id: string;
  family: string;
  client: string | null;
  challenge: string | null;
  redirect_uri: string | null;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

export interface ProfileRow {
  id: string;
  account_id: string;
  name: string;
  phone: string;
  address: string;
  email: string | null;
  created_at_ms: number;
  version: number;
}

export interface CustomerRow {
  id: string;
  phone: string;
  name: string;
  address: string;
  email: string | null;
  orders_placed: number;
  registered_at_ms: number;
  seen_at_ms: number;
  version: number;
}

export interface OrderRow {
  id: string;
  status: OrderStatus;
  version: number;
  customer_id: string;
  profile_id: string | null;
  contact: string;
  lines: string;
  total_cents: number;
  payment_method: PaymentMethod;
  payment_reference: string | null;
  refund_cents: number;
  notes: string | null;
  cook_id: string | null;
  driver_id: string | null;
  cancel_reason: string | null;
  placed_at_ms: number;
  promised_at_ms: number;
  confirmed_at_ms: number | null;
  cooking_at_ms: number | null;
  ready_at_ms: number | null;
  delivering_at_ms: number | null;
  delivered_at_ms: number | null;
  cancelled_at_ms: number | null;
}

export interface OutboxRow {
  position: Generated<number>;
  id: string;
  type: string;
  payload: string;
  traceparent: string | null;
  attempts: Generated<number>;
  /** When it may be offered (again); null once it was handled or parked. */
  due_at_ms: number | null;
  processed_at_ms: number | null;
  last_error: string | null;
}

export interface NotificationRow {
  id: string;
  customer_id: string;
  order_id: string;
  profile_id: string | null;
  text: string;
  created_at_ms: number;
  dismissed_at_ms: number | null;
}
