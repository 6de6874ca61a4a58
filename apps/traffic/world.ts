// The world around the pizzeria: everybody who comes, cooks, drives and looks after it, for one call of the day.

import { demandAt } from './day.ts';
import { drive } from './drivers.ts';
import { guestFor, seesPages } from './guest.ts';
import { cook } from './kitchen-crew.ts';
import { manage } from './manager.ts';
import { Members } from './members.ts';
import type { Pace } from './pace.ts';
import type { PizzeriaApi } from './pizzeria-client.ts';
import { type Random, randomOf } from './random.ts';
import type { TrafficLog } from './traffic-log.ts';
import { browse, kindOf, VISITS, type VisitKind, visit } from './visit.ts';

export interface WorldOptions {
  /** Orders a simulated minute, on the average of a day; lunch and dinner have more, the night less. */
  readonly ordersPerMinute: number;
  /** The same seed gives the same guests with the same wishes at the same time of the day. */
  readonly seed: number;
  /** Tells the runs of one seed apart; part of the idempotency keys. */
  readonly run: string;
  readonly log: TrafficLog;
  /** So many visitors at a time come with a browser, the others are seen by the server alone. None when absent. */
  readonly browsers?: BrowserShop | undefined;
}

/** Where visitors get a browser, with chances of its own. */
export interface BrowserShop {
  readonly browsersMax: number;
  open(random: Random): Tab;
}

interface Tab extends PizzeriaApi {
  close(): void;
}

const MINUTE_MS = 60_000;
/** Visitors at a time; when the pizzeria is slow, later ones stay at home instead of piling up. */
const VISITORS_MAX = 400;
/** Chances of the visitors' browsers; far from those of visitors and guests. */
const BROWSER_STREAM = 500_000_000;
/** For each order about every second visitor only looks. */
const BROWSERS_PER_ORDER = 0.5;

/** Resolves when everybody has gone home after the day was called off. Guests come as guests, staff with their login. */
export async function runWorld(
  options: WorldOptions,
  pace: Pace,
  { guests, staff }: { readonly guests: PizzeriaApi; readonly staff: PizzeriaApi },
): Promise<void> {
  const { seed } = options;
  await Promise.all([
    customers(options, pace, guests),
    cook(staff, pace, randomOf(seed, 1)),
    drive(staff, pace, (driver) => randomOf(seed, 10 + driver)),
    manage(staff, pace),
  ]);
}

/** Lets visitors in, one after the other, until the day is called off; each goes their own way. */
async function customers(options: WorldOptions, pace: Pace, client: PizzeriaApi): Promise<void> {
  const { ordersPerMinute, seed, run, log, browsers } = options;
  const arrivals = randomOf(seed, 2);
  const members = new Members();
  let openTabs = 0;
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
    const { guest, isNew } = guestFor(seed, random, newestGuest, new Date(pace.nowMs()).getHours());
    const isFree = browsers !== undefined && openTabs < browsers.browsersMax && seesPages(guest);
    const tab = isFree ? browsers.open(randomOf(seed, BROWSER_STREAM + number)) : undefined;
    if (tab !== undefined) openTabs += 1;
    const visitor = { client: tab ?? client, pace, random, guest, toppings, run, members };
    const kind = opening.shift() ?? kindOf(random);
    const orders = opening.length > 0 || random.chance(1 / (1 + BROWSERS_PER_ORDER));
    if (orders && isNew) newestGuest += 1;
    const work = (orders ? visit(kind, visitor) : browse(visitor))
      .catch((error) => log.warn('a visit ended badly', { kind, error: String(error) }))
      .finally(() => {
        inside.delete(work);
        if (tab === undefined) return;
        tab.close();
        openTabs -= 1;
      });
    inside.add(work);
  }
  await Promise.all(inside);
}

async function toppingsOf(client: PizzeriaApi): Promise<string[]> {
  const { body } = await client.get<{ name: string }[]>('/api/toppings/');
  return (body ?? []).map((topping) => topping.name);
}
