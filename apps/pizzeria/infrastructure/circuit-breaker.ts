// A circuit breaker: after failures in a row nobody waits for a service that does not answer, until one probe does.

import type { Clock } from '../application/clock.ts';

export interface BreakerLimits {
  /** So many failures in a row open the circuit. */
  readonly failuresMax: number;
  /** So long it stays open; then one call is let through. */
  readonly openMs: number;
}

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
  #failures = 0;
  #openUntilMs = 0;
  #probing = false;

  constructor(limits: BreakerLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Runs the call unless the circuit is open. What the call throws counts as a failure and passes through. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const waitMs = this.#openUntilMs - this.#clock.nowMs();
    const halfOpen = this.#failures >= this.#limits.failuresMax;
    if (waitMs > 0 || (halfOpen && this.#probing)) throw new CircuitOpen(Math.max(waitMs, 0));
    if (halfOpen) this.#probing = true;
    try {
      const result = await call();
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures >= this.#limits.failuresMax) this.#openUntilMs = this.#clock.nowMs() + this.#limits.openMs;
      throw error;
    } finally {
      if (halfOpen) this.#probing = false;
    }
  }
}
