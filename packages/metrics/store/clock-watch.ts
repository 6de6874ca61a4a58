/**
 * Notices when the wall clock jumps against the monotonic one: after a jump ahead, "older than the retention" means
 * nothing for a while, and a sample of "now" may lie hours behind those of a moment ago.
 */
import type { Clock, Log } from '@mario/service';

/** Less than this is a correction, which happens every day. */
const JUMP_MS_MIN = 10 * 60_000;

/** Whoever set the clock wrong has this long to set it right before data is dropped for its age. */
const MISTRUST_MS = 60 * 60_000;

export class ClockWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  #wallMs: number;
  #monotonicMs: number;
  #mistrustedUntilMs = Number.NEGATIVE_INFINITY;
  jumpCount = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#wallMs = clock.nowMs();
    this.#monotonicMs = clock.monotonicMs();
  }

  /** False for a while after a jump ahead. Call it regularly. */
  trusted(): boolean {
    const wallMs = this.#clock.nowMs();
    const monotonicMs = this.#clock.monotonicMs();
    const jumpMs = wallMs - this.#wallMs - (monotonicMs - this.#monotonicMs);
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    if (Math.abs(jumpMs) >= JUMP_MS_MIN) {
      this.jumpCount++;
      // A clock that is set back to where it was is to be trusted again.
      this.#mistrustedUntilMs = jumpMs > 0 ? monotonicMs + MISTRUST_MS : Number.NEGATIVE_INFINITY;
      this.#log.warn('the clock of this machine jumped; old data is not dropped for its age for an hour', {
        seconds: Math.round(jumpMs / 1000),
        now: new Date(wallMs).toISOString(),
      });
    }
    return monotonicMs >= this.#mistrustedUntilMs;
  }
}
