// Tries again with growing pauses, as `retry_on_failure` says.
import { PermanentError, RetryableError } from '@mario/otlp';
import type { Clock } from '@mario/service';
import type { RetryConfig } from './config.ts';

/** Tells a retry that its exporter shuts down. */
export interface StopSignal {
  readonly stopped: boolean;
  /** Called once when it stops; gives what takes the call back. */
  onStop(run: () => void): () => void;
}

/**
 * Calls `attempt` until it succeeds, fails for good, the time is up or the exporter stops; then its last error comes
 * out. A delay that the other end asked for is kept, even if it is longer than the configured pause.
 */
export async function withRetry(
  attempt: () => Promise<void>,
  config: RetryConfig | undefined,
  clock: Clock,
  stop: StopSignal,
  random: () => number,
): Promise<void> {
  const startMs = clock.monotonicMs();
  let intervalMs = config?.initialMs ?? 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (config === undefined || error instanceof PermanentError || stop.stopped) throw error;
      const asked = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
      const spread = intervalMs * config.randomization;
      const pauseMs = Math.max(asked, intervalMs - spread + random() * 2 * spread);
      const elapsedMs = clock.monotonicMs() - startMs + pauseMs;
      if (config.maxElapsedMs > 0 && elapsedMs > config.maxElapsedMs) {
        const { message } = error as Error;
        throw new RetryableError(`no more retries left: ${message}`, { cause: error });
      }
      await pause(pauseMs, clock, stop);
      intervalMs = Math.min(intervalMs * config.multiplier, config.maxMs);
    }
  }
}

/** Resolves after the time, or at once when the exporter stops. */
function pause(ms: number, clock: Clock, stop: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const forget = stop.onStop(() => {
      timer.cancel();
      resolve();
    });
    const timer = clock.after(ms, () => {
      forget();
      resolve();
    });
  });
}
