// Simulated customers, cooks, drivers and a manager, through the public API of a running pizzeria and nothing else.

import { demandAt } from './day.ts';
import { drive } from './drivers.ts';
import { cook } from './kitchen-crew.ts';
import { manage } from './manager.ts';
import { paceOf } from './pace.ts';
import { PizzeriaClient } from './pizzeria-client.ts';
import { randomOf } from './random.ts';
import type { TrafficLog } from './traffic-log.ts';
import { browse, guestFor, kindOf, VISITS, type VisitKind, visit } from './visit.ts';

export { type PaymentProviderOptions, type RunningPaymentProvider, startPaymentProvider } from './payment-provider.ts';
export type { TrafficLog } from './traffic-log.ts';

export interface TrafficOptions {
  /** `http://127.0.0.1:8080` */
  readonly baseUrl: string;
  /** On the average of a day; lunch and dinner have more, the night less. */
  readonly ordersPerMinute: number;
  /** The same seed gives the same guests with the same wishes. */
  readonly seed: number;
  /** The simulated day runs so many times as fast; people and orders with it. */
  readonly speed: number;
  readonly log: TrafficLog;
  /** Aborting calls the day off. */
  readonly signal: AbortSignal;
}

export interface Traffic {
  /** Resolves when everybody has gone home after the signal. Never rejects because of the pizzeria. */
  readonly done: Promise<void>;
}

const MINUTE_MS = 60_000;
/** Visitors at a time; when the pizzeria is slow, later ones stay at home instead of piling up. */
const VISITORS_MAX = 400;
/** For each order about every second visitor only looks. */
const BROWSERS_PER_ORDER = 0.5;
const SUMMARY_MS = 5 * MINUTE_MS;

export function startTraffic(options: TrafficOptions): Traffic {
  const { baseUrl, ordersPerMinute, seed, speed, log, signal } = options;
  const pace = paceOf(speed, signal);
  const client = new PizzeriaClient(baseUrl, pace, log);
  log.info('customers are coming', { baseUrl, ordersPerMinute, seed, speed });
  const summary = setInterval(() => log.info('visits so far', summaryOf(client)), SUMMARY_MS).unref();
  const everybody = [
    customers(options, pace, client),
    cook(client, pace, randomOf(seed, 1)),
    drive(client, pace, (driver) => randomOf(seed, 10 + driver)),
    manage(client, pace),
  ];
  const done = Promise.all(everybody).then(() => {
    clearInterval(summary);
    log.info('everybody has gone home', { ordersPerMinute, ...summaryOf(client) });
  });
  return { done };
}

/** Lets visitors in, one after the other, until the day is called off; each goes their own way. */
async function customers(
  { ordersPerMinute, seed, log }: TrafficOptions,
  pace: ReturnType<typeof paceOf>,
  client: PizzeriaClient,
): Promise<void> {
  const arrivals = randomOf(seed, 2);
  const inside = new Set<Promise<unknown>>();
  // The first ones come in an order that shows every kind of visit once, so that no panel waits for chance.
  const opening: VisitKind[] = ['order', ...(Object.keys(VISITS) as VisitKind[])];
  let newestGuest = 0;
  let toppings: readonly string[] = [];
  for (let number = 0; ; number += 1) {
    const visitorsPerMinute = ordersPerMinute * (1 + BROWSERS_PER_ORDER) * demandAt(pace.nowMs());
    if (!(await pace.wait(arrivals.exponential(MINUTE_MS / visitorsPerMinute)))) break;
    if (toppings.length === 0) toppings = await toppingsOf(client);
    if (inside.size >= VISITORS_MAX) continue;

    const random = randomOf(seed, 100 + number);
    const { guest, isNew } = guestFor(seed, random, newestGuest);
    const visitor = { client, pace, random, guest, toppings };
    const kind = opening.shift() ?? kindOf(random);
    const orders = opening.length > 0 || random.chance(1 / (1 + BROWSERS_PER_ORDER));
    if (orders && isNew) newestGuest += 1;
    const work = (orders ? visit(kind, visitor) : browse(visitor))
      .catch((error) => log.warn('a visit ended badly', { kind, error: String(error) }))
      .finally(() => inside.delete(work));
    inside.add(work);
  }
  await Promise.all(inside);
}

async function toppingsOf(client: PizzeriaClient): Promise<string[]> {
  const { body } = await client.get<{ name: string }[]>('/api/toppings/');
  return (body ?? []).map((topping) => topping.name);
}

function summaryOf(client: PizzeriaClient): Record<string, number> {
  const statuses = [...client.statuses].sort(([left], [right]) => left - right);
  return Object.fromEntries(statuses.map(([status, count]) => [`answers_${status}`, count]));
}
