// Simulated customers, cooks, drivers and a manager, through the public API of a running pizzeria and nothing else; the
// payment provider; and a day of faults with a report on the alerts that fired.

import { CollectorDoor } from './browser/collector-door.ts';
import { SimulatedBrowser } from './browser/simulated-browser.ts';
import { paceOf } from './pace.ts';
import { type ClientLogin, PizzeriaClient } from './pizzeria-client.ts';
import type { Random } from './random.ts';
import type { TrafficLog } from './traffic-log.ts';
import { runWorld } from './world.ts';

export { type DayReport, formatReport } from './day-report.ts';
export { runFaultyDay } from './faulty-day.ts';
export { type PaymentProviderOptions, type RunningPaymentProvider, startPaymentProvider } from './payment-provider.ts';
export type { ClientLogin } from './pizzeria-client.ts';
export type { TrafficLog } from './traffic-log.ts';

export interface TrafficOptions {
  /** `http://127.0.0.1:8080` */
  readonly baseUrl: string;
  /** Orders a simulated minute, on the average of a day; lunch and dinner have more, the night less. */
  readonly ordersPerMinute: number;
  /** The same seed gives the same guests with the same wishes. */
  readonly seed: number;
  /** The simulated day runs so many times as fast; people and orders with it. */
  readonly speed: number;
  /** Simulated start of the day; now when absent. */
  readonly startMs?: number | undefined;
  /** Of the cooks, drivers and the manager, where the pizzeria asks who they are. */
  readonly login?: ClientLogin | undefined;
  /** So many visitors at a time come with a browser whose pages tell the collector how they do; none when absent. */
  readonly browsersMax?: number | undefined;
  /** Where these browsers reach the collector (`http://host:4318`), if it is not where the pages say. */
  readonly browserOtlpUrl?: string | undefined;
  readonly log: TrafficLog;
  /** Aborting calls the day off. */
  readonly signal: AbortSignal;
}

export interface Traffic {
  /** Resolves when everybody has gone home after the signal. Never rejects because of the pizzeria. */
  readonly done: Promise<void>;
}

const SUMMARY_MS = 5 * 60_000;

export function startTraffic(options: TrafficOptions): Traffic {
  const { baseUrl, ordersPerMinute, seed, speed, startMs, login, browsersMax = 0, log, signal } = options;
  const pace = paceOf(speed, signal, startMs);
  const guests = new PizzeriaClient(baseUrl, pace, log);
  const staff = login === undefined ? guests : new PizzeriaClient(baseUrl, pace, log, login);
  log.info('customers are coming', { baseUrl, ordersPerMinute, seed, speed });
  const answers = () => summaryOf([guests, staff]);
  const summary = setInterval(() => log.info('visits so far', answers()), SUMMARY_MS).unref();
  const collector = new CollectorDoor(new URL(baseUrl).origin, options.browserOtlpUrl);
  const browsers = {
    browsersMax,
    open: (random: Random) => new SimulatedBrowser({ api: guests, baseUrl, pace, random, collector }),
  };
  const world = { ordersPerMinute, seed, run: Date.now().toString(36), log, browsers };
  const done = runWorld(world, pace, { guests, staff }).then(async () => {
    clearInterval(summary);
    await collector.drained();
    log.info('everybody has gone home', { ordersPerMinute, ...answers() });
  });
  return { done };
}

function summaryOf(clients: readonly PizzeriaClient[]): Record<string, number> {
  const counts = new Map<number, number>();
  for (const { statuses } of new Set(clients)) {
    for (const [status, count] of statuses) counts.set(status, (counts.get(status) ?? 0) + count);
  }
  const sorted = [...counts].sort(([left], [right]) => left - right);
  return Object.fromEntries(sorted.map(([status, count]) => [`answers_${status}`, count]));
}
