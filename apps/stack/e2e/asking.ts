/** Asks the running services over HTTP, and waits until an answer is as it should be. */

export interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Instant query; throws with the server's words when it refuses. */
export async function promql(base: string, query: string, timeS?: number): Promise<readonly Vector[]> {
  const params = new URLSearchParams({ query, ...(timeS === undefined ? {} : { time: String(timeS) }) });
  const answer = await json<{ data: { result: readonly Vector[] } }>(`${base}/api/v1/query?${params}`);
  return answer.data.result;
}

/** Sum over an instant vector; 0 when it is empty. */
export async function sumOf(base: string, query: string): Promise<number> {
  const vector = await promql(base, query);
  return vector.reduce((sum, { value }) => sum + Number(value[1]), 0);
}

export async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body.slice(0, 500)}`);
  return JSON.parse(body) as T;
}

/** Pause between two looks. */
const LOOK_EVERY_MS = 250;

/** Calls `look` until it gives something other than undefined; fails with its last error or `what` when time is up. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  let lastError: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`not seen within ${withinMs} ms: ${what}`, { cause: lastError });
}

/** An order as a guest places it. */
export const ORDER = {
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
