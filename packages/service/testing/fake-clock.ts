/** A clock that moves only when a test says so. */
import type { Clock, Timer } from '../clock.ts';

interface Pending {
  atMs: number;
  periodMs: number | undefined;
  run: () => void;
}

export class FakeClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  nowNs(): bigint {
    return BigInt(Math.round(this.#nowMs * 1000)) * 1000n;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#schedule(delayMs, undefined, run);
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#schedule(periodMs, periodMs, run);
  }

  /** Moves time forward, firing due timers in order; between timers pending promises get to run. */
  async advance(deltaMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + deltaMs;
    for (;;) {
      const next = this.#earliest(untilMs);
      if (next === undefined) break;
      this.#moveTo(next.atMs);
      if (next.periodMs === undefined) this.#pending.delete(next);
      else next.atMs += next.periodMs;
      next.run();
      await settle();
    }
    this.#moveTo(untilMs);
    await settle();
  }

  /** Sets the wall clock alone, as when an administrator or NTP changes it. */
  jump(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  #schedule(delayMs: number, periodMs: number | undefined, run: () => void): Timer {
    const entry: Pending = { atMs: this.#monotonicMs + delayMs, periodMs, run };
    this.#pending.add(entry);
    return { cancel: () => void this.#pending.delete(entry) };
  }

  #earliest(untilMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.atMs <= untilMs && (first === undefined || entry.atMs < first.atMs)) first = entry;
    }
    return first;
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

/** One turn of the event loop: every settled promise's continuation has run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
