/** Tells the operator that the disk does not take what comes in: one line now and then, and one when it does again. */
import type { Clock, Log } from '@mario/service';

const LOG_PERIOD_MS = 60_000;

export class WriteFailures {
  readonly #clock: Clock;
  readonly #log: Log;
  #saidMs = Number.NEGATIVE_INFINITY;
  #failing = false;
  count = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  failed(doing: string, error: unknown): void {
    this.count++;
    this.#failing = true;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#saidMs < LOG_PERIOD_MS) return;
    this.#saidMs = nowMs;
    const { code, message } = error as { code?: string; message?: string };
    this.#log.error(`${doing} failed; what was stored before is safe, and it is tried again`, {
      code,
      error: message ?? String(error),
      failures: this.count,
    });
  }

  succeeded(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#saidMs = Number.NEGATIVE_INFINITY;
    this.#log.info('the disk takes data again', { failures: this.count });
  }
}
