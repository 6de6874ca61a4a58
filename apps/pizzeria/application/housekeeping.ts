// What the pizzeria does every half minute without being asked: finish forgotten payments, forget what is old.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Checkout } from './checkout.ts';
import type { Clock } from './clock.ts';
import { PaymentUnreachable } from './failure.ts';
import type { Database } from './session.ts';

const INTERVAL_MS = 30_000;
/** A client that repeats a request does so within a day. */
const IDEMPOTENCY_KEYS_KEPT_MS = 24 * 60 * 60_000;
/** Handled events are kept so long for people who look into what happened; a busy day writes 150 MB of them. */
const EVENTS_KEPT_MS = 6 * 60 * 60_000;
/** Nobody reads on Thursday that the pizza of Monday is in the oven. */
const NOTIFICATIONS_KEPT_MS = 2 * 24 * 60 * 60_000;

/** A code or token that is tried again so long after its end is still recognised as a copy. */
const REPLAYS_SEEN_MS = 60 * 60_000;

export class Housekeeping {
  readonly #database: Database;
  readonly #checkout: Checkout;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #detached = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(database: Database, checkout: Checkout, clock: Clock, onFailure: (error: unknown) => void) {
    this.#database = database;
    this.#checkout = checkout;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS).unref();
    this.#tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #tick(): void {
    this.#running ??= this.#detached(() => this.round())
      .catch(this.#onFailure)
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** One round, for tests and for the timer. */
  async round(): Promise<void> {
    // A provider that is away is asked again in the next round, and holds nothing else up.
    const settled = this.#checkout.settlePending().then(() => this.#checkout.settleCancelled());
    await settled.catch((error) => {
      if (!(error instanceof PaymentUnreachable)) throw error;
    });
    const nowMs = this.#clock.nowMs();
    await this.#database.transaction(async (session) => {
      await session.idempotency.forgetBefore(nowMs - IDEMPOTENCY_KEYS_KEPT_MS);
      await session.outbox.forgetProcessedBefore(nowMs - EVENTS_KEPT_MS);
      await session.credentials.forgetExpired(nowMs - REPLAYS_SEEN_MS);
      await session.notifications.forgetBefore(nowMs - NOTIFICATIONS_KEPT_MS);
    });
  }
}
