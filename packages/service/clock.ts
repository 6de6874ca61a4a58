/** Time as an argument: servers take a Clock, tests give a fake one. */

export interface Timer {
  /** Stops the timer; harmless when it has fired or was stopped before. */
  cancel(): void;
}

export interface Clock {
  /** Wall clock in milliseconds since 1970-01-01 UTC. May jump, also backwards. */
  nowMs(): number;
  /** Wall clock in nanoseconds since 1970-01-01 UTC. */
  nowNs(): bigint;
  /** Monotonic milliseconds from an arbitrary start, for measuring durations. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. A pending timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until cancelled; a run that throws is a programmer's error. */
  every(periodMs: number, run: () => void): Timer;
}

/** setTimeout takes at most 2^31-1 ms and fires at once beyond that. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowNs: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, Math.min(Math.max(0, delayMs), DELAY_MS_MAX)).unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, run) {
    const handle = setInterval(run, Math.min(Math.max(1, periodMs), DELAY_MS_MAX)).unref();
    return { cancel: () => clearInterval(handle) };
  },
};
