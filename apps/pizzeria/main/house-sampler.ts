// Samples what can only be asked for: ovens, queue, outbox. Gauges are set from time to time; the utilisation of the
// ovens is measured when places are taken or freed, so that its distribution is one of moments that matter, but at most
// once a second: a busy kitchen must not be slowed down by being counted.

import type { BusinessMetrics } from '@mario/instrumentation';
import type { Reaction } from '../application/reaction.ts';
import type { Database } from '../application/session.ts';
import { utilisation } from '../domain/kitchen.ts';
import { ACTIVE_STATUSES } from '../domain/order.ts';

/** Shorter than any scrape interval that makes sense. */
const INTERVAL_MS = 5_000;
const MOVES_INTERVAL_MS = 1_000;

export class HouseSampler {
  readonly #metrics: BusinessMetrics;
  readonly #onFailure: (error: unknown) => void;
  #database: Database | undefined;
  #sampling = false;
  /** Set while a move was sampled less than a second ago. */
  #resting: NodeJS.Timeout | undefined;
  #movedMeanwhile = false;

  constructor(metrics: BusinessMetrics, onFailure: (error: unknown) => void) {
    this.#metrics = metrics;
    this.#onFailure = onFailure;
  }

  readonly reaction: Reaction = {
    name: 'sample-kitchen',
    events: ['CookingStarted', 'OrderReady'],
    tell: () => this.#kitchenMoved(),
  };

  /** Takes the orders over that were in progress before this process, then samples until the function is called. */
  async start(database: Database): Promise<() => void> {
    this.#database = database;
    const counts = await database.read((session) => session.orders.countByStatus(ACTIVE_STATUSES));
    const active = ACTIVE_STATUSES.reduce((sum, status) => sum + counts[status], 0);
    if (active > 0) this.#metrics.ordersInProgress.add(active);
    this.#sample(false);
    const timer = setInterval(() => this.#sample(false), INTERVAL_MS).unref();
    return () => {
      this.#database = undefined;
      clearInterval(timer);
      clearTimeout(this.#resting);
    };
  }

  /** The first move at once, those of the next second together at its end. */
  #kitchenMoved(): void {
    if (this.#resting !== undefined) {
      this.#movedMeanwhile = true;
      return;
    }
    this.#sample(true);
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      if (this.#movedMeanwhile) this.#kitchenMoved();
    }, MOVES_INTERVAL_MS).unref();
    this.#movedMeanwhile = false;
  }

  /** Samples that are asked for while one runs are that one. */
  #sample(kitchenMoved: boolean): void {
    const database = this.#database;
    if (database === undefined) return;
    if (this.#sampling) return;
    this.#sampling = true;
    this.#read(database, kitchenMoved)
      .catch(this.#onFailure)
      .finally(() => {
        this.#sampling = false;
      });
  }

  #read(database: Database, kitchenMoved: boolean): Promise<void> {
    return database.read(async (session) => {
      const metrics = this.#metrics;
      const counts = await session.orders.countByStatus(['confirmed', 'cooking']);
      const kitchen = {
        capacityOrders: await session.kitchen.capacityOrders(),
        cookingOrders: counts.cooking,
        queuedOrders: counts.confirmed,
      };
      metrics.kitchenCapacity.record(kitchen.capacityOrders);
      metrics.kitchenCooking.record(kitchen.cookingOrders);
      metrics.kitchenQueueLength.record(kitchen.queuedOrders);
      if (kitchenMoved) metrics.kitchenCapacityUtilized.record(100 * utilisation(kitchen));
      const { waiting, parked, oldestAtMs } = await session.outbox.backlog();
      metrics.outboxBacklog.record(waiting);
      metrics.outboxParked.record(parked);
      metrics.outboxAge.record(oldestAtMs === null ? 0 : Math.max(0, Date.now() - oldestAtMs) / 1000);
    });
  }
}
