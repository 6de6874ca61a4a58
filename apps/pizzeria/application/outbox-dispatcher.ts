// Takes domain events from the outbox and runs the reactions to them, retrying with backoff and parking what keeps
// failing. An event is in the outbox if and only if the transaction that raised it was committed.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.ts';
import type { Observer } from './observer.ts';
import type { Reaction } from './reaction.ts';
import type { Database, Envelope } from './session.ts';

/** Events taken at a time. */
const BATCH_EVENTS = 50;
/** A dispatcher that died gives its events back after this time. */
const CLAIM_MS = 10_000;
/** How often the outbox is looked at without being woken, for retries and events of other processes. */
const POLL_MS = 2_000;
/** 1 s, 2 s, 4 s … up to this. */
const RETRY_MS_MAX = 60_000;
/** After so many failures (about five minutes) an event is parked for a person to look at. */
const ATTEMPTS_MAX = 10;
const ERROR_CHARACTERS_MAX = 500;

export interface DispatcherParts {
  readonly database: Database;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly reactions: readonly Reaction[];
  readonly onFailure: (envelope: Envelope | undefined, error: unknown, parked: boolean) => void;
}

export class OutboxDispatcher {
  readonly #parts: DispatcherParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  // Work on the outbox belongs to no request, even when a request woke it: it runs in the context of the construction.
  readonly #detached = AsyncLocalStorage.snapshot();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.wake(), POLL_MS).unref();
    this.wake();
  }

  /** Looks at the outbox soon; calls while it works are remembered as one. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#detached(() => this.#run()).finally(() => {
      this.#running = undefined;
      if (this.#again) this.wake();
    });
  }

  /** Finishes what it has begun; what still waits is handled after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Resolves when nothing that was raised before the call waits any more. */
  async drained(): Promise<void> {
    this.wake();
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Leaves the request that woke us, so that its response does not wait for its reactions.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#handleBatch();
      } catch (error) {
        this.#parts.onFailure(undefined, error, false);
      }
    }
  }

  async #handleBatch(): Promise<void> {
    const { database, clock } = this.#parts;
    const batch = await database.transaction((session) => session.outbox.claim(BATCH_EVENTS, clock.nowMs(), CLAIM_MS));
    if (batch.length === BATCH_EVENTS) this.#again = true;
    for (const envelope of batch) {
      if (this.#stopped) return;
      await this.#handle(envelope);
    }
  }

  async #handle(envelope: Envelope): Promise<void> {
    const { database, observer, clock } = this.#parts;
    const reactions = this.#parts.reactions.filter(
      ({ events }) => events === 'all' || events.includes(envelope.event.type),
    );
    try {
      const work = async () => {
        for (const reaction of reactions) await reaction.call?.(envelope);
        await database.transaction(async (session) => {
          const nowMs = clock.nowMs();
          for (const reaction of reactions) await reaction.write?.(envelope, session, nowMs);
          await session.outbox.markProcessed(envelope.position, nowMs);
        });
      };
      await observer.operation({ operation: 'event', type: envelope.event.type }, work, envelope.traceparent);
    } catch (error) {
      await this.#noteFailure(envelope, error);
      return;
    }
    for (const reaction of reactions) reaction.tell?.(envelope);
  }

  async #noteFailure(envelope: Envelope, error: unknown): Promise<void> {
    const parked = envelope.attempts + 1 >= ATTEMPTS_MAX;
    const waitMs = Math.min(RETRY_MS_MAX, 1_000 * 2 ** envelope.attempts);
    const retryAtMs = parked ? null : this.#parts.clock.nowMs() + waitMs;
    const text = String(error).slice(0, ERROR_CHARACTERS_MAX);
    await this.#parts.database.transaction((session) => session.outbox.markFailed(envelope.position, text, retryAtMs));
    this.#parts.onFailure(envelope, error, parked);
  }
}
