// Between a pipeline and a network: the sending queue, its consumers, retries and the metrics about them.
import { PermanentError, RetryableError, type Signal, type SignalBatch } from '@mario/otlp';
import type { ComponentSettings, Consume, Step } from '../../component.ts';
import type { SendingConfig } from './config.ts';
import { type StopSignal, withRetry } from './retry.ts';

/** One attempt to send a batch; throws `PermanentError` or `RetryableError`. */
type Send<S extends Signal> = (batch: SignalBatch[S], timeoutMs: number) => Promise<void>;

export interface SenderOptions<S extends Signal> {
  readonly signal: S;
  readonly config: SendingConfig;
  readonly settings: ComponentSettings;
  readonly send: Send<S>;
  /**
   * The consumer when the other end lives in this process. Then there is no queue and no retry: the batch is handed
   * over, and it is the sender upstream who learns when the store has it or cannot take it now.
   */
  readonly inProcess: () => Consume<S> | undefined;
  readonly close: () => Promise<void>;
  readonly random?: () => number;
}

interface Queued<S extends Signal> {
  readonly batch: SignalBatch[S];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Batches that wait because the queue is full and `block_on_overflow` is set; more are refused after all. */
const blockedMax = 1_000;

export class Sender<S extends Signal> implements Step<S> {
  private readonly options: SenderOptions<S>;
  private readonly stop = new Stop();
  private readonly queue: Queued<S>[] = [];
  private readonly blocked: Queued<S>[] = [];
  private queuedSize = 0;
  private readonly running = new Set<Promise<void>>();

  constructor(options: SenderOptions<S>) {
    this.options = options;
    const { signal, settings } = options;
    const { queue } = options.config;
    if (queue !== undefined) {
      settings.pipelineMetrics.registerQueue({
        exporter: settings.id,
        signal,
        size: () => this.queuedSize,
        capacity: queue.size,
      });
    }
  }

  readonly consume: Consume<S> = async (batch) => {
    const inProcess = this.options.inProcess();
    if (inProcess !== undefined) return this.counted(batch, () => inProcess(batch));
    if (this.options.config.queue === undefined) return this.sendWithRetry(batch);
    return this.enqueue(batch);
  };

  async start(): Promise<void> {}

  /** What is queued gets one more attempt each; what fails then is counted and lost, as it was only in memory. */
  async shutdown(): Promise<void> {
    this.stop.stop();
    while (this.running.size > 0 || this.queue.length > 0) {
      this.work();
      await Promise.allSettled(this.running);
    }
    await this.options.close();
  }

  private enqueue(batch: SignalBatch[S]): Promise<void> {
    const queue = this.options.config.queue!;
    return new Promise((resolve, reject) => {
      const queued = { batch, resolve, reject };
      if (this.stop.stopped) return reject(new RetryableError('the exporter is shutting down'));
      if (this.queuedSize + this.sizeOf(batch) > queue.size && this.queue.length > 0) {
        if (!queue.blockOnOverflow || this.blocked.length >= blockedMax) {
          const { settings, signal } = this.options;
          settings.pipelineMetrics.exporterEnqueueFailed(signal, settings.id, batch.count);
          return reject(new RetryableError('sending queue is full'));
        }
        this.blocked.push(queued);
        return undefined;
      }
      this.push(queued);
      return undefined;
    });
  }

  private push(queued: Queued<S>): void {
    this.queue.push(queued);
    this.queuedSize += this.sizeOf(queued.batch);
    if (this.options.config.queue?.waitForResult !== true) queued.resolve();
    this.work();
  }

  private sizeOf(batch: SignalBatch[S]): number {
    return this.options.config.queue?.inRecords === true ? batch.count : 1;
  }

  /** Starts as many consumers as there are batches, up to the configured number. */
  private work(): void {
    const consumers = this.options.config.queue?.consumers ?? 1;
    while (this.running.size < consumers && this.queue.length > 0) {
      const queued = this.queue.shift()!;
      const work: Promise<void> = this.sendWithRetry(queued.batch)
        .then(queued.resolve, (error: unknown) => {
          this.report(queued.batch, error);
          queued.reject(error);
        })
        .finally(() => {
          this.running.delete(work);
          this.queuedSize -= this.sizeOf(queued.batch);
          this.unblock();
          this.work();
        });
      this.running.add(work);
    }
  }

  private unblock(): void {
    const queue = this.options.config.queue!;
    while (this.blocked.length > 0 && this.queuedSize + this.sizeOf(this.blocked[0]!.batch) <= queue.size) {
      this.push(this.blocked.shift()!);
    }
  }

  /** Only when nobody upstream hears of it. */
  private report(batch: SignalBatch[S], error: unknown): void {
    if (this.options.config.queue?.waitForResult === true) return;
    const { settings, signal } = this.options;
    settings.log.error('Exporting failed. Dropping data.', {
      exporter: settings.id,
      data_type: signal,
      dropped_items: error instanceof PermanentError ? (error.rejected ?? batch.count) : batch.count,
      error,
    });
  }

  private sendWithRetry(batch: SignalBatch[S]): Promise<void> {
    const { config, settings, send, random } = this.options;
    const attempt = () => send(batch, config.timeoutMs);
    return this.counted(batch, () =>
      withRetry(attempt, config.retry, settings.clock, this.stop, random ?? Math.random),
    );
  }

  private async counted(batch: SignalBatch[S], send: () => Promise<void>): Promise<void> {
    const { settings, signal } = this.options;
    try {
      await send();
      settings.pipelineMetrics.exporterSent(signal, settings.id, batch.count);
    } catch (error) {
      const failed =
        error instanceof PermanentError ? Math.min(error.rejected ?? batch.count, batch.count) : batch.count;
      settings.pipelineMetrics.exporterFailed(signal, settings.id, failed);
      settings.pipelineMetrics.exporterSent(signal, settings.id, batch.count - failed);
      throw error;
    }
  }
}

class Stop implements StopSignal {
  stopped = false;
  private readonly listeners = new Set<() => void>();

  onStop(run: () => void): () => void {
    if (this.stopped) run();
    else this.listeners.add(run);
    return () => void this.listeners.delete(run);
  }

  stop(): void {
    this.stopped = true;
    for (const run of this.listeners) run();
    this.listeners.clear();
  }
}
