// What happens because of a domain event, after the request that caused it.

import type { DomainEvent, Envelope, Session } from './session.ts';

/** A reaction names the events it wants and does one of three kinds of things, each with its own promise. */
export interface Reaction {
  readonly name: string;
  readonly events: readonly DomainEvent['type'][] | 'all';
  /** Calls the outside world before anything is noted as done: at least once, so it must be idempotent. */
  call?(envelope: Envelope): Promise<void>;
  /** Writes to the database in the transaction that marks the event as handled: exactly once. */
  write?(envelope: Envelope, session: Session, nowMs: number): Promise<void>;
  /** Tells somebody in this process (metrics, open pages) once it is done: at most once, must not throw. */
  tell?(envelope: Envelope): void;
}
