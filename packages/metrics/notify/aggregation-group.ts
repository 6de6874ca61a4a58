/** Alerts of one route with the same group labels: told together, first after a wait, then at intervals (dispatch.aggrGroup). */
import type { Clock, Timer } from '@mario/service';
import type { Labels } from '../model/labels.ts';
import { compareAlerts, isResolved, type NotifyAlert } from './alert.ts';
import { groupKey, type Route } from './route-tree.ts';

export interface GroupedAlert {
  readonly alert: NotifyAlert;
  /** As of the flush: an alert that times out while a message is on its way counts as firing in it. */
  readonly resolved: boolean;
}

export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly GroupedAlert[];
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Resolves with false when somebody who should have been told was not; the resolved alerts are then kept for the next time. */
export type Notify = (flush: Flush) => Promise<boolean>;

export class AggregationGroup {
  readonly route: Route;
  readonly labels: Labels;
  readonly key: string;
  readonly #clock: Clock;
  readonly #notify: Notify;
  readonly #alerts = new Map<string, NotifyAlert>();
  readonly #abort = new AbortController();
  #timer: Timer;
  #flushed = false;
  #running: Promise<void> | undefined;

  constructor(route: Route, labels: Labels, clock: Clock, notify: Notify) {
    this.route = route;
    this.labels = labels;
    this.key = groupKey(route, labels);
    this.#clock = clock;
    this.#notify = notify;
    this.#timer = clock.after(route.groupWaitMs, () => this.#due());
  }

  get isEmpty(): boolean {
    return this.#alerts.size === 0 && this.#running === undefined;
  }

  get alerts(): readonly NotifyAlert[] {
    return [...this.#alerts.values()];
  }

  insert(alert: NotifyAlert): void {
    this.#alerts.set(alert.fingerprint, alert);
    // An alert that is older than the wait has waited enough, as after a restart.
    if (this.#flushed || alert.startsAtMs + this.route.groupWaitMs >= this.#clock.nowMs()) return;
    this.#timer.cancel();
    this.#timer = this.#clock.after(0, () => this.#due());
  }

  /** Ends it; a message on its way is given up. */
  async stop(): Promise<void> {
    this.#timer.cancel();
    this.#abort.abort();
    await this.#running;
  }

  #due(): void {
    this.#flushed = true;
    this.#timer = this.#clock.after(this.route.groupIntervalMs, () => this.#due());
    // A message that takes longer than the interval makes the next one wait for its turn.
    this.#running ??= this.#flush().finally(() => (this.#running = undefined));
  }

  async #flush(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const alerts = this.alerts.toSorted(compareAlerts).map((alert) => ({ alert, resolved: isResolved(alert, nowMs) }));
    if (alerts.length === 0) return;
    const { route, key, labels: groupLabels } = this;
    const { signal } = this.#abort;
    const told = await this.#notify({ route, groupKey: key, groupLabels, alerts, nowMs, signal });
    if (!told) return;
    for (const { alert, resolved } of alerts) {
      // One that was reported again meanwhile is kept.
      if (resolved && this.#alerts.get(alert.fingerprint) === alert) this.#alerts.delete(alert.fingerprint);
    }
  }
}
