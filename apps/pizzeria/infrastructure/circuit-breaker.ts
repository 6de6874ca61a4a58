// A circuit breaker: after failures in a row nobody waits for a service that does not answer, until one probe does.

import type { Clock } from '../application/clock.ts';

export interface BreakerLimits {
  /** So many failures in a row open the circuit. */
  readonly failuresMax: number;
  /** So long it stays open; then one call is let through. */
  readonly openMs: number;
}

/** `half-open` while the one probe is under way. */
export type CircuitState = 'closed' | 'half-open' | 'open';

/** Thrown instead of calling while the circuit is open. */
export class CircuitOpen extends Error {
  constructor(retryInMs: number) {
    super(`it failed too often; it is tried again in ${Math.ceil(retryInMs / 1000)} s`);
    this.name = 'CircuitOpen';
  }
}

export class CircuitBreaker {
  readonly #limits: BreakerLimits;
  readonly #clock: Clock;
  readonly #onState: (state: CircuitState) => void;
  #state: CircuitState = 'closed';
  #failures = 0;
  #openUntilMs = 0;

  /** `onState` is told of the first state at once and of every change. */
  constructor(limits: BreakerLimits, clock: Clock, onState: (state: CircuitState) => void = () => {}) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onState = onState;
    onState('closed');
  }

  /** Runs the call unless the circuit is open. What the call throws counts as a failure and passes through. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const waitMs = this.#openUntilMs - this.#clock.nowMs();
    if (this.#state === 'half-open' || (this.#state === 'open' && waitMs > 0))
      throw new CircuitOpen(Math.max(waitMs, 0));
    const probing = this.#state === 'open';
    if (probing) this.#become('half-open');
    try {
      const result = await call();
      // A call that began before the circuit opened proves nothing about the probe.
      if (probing || this.#state === 'closed') this.#succeed();
      return result;
    } catch (error) {
      this.#failures += 1;
      if (probing || (this.#state === 'closed' && this.#failures >= this.#limits.failuresMax)) this.#open();
      throw error;
    }
  }

  #succeed(): void {
    this.#failures = 0;
    this.#become('closed');
  }

  #open(): void {
    this.#openUntilMs = this.#clock.nowMs() + this.#limits.openMs;
    this.#become('open');
  }

  #become(state: CircuitState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#onState(state);
  }
}
