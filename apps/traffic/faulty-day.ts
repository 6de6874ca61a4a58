// A day of faults: switches them by the pizzeria's API as the schedule says, and watches which alerts fire.

import { setTimeout as sleep } from 'node:timers/promises';
import { type DayReport, type Firing, type KnownFault, reportOf } from './day-report.ts';
import { scheduleOf } from './fault-schedule.ts';
import { switchFault } from './fault-switch.ts';
import { paceOf } from './pace.ts';
import { type ClientLogin, PizzeriaClient } from './pizzeria-client.ts';
import type { TrafficLog } from './traffic-log.ts';

export interface FaultyDayOptions {
  readonly baseUrl: string;
  /** Where the alerts are asked for: Prometheus' API, embedded or real. Without it only the faults happen. */
  readonly alertsUrl?: string | undefined;
  readonly seed: number;
  readonly speed: number;
  readonly login?: ClientLogin | undefined;
  readonly log: TrafficLog;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
const LOOK_MS = 5_000;

/** Resolves at the end of the day, or at the signal with what was seen until then. */
export async function runFaultyDay(options: FaultyDayOptions): Promise<DayReport> {
  const { baseUrl, seed, speed, login, log, signal } = options;
  const dayMs = DAY_MS / speed;
  const slots = scheduleOf(seed, dayMs, speed);
  const client = new PizzeriaClient(baseUrl, paceOf(1, signal), log, login);
  const known = (await client.get<{ faults: KnownFault[] }>('/api/faults/')).body?.faults ?? [];
  const beganMs = performance.now();
  const sinceBegin = () => performance.now() - beganMs;
  const day = { sinceBegin, pauseMs: (ms: number) => pause(ms, signal), log, signal };
  const watch = new AlertWatch(options.alertsUrl, log);
  const stopWatching = watch.start(sinceBegin);
  await Promise.all(slots.map((slot) => switchFault(slot, client, day)));
  await pause(dayMs - sinceBegin(), signal);
  await stopWatching();
  const endMs = sinceBegin();
  const begun = slots.filter(({ fromMs }) => fromMs < endMs);
  return reportOf(seed, begun, known, watch.firings(endMs));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => {});
}

interface AlertsAnswer {
  readonly data: { readonly alerts: readonly { readonly labels: Record<string, string>; readonly state: string }[] };
}

/** Asks which alerts fire and remembers from when until when. */
class AlertWatch {
  readonly #url: string | undefined;
  readonly #log: TrafficLog;
  readonly #firing = new Map<string, number>();
  readonly #ended: Firing[] = [];

  constructor(url: string | undefined, log: TrafficLog) {
    this.#url = url?.replace(/\/+$/, '');
    this.#log = log;
  }

  /** Looks until the function is called. */
  start(sinceBegin: () => number): () => Promise<void> {
    if (this.#url === undefined) return async () => {};
    let looking: Promise<void> = Promise.resolve();
    const look = () => {
      looking = this.#look(sinceBegin()).catch((error) => {
        this.#log.warn('the alerts could not be asked for', { error: String(error) });
      });
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return async () => {
      clearInterval(timer);
      await looking;
    };
  }

  firings(endMs: number): readonly Firing[] {
    const open = [...this.#firing].map(([alert, fromMs]) => ({ alert, fromMs, untilMs: endMs }));
    return [...this.#ended, ...open].sort((left, right) => left.fromMs - right.fromMs);
  }

  async #look(nowMs: number): Promise<void> {
    const response = await fetch(`${this.#url}/api/v1/alerts`, { signal: AbortSignal.timeout(LOOK_MS) });
    const { data } = (await response.json()) as AlertsAnswer;
    const names = new Set(data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname!));
    for (const alert of names) {
      if (this.#firing.has(alert)) continue;
      this.#firing.set(alert, nowMs);
      this.#log.info('an alert fires', { alert });
    }
    for (const [alert, fromMs] of this.#firing) {
      if (names.has(alert)) continue;
      this.#firing.delete(alert);
      this.#ended.push({ alert, fromMs, untilMs: nowMs });
      this.#log.info('an alert ends', { alert });
    }
  }
}
