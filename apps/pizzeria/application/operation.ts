// A command or a query: its name in telemetry, the checks that need no data, and its handler.

import type { Hindrances } from './hindrances.ts';
import type { MenuCache } from './menu-cache.ts';
import type { DomainEvent, Session } from './session.ts';

/** What a handler gets beside its input. Time and identity come from here, so that tests decide on them. */
export interface HandlerContext extends Session {
  /** The menu for those who only look; whoever sells reads `menu`. */
  readonly menuCache: MenuCache;
  readonly nowMs: number;
  /** From the click to the door. */
  readonly promiseMs: number;
  /** What goes wrong on purpose. */
  readonly hindrances: Hindrances;
  newId(): string;
  /** The event is in the outbox if and only if this transaction is committed; only commands may raise events. */
  raise(event: DomainEvent): Promise<void>;
}

export interface Operation<Input, Output> {
  readonly operation: 'command' | 'query';
  /** As in telemetry: `PlaceOrderCommand`. */
  readonly type: string;
  /** For commands that saw no version which their caller could know: a version conflict runs them again. */
  readonly repeatsOnConflict?: true;
  /** Throws a `RuleViolation` for what is wrong whatever the database says. Runs before any transaction. */
  check?(input: Input): void;
  handle(input: Input, context: HandlerContext): Promise<Output>;
}

/** Declares a command: it runs in a transaction and may raise events. */
export function command<Input, Output>(
  type: `${string}Command`,
  parts: Omit<Operation<Input, Output>, 'operation' | 'type'>,
): Operation<Input, Output> {
  return { operation: 'command', type, ...parts };
}

/** Declares a query: it only reads. */
export function query<Input, Output>(
  type: `${string}Query`,
  parts: Omit<Operation<Input, Output>, 'operation' | 'type'>,
): Operation<Input, Output> {
  return { operation: 'query', type, ...parts };
}
