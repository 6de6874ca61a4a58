// What somebody with an account does besides: orders the usual from their history, reads what they were told, puts it
// away, moves house now and then.

import { addressOf } from './guest.ts';
import type { Order } from './pizzeria-client.ts';
import type { Visitor } from './visit.ts';

export interface OrderItem {
  readonly pizza: string;
  readonly size: string;
  readonly toppings: readonly string[];
  readonly quantity: number;
}

interface PastOrder extends Order {
  readonly items: readonly OrderItem[];
}

interface Profile {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly email?: string;
}

/** Orders looked through for the usual. */
const HISTORY_LENGTH = 5;
const MOVING_SHARE = 0.03;
const READING_SHARE = 0.5;

/** What was ordered last, for whoever is as loyal as that; undefined for a first order and for a day for something new. */
export async function theUsual({ client, random, guest }: Visitor): Promise<OrderItem[] | undefined> {
  const { body } = await client.get<PastOrder[]>(`/api/customers/me/orders?limit=${HISTORY_LENGTH}`);
  const last = body?.find(({ status }) => status !== 'cancelled');
  if (last === undefined || !random.chance(guest.habits.loyalty)) return undefined;
  return last.items.map(({ pizza, size, toppings, quantity }) => ({ pizza, size, toppings, quantity }));
}

/** After the pizza: the account's page or its parts, as the program reads them. */
export async function lookAfterProfile(visitor: Visitor, order: Order | undefined, withPages: boolean): Promise<void> {
  const { client, random } = visitor;
  if (random.chance(READING_SHARE)) {
    await client.get(withPages ? '/account' : '/api/customers/me');
    const told = await client.get<{ id: string; orderId: string }[]>('/api/customers/me/notifications');
    const own = told.body?.find(({ orderId }) => orderId === order?.id) ?? told.body?.[0];
    if (own !== undefined) await client.put(`/api/notifications/${own.id}/dismiss`);
  }
  if (random.chance(MOVING_SHARE)) await moveHouse(visitor);
}

async function moveHouse({ client, random }: Visitor): Promise<void> {
  const { body, headers } = await client.get<Profile>('/api/customers/me');
  if (body === undefined) return;
  const { name, phone, email } = body;
  const moved = { name, phone, address: addressOf(random), ...(email && { email }) };
  const seen = headers?.get('etag');
  await client.put('/api/customers/me', moved, seen == null ? {} : { 'if-match': seen });
}
