/**
 * Wall-clock time for spans, in fractions of a millisecond and never backwards within a process: the order of the spans
 * in a trace must be the order in which they began. The monotonic clock is set by the wall clock once a second, so a
 * correction by NTP arrives within a second.
 */

const RESYNC_MS = 1_000;

let offsetMs = Date.now() - performance.now();
let resyncAtMs = performance.now() + RESYNC_MS;

/** Milliseconds since 1970, UTC; `nowMs` is what `performance.now()` says, for those who have asked it already. */
export function spanTimeMs(nowMs = performance.now()): number {
  if (nowMs > resyncAtMs) {
    const drift = Date.now() - nowMs - offsetMs;
    // Date.now() is cut to whole milliseconds; less than that is no drift. A step back waits until time has caught up.
    if (Math.abs(drift) > 1) offsetMs += drift > 0 ? drift : Math.max(drift, -(nowMs - resyncAtMs + RESYNC_MS) / 2);
    resyncAtMs = nowMs + RESYNC_MS;
  }
  return nowMs + offsetMs;
}
