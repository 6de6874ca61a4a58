/** Waits for the word to stop: a signal, or the end of the process that started this one. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves with the reason once this process is asked to stop. A second signal of the same kind ends it at once, for
 * users who cannot wait. When started by `mario up`, the parent's end counts as a signal: nobody else would stop us.
 */
export function shutdownRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(signal));
    if (process.connected) process.once('disconnect', () => resolve('the parent process has ended'));
  });
}

/** Tells `mario up` that this process is ready, with what it wants shown; does nothing when started by hand. */
export function announceReady(addresses: Readonly<Record<string, string>>): void {
  if (process.connected) process.send!({ type: 'ready', addresses });
}
