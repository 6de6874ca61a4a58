/** Tries to deliver until it works, cannot work, or the time is up: exponential back-off with jitter, as the real one. */
import type { Clock } from '@mario/service';
import type { Attempt } from './webhook.ts';

/** The defaults of the library that Alertmanager takes for its back-off. */
const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 60_000;
const WAIT_FACTOR = 1.5;
const JITTER = 0.5;

export interface DeliveryOptions {
  readonly clock: Clock;
  /** 0 … 1 */
  readonly random: () => number;
  /** Attempts end then. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told of every attempt. */
  readonly attempted: (attempt: Attempt, durationMs: number) => void;
}

export async function deliver(
  attempt: (timeoutMs: number, signal: AbortSignal) => Promise<Attempt>,
  { clock, random, timeoutMs, signal, attempted }: DeliveryOptions,
): Promise<Attempt> {
  const startMs = clock.monotonicMs();
  const leftMs = () => timeoutMs - (clock.monotonicMs() - startMs);
  let waitMs = WAIT_FIRST_MS;
  for (let count = 1; ; count++) {
    const beganMs = clock.monotonicMs();
    const result = await attempt(leftMs(), signal);
    attempted(result, clock.monotonicMs() - beganMs);
    if (result.ok || !result.retry) return result;
    const jitteredMs = waitMs * (1 + JITTER * (2 * random() - 1));
    if (signal.aborted || jitteredMs >= leftMs()) {
      return { ...result, error: `notify retry canceled after ${count} attempts: ${result.error}` };
    }
    await pause(jitteredMs, clock, signal);
    if (signal.aborted) return { ...result, error: `notify retry canceled after ${count} attempts: ${result.error}` };
    waitMs = Math.min(waitMs * WAIT_FACTOR, WAIT_MAX_MS);
  }
}

function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(delayMs, end);
    signal.addEventListener('abort', end);
  });
}
