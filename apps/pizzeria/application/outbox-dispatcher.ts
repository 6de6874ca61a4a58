// Takes domain events from the outbox and runs the reactions to them, retrying with backoff and parking what keeps
// failing. An event is in the outbox if and only if the transaction that raised it was committed.
//
// Events that only write are handled many to a transaction, because a commit costs more than what it commits; when that
// fails, each is tried alone, so that one bad event holds nobody up. See docs/adr/0075-events-in-groups.md.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.ts';
import type { Hindrances } from './hindrances.ts';
import type { Observer } from './observer.ts';
import type { Reaction } from './reaction.ts';
import type { Database, Envelope } from './session.ts';

/** Events taken at a time. */
const BATCH_EVENTS = 100;
/** Events handled in one transaction: with SQLite nobody else writes in that time, about 10 ms. */
const GROUP_EVENTS = 25;
/** A dispatcher that died gives its events back after this time. */
const CLAIM_MS = 10_000;
/** Nobody notices; at 200 orders a second six more events come in this time. */
const LINGER_MS = 10;
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
  readonly hindrances?: Pick<Hindrances, 'holdsEvents'>;
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
    // Leaves the request that woke us, so that its response does not wait for its reactions, and lets the events of the
    // next requests join: one transaction for ten events is ten times as cheap.
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
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
    const { database, clock, hindrances } = this.#parts;
    if ((await hindrances?.holdsEvents()) === true) return;
    const batch = await database.transaction((session) => session.outbox.claim(BATCH_EVENTS, clock.nowMs(), CLAIM_MS));
    if (batch.length === BATCH_EVENTS) this.#again = true;
    let group: Envelope[] = [];
    for (const envelope of batch) {
      // What calls the outside world waits for it, and a transaction must not wait with it.
      const isCalling = this.#reactionsTo(envelope).some((reaction) => reaction.call !== undefined);
      if (!isCalling) group.push(envelope);
      if (isCalling || group.length >= GROUP_EVENTS) {
        await this.#handleGroup(group);
        group = [];
      }
      if (this.#stopped) return;
      if (isCalling) await this.#handle(envelope);
    }
    await this.#handleGroup(group);
  }

  /** All of them in one transaction, or each alone when that fails. */
  async #handleGroup(group: readonly Envelope[]): Promise<void> {
    const { database, observer, clock } = this.#parts;
    if (group.length === 0) return;
    if (group.length === 1) return this.#handle(group[0]!);
    // An event of a group that is rolled back is handled again, and counted then.
    const tellings: (() => void)[] = [];
    const tally = (count: () => void) => void tellings.push(count);
    try {
      await database.transaction(async (session) => {
        const nowMs = clock.nowMs();
        for (const envelope of group) {
          const reactions = this.#reactionsTo(envelope);
          const work = async () => {
            for (const reaction of reactions) await reaction.write?.(envelope, session, nowMs);
            tellings.push(telling(envelope, reactions));
          };
          await observer.operation(
            { operation: 'event', type: envelope.event.type },
            work,
            envelope.traceparent,
            tally,
          );
        }
        const positions = group.map((envelope) => envelope.position);
        await session.outbox.markAllProcessed(positions, nowMs);
      });
    } catch {
      for (const envelope of group) {
        if (this.#stopped) return;
        await this.#handle(envelope);
      }
      return;
    }
    for (const tell of tellings) tell();
  }

  #reactionsTo({ event }: Envelope): readonly Reaction[] {
    return this.#parts.reactions.filter(({ events }) => events === 'all' || events.includes(event.type));
  }

  async #handle(envelope: Envelope): Promise<void> {
    const { database, observer, clock } = this.#parts;
    const reactions = this.#reactionsTo(envelope);
    let tell: (() => void) | undefined;
    try {
      const work = async () => {
        for (const reaction of reactions) await reaction.call?.(envelope);
        await database.transaction(async (session) => {
          const nowMs = clock.nowMs();
          for (const reaction of reactions) await reaction.write?.(envelope, session, nowMs);
          await session.outbox.markProcessed(envelope.position, nowMs);
        });
        tell = telling(envelope, reactions);
      };
      await observer.operation({ operation: 'event', type: envelope.event.type }, work, envelope.traceparent);
    } catch (error) {
      await this.#noteFailure(envelope, error);
      return;
    }
    tell?.();
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

/** Tells of the event later, but as part of its operation: what is measured then names its span as the example. */
function telling(envelope: Envelope, reactions: readonly Reaction[]): () => void {
  return AsyncLocalStorage.bind(() => {
    for (const reaction of reactions) reaction.tell?.(envelope);
  });
}
