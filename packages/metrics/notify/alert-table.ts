/** All alerts that were reported, by fingerprint; who reports the same one again prolongs it. */
import { isResolved, mergeAlerts, type NotifyAlert, overlaps } from './alert.ts';

/** More alerts than people can act on; further new ones are refused and counted (the real one has no limit). */
export const ALERTS_MAX = 100_000;

export class AlertTable {
  readonly #alerts = new Map<string, NotifyAlert>();

  get size(): number {
    return this.#alerts.size;
  }

  all(): readonly NotifyAlert[] {
    return [...this.#alerts.values()];
  }

  get(fingerprint: string): NotifyAlert | undefined {
    return this.#alerts.get(fingerprint);
  }

  /** The alert as it is known now; undefined when there is no room for a new one. */
  put(reported: NotifyAlert, nowMs: number): NotifyAlert | undefined {
    const known = this.#alerts.get(reported.fingerprint);
    if (known === undefined && this.#alerts.size >= ALERTS_MAX) return undefined;
    const alert = known !== undefined && overlaps(known, reported) ? mergeAlerts(known, reported, nowMs) : reported;
    this.#alerts.set(alert.fingerprint, alert);
    return alert;
  }

  /** Forgets what has ended; groups keep what they have not told yet. */
  collect(nowMs: number): void {
    for (const [fingerprint, alert] of this.#alerts) if (isResolved(alert, nowMs)) this.#alerts.delete(fingerprint);
  }
}
