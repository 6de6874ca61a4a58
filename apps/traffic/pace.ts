// Time as the simulated people feel it: waits that a faster day shortens and that end when the day is called off.

import { setTimeout as sleep } from 'node:timers/promises';

/** Waits shorter than this would only burn the machine. */
const WAIT_MS_MIN = 20;

export interface Pace {
  readonly signal: AbortSignal;
  /** Simulated milliseconds since 1970; runs `speed` times as fast as the real clock. */
  nowMs(): number;
  /** Waits so long in simulated time; false when the day was called off meanwhile. */
  wait(simulatedMs: number): Promise<boolean>;
  /** So much simulated time in real time, for what cannot be simulated: a socket that stays open. */
  realMs(simulatedMs: number): number;
}

/** A day that runs `speed` times as fast as the real one, from `startMs` (simulated) on. */
export function paceOf(
  speed: number,
  signal: AbortSignal,
  startMs: number = Date.now(),
  realNowMs: () => number = Date.now,
): Pace {
  const beganMs = realNowMs();
  return {
    signal,
    nowMs: () => startMs + (realNowMs() - beganMs) * speed,
    realMs: (simulatedMs) => simulatedMs / speed,
    async wait(simulatedMs) {
      try {
        await sleep(Math.max(WAIT_MS_MIN, simulatedMs / speed), undefined, { signal });
        return true;
      } catch {
        return false;
      }
    },
  };
}
