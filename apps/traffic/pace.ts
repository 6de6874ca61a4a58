// Time as the simulated people feel it: waits that a faster day shortens and that end when the day is called off.

import { setTimeout as sleep } from 'node:timers/promises';

/** Simulated time stands still for nobody, but waits shorter than this would only burn the machine. */
const WAIT_MS_MIN = 20;

export interface Pace {
  readonly signal: AbortSignal;
  /** Simulated milliseconds since 1970; runs `speed` times as fast as the real clock. */
  nowMs(): number;
  /** Waits so long in simulated time; false when the day was called off meanwhile. */
  wait(simulatedMs: number): Promise<boolean>;
}

export function paceOf(speed: number, signal: AbortSignal, realNowMs: () => number = Date.now): Pace {
  const startMs = realNowMs();
  return {
    signal,
    nowMs: () => startMs + (realNowMs() - startMs) * speed,
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
