/** Whose turn it is on the one thread: long work gives way, and of all that wait one goes on for each round of the event loop. */

const waiting: (() => void)[] = [];

/**
 * Resolves after other events had their chance. Many searches that wait share the rounds, so that between two slices of
 * whichever of them intake is served: with plain setImmediate all of them would run one after the other in one round.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(release);
  });
}

function release(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(release);
}
