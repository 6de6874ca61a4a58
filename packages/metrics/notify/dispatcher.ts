/** Puts each alert into the groups of the routes that it matches (dispatch.Dispatcher of Alertmanager). */
import type { Clock } from '@mario/service';
import { AggregationGroup, type Notify } from './aggregation-group.ts';
import type { NotifyAlert } from './alert.ts';
import { groupKey, groupLabels, matchRoutes, type Route } from './route-tree.ts';

/** Groups of a file that groups by a label with endless values must not fill the memory; further ones are counted. */
export const GROUPS_MAX = 20_000;

export class Dispatcher {
  readonly #root: Route;
  readonly #clock: Clock;
  readonly #notify: Notify;
  readonly #groups = new Map<string, AggregationGroup>();
  #refusedCount = 0;

  constructor(root: Route, clock: Clock, notify: Notify) {
    this.#root = root;
    this.#clock = clock;
    this.#notify = notify;
  }

  get groups(): readonly AggregationGroup[] {
    return [...this.#groups.values()];
  }

  /** Alerts that found no room for their group. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  insert(alert: NotifyAlert): void {
    for (const route of matchRoutes(this.#root, alert.labels)) {
      const labels = groupLabels(route, alert.labels);
      const key = groupKey(route, labels);
      let group = this.#groups.get(key);
      if (group === undefined) {
        if (this.#groups.size >= GROUPS_MAX) {
          this.#refusedCount++;
          continue;
        }
        group = new AggregationGroup(route, labels, this.#clock, this.#notify);
        this.#groups.set(key, group);
      }
      group.insert(alert);
    }
  }

  /** Ends groups without alerts. */
  collect(): void {
    for (const [key, group] of this.#groups) {
      if (!group.isEmpty) continue;
      this.#groups.delete(key);
      void group.stop();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.stop()));
  }
}
