// Hands the metrics that a connector has counted to the pipeline behind, now and then, and once more at the end.
import type { MetricBatch } from '@mario/otlp';
import type { Timer } from '@mario/service';
import type { ComponentSettings, Consume } from '../../component.ts';

/** A batch processor behind may hold the last metrics until it is shut down itself, which is after the connector. */
const lastFlushMsMax = 500;

export class Flusher {
  /** 0: whoever counts flushes by himself. */
  readonly #intervalMs: number;
  readonly #settings: ComponentSettings;
  readonly #collect: () => MetricBatch;
  readonly #next: Consume<'metrics'>;
  #timer: Timer | undefined;
  #flushing: Promise<void> | undefined;

  constructor(intervalMs: number, settings: ComponentSettings, collect: () => MetricBatch, next: Consume<'metrics'>) {
    this.#intervalMs = intervalMs;
    this.#settings = settings;
    this.#collect = collect;
    this.#next = next;
  }

  start(): void {
    if (this.#intervalMs === 0) return;
    this.#timer = this.#settings.clock.every(this.#intervalMs, () => {
      // A flush that takes longer than the interval is not overtaken: what it missed goes with the one after it.
      this.#flushing ??= this.flush().finally(() => {
        this.#flushing = undefined;
      });
    });
  }

  /** Never rejects: nobody waits for these metrics, and what is cumulative goes with the next flush. */
  async flush(): Promise<void> {
    const batch = this.#collect();
    if (batch.count === 0) return;
    try {
      await this.#next(batch);
    } catch (error) {
      const { id, log } = this.#settings;
      log.warn('metrics of spans could not be handed on', { connector: id, error });
    }
  }

  async shutdown(): Promise<void> {
    this.#timer?.cancel();
    const flushed = (this.#flushing ?? Promise.resolve()).then(() => this.flush());
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = this.#settings.clock.after(lastFlushMsMax, resolve);
    });
    await Promise.race([flushed, patience]);
    timer?.cancel();
  }
}

/** Of the monotonic clock in milliseconds, for expiry; since 1970 in nanoseconds, for points. */
export interface Moment {
  readonly nowMs: number;
  readonly nowNs: bigint;
}

export function momentOf({ clock }: ComponentSettings): Moment {
  return { nowMs: clock.monotonicMs(), nowNs: BigInt(Math.round(clock.nowMs())) * 1_000_000n };
}
