// What start timestamps ("created") say about counter resets.

/**
 * Whether the counter restarted between two samples according to start timestamps (0: unknown). A start at the
 * previous sample is a reset for delta series, whose every sample names a start, but not after a sample of unknown
 * start; a start at or after its own sample is unknown or invalid.
 */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  if (previousStart > previousTime) return false;
  return previousStart !== 0 && previousStart !== previousTime;
}

/** Whether a sample claims to have begun before the previous sample of another start: the data contradicts itself. */
export function startsOverlap(previousStart: number, previousTime: number, start: number): boolean {
  return start !== 0 && start < previousTime && start !== previousStart;
}
