/** An order as a guest places it through the public API. */
import { json } from '@mario/testkit';

const ORDER = {
  customer: { name: 'Ada Guest', phone: '+1 555 0100', address: '1 Test Street' },
  items: [{ pizza: 'Margherita', size: 'large', toppings: ['extra cheese'], quantity: 1 }],
  paymentMethod: 'card',
} as const;

export interface PlacedOrder {
  readonly id: string;
  readonly status: string;
  readonly totalCents: number;
}

export async function placeOrder(pizzeria: string, headers: Record<string, string> = {}): Promise<PlacedOrder> {
  return json<PlacedOrder>(`${pizzeria}/api/orders/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(ORDER),
  });
}
