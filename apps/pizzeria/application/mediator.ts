// The one way into the application: every command and query passes the same pipeline.
//
// observe (span, metrics) → validate → transact (commands) or read (queries) → handle → dispatch events after the
// commit. A new operation gets all of it by being sent through here; see docs/adr/0071-one-mediator.md.

import { RuleViolation } from '../domain/business-rule.ts';
import type { Clock, NewId } from './clock.ts';
import { VersionConflict } from './failure.ts';
import type { Answer, Hindrances } from './hindrances.ts';
import type { MenuCache } from './menu-cache.ts';
import type { Observer } from './observer.ts';
import type { HandlerContext, Operation } from './operation.ts';
import type { Database, DomainEvent, RaisedEvent, Session } from './session.ts';

/** A conflict that comes back three times is not an accident of timing. */
const ATTEMPTS_MAX = 3;

export interface MediatorParts {
  readonly database: Database;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly hindrances: Hindrances;
  readonly menuCache: MenuCache;
  /** From the click to the door. */
  readonly promiseMs: number;
  /** Called after a commit that put events into the outbox, inside of the command's observation. */
  readonly onEventsCommitted: (types: readonly DomainEvent['type'][]) => Answer<void>;
}

export class Mediator {
  readonly #parts: MediatorParts;

  constructor(parts: MediatorParts) {
    this.#parts = parts;
  }

  /** Runs the operation. Whatever it throws has changed nothing. */
  send<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    return this.#parts.observer.operation(operation, () => this.#countingViolations(operation, input));
  }

  async #countingViolations<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    try {
      operation.check?.(input);
      return await (operation.operation === 'command'
        ? this.#transact(operation, input)
        : this.#read(operation, input));
    } catch (error) {
      if (error instanceof RuleViolation) this.#parts.observer.validationFailed(error.rule, operation.type);
      throw error;
    }
  }

  async #transact<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transactOnce(operation, input);
      } catch (error) {
        const again = operation.repeatsOnConflict === true && error instanceof VersionConflict;
        if (!again || attempt >= ATTEMPTS_MAX) throw error;
      }
    }
  }

  async #transactOnce<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    // Another attempt begins with none.
    const raised: RaisedEvent[] = [];
    const output = await this.#parts.database.transaction(async (session) => {
      const { newId, observer } = this.#parts;
      const result = await operation.handle(input, {
        ...this.#contextOf(session),
        raise: async (event) => {
          observer.eventRaised(event.type);
          raised.push({ id: newId(), event, traceparent: observer.traceparent() });
        },
      });
      await session.outbox.appendAll(raised);
      return result;
    });
    if (raised.length > 0) await this.#parts.onEventsCommitted(raised.map(({ event }) => event.type));
    return output;
  }

  #read<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    return this.#parts.database.read((session) =>
      operation.handle(input, {
        ...this.#contextOf(session),
        raise: () => Promise.reject(new Error(`BUG: the query ${operation.type} raised an event`)),
      }),
    );
  }

  #contextOf(session: Session): Omit<HandlerContext, 'raise'> {
    const { clock, newId, promiseMs, hindrances, menuCache } = this.#parts;
    return { ...session, nowMs: clock.nowMs(), newId, promiseMs, hindrances, menuCache };
  }
}
