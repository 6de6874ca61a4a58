// The batch processor: gathers small batches into larger ones. Whoever brought a part waits until the whole is taken on.
import {
  concatLogs,
  concatMetrics,
  concatSpans,
  PermanentError,
  RetryableError,
  type Signal,
  type SignalBatch,
  sliceLogs,
  sliceMetrics,
  sliceSpans,
} from '@mario/otlp';
import type { ConfigNode, Counter, Histogram, OwnMetrics, Timer } from '@mario/service';
import type { ComponentSettings, Consume, ProcessorFactory, Step } from '../../component.ts';
import { count, durationMs, type ReadContext } from '../../config/read-context.ts';

export interface BatchConfig {
  readonly timeoutMs: number;
  /** Records that are sent without waiting for the time; 0: whatever comes is sent at once. */
  readonly sendBatchSize: number;
  /** Larger batches are split; 0: never. */
  readonly sendBatchMaxSize: number;
}

export const batchProcessor: ProcessorFactory<BatchConfig> = {
  kind: 'processor',
  types: ['batch'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig(node: ConfigNode, context: ReadContext) {
    const fields = node.fields({
      timeout: 'used',
      send_batch_size: 'used',
      send_batch_max_size: 'used',
      metadata_keys: 'used',
      metadata_cardinality_limit: 'unused',
    });
    if ((fields.metadata_keys?.list().length ?? 0) > 0) {
      context.refuse(fields.metadata_keys!, 'metadata_keys are not supported by the embedded batch processor');
    }
    const config = {
      timeoutMs: durationMs(fields.timeout, 200),
      sendBatchSize: count(fields.send_batch_size, 8192),
      sendBatchMaxSize: count(fields.send_batch_max_size, 0),
    };
    if (config.sendBatchMaxSize > 0 && config.sendBatchMaxSize < config.sendBatchSize) {
      fields.send_batch_max_size!.error('must be greater or equal to send_batch_size');
    }
    return config;
  },
  create: (signal, config, settings, next) => new BatchStep(signal, config, settings, next),
};

/** Batches on their way at the same time: enough to fill a store's group commit, few enough to be counted. */
const inFlightMax = 8;
/** Records that wait while all ways are taken; beyond this the sender is told to come back. */
const waitingRecordsMax = 200_000;

interface Part<S extends Signal> {
  readonly batch: SignalBatch[S];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class BatchStep<S extends Signal> implements Step<S> {
  private readonly signal: S;
  private readonly config: BatchConfig;
  private readonly settings: ComponentSettings;
  private readonly next: Consume<S>;
  private readonly metrics: BatchMetrics;
  private waiting: Part<S>[] = [];
  private waitingRecords = 0;
  private timer: Timer | undefined;
  private readonly inFlight = new Set<Promise<void>>();
  private stopped = false;

  constructor(signal: S, config: BatchConfig, settings: ComponentSettings, next: Consume<S>) {
    this.signal = signal;
    this.config = config;
    this.settings = settings;
    this.next = next;
    this.metrics = batchMetrics(settings.ownMetrics);
  }

  readonly consume: Consume<S> = (batch) => {
    if (this.stopped) return Promise.reject(new RetryableError('the collector is shutting down'));
    if (this.waitingRecords + batch.count > waitingRecordsMax && this.waiting.length > 0) {
      return Promise.reject(new RetryableError('the batch processor is full', { exhausted: true }));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject });
      this.waitingRecords += batch.count;
      if (this.waitingRecords >= this.config.sendBatchSize || this.config.timeoutMs === 0) this.flush('size');
      else this.timer ??= this.settings.clock.after(this.config.timeoutMs, () => this.flush('timeout'));
    });
  };

  async start(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.stopped = true;
    while (this.waiting.length > 0 || this.inFlight.size > 0) {
      this.flush('timeout');
      await Promise.allSettled(this.inFlight);
    }
  }

  private flush(trigger: 'size' | 'timeout'): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (this.waiting.length === 0 || this.inFlight.size >= inFlightMax) return;
    const parts = this.waiting;
    this.waiting = [];
    this.waitingRecords = 0;
    this.metrics.triggered(trigger, this.settings.id);
    const sent: Promise<void> = this.send(parts).finally(() => {
      this.inFlight.delete(sent);
      // What came while all ways were taken has waited long enough.
      if (this.waiting.length > 0 && this.timer === undefined) this.flush('timeout');
    });
    this.inFlight.add(sent);
  }

  /** Never rejects: the fate of the whole is told to each part. */
  private async send(parts: readonly Part<S>[]): Promise<void> {
    try {
      const whole = concat(
        this.signal,
        parts.map((part) => part.batch),
      );
      await Promise.all(this.split(whole).map((batch) => this.forward(batch)));
      for (const part of parts) part.resolve();
    } catch (error) {
      if (error instanceof PermanentError && error.rejected !== undefined && parts.length > 1) {
        this.settings.log.warn('records were refused after batching, their senders cannot be told', {
          processor: this.settings.id,
          rejected: error.rejected,
          error,
        });
        for (const part of parts) part.resolve();
      } else for (const part of parts) part.reject(error);
    }
  }

  private forward(batch: SignalBatch[S]): Promise<void> {
    this.metrics.size.observe(batch.count, { processor: this.settings.id });
    return this.next(batch);
  }

  private split(whole: SignalBatch[S]): SignalBatch[S][] {
    const max = this.config.sendBatchMaxSize;
    if (max === 0 || whole.count <= max) return [whole];
    const pieces: SignalBatch[S][] = [];
    for (let from = 0; from < whole.count; from += max) {
      pieces.push(slice(whole, from, Math.min(from + max, whole.count)));
    }
    return pieces;
  }
}

function concat<S extends Signal>(signal: S, batches: readonly SignalBatch[S][]): SignalBatch[S] {
  const join = { traces: concatSpans, metrics: concatMetrics, logs: concatLogs }[signal];
  return (join as unknown as (batches: readonly SignalBatch[S][]) => SignalBatch[S])(batches);
}

function slice<S extends Signal>(batch: SignalBatch[S], from: number, to: number): SignalBatch[S] {
  const cut = { traces: sliceSpans, metrics: sliceMetrics, logs: sliceLogs }[batch.signal];
  return (cut as unknown as (batch: SignalBatch[S], from: number, to: number) => SignalBatch[S])(batch, from, to);
}

interface BatchMetrics {
  readonly size: Histogram;
  triggered(trigger: 'size' | 'timeout', processor: string): void;
}

/** The bounds of the real Collector's histogram. */
const sizeBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 30_000,
  50_000, 100_000,
];
const made = new WeakMap<OwnMetrics, BatchMetrics>();

/** One set of instruments for all batch processors that report to the same place. */
function batchMetrics(metrics: OwnMetrics): BatchMetrics {
  const known = made.get(metrics);
  if (known !== undefined) return known;
  const bySize: Counter = metrics.counter(
    'otelcol_processor_batch_batch_size_trigger_send_total',
    'Number of times the batch was sent due to a size trigger',
  );
  const byTimeout: Counter = metrics.counter(
    'otelcol_processor_batch_timeout_trigger_send_total',
    'Number of times the batch was sent due to a timeout trigger',
  );
  const size = metrics.histogram('otelcol_processor_batch_batch_send_size', 'Number of units in the batch', sizeBounds);
  const instruments: BatchMetrics = {
    size,
    triggered: (trigger, processor) => (trigger === 'size' ? bySize : byTimeout).inc({ processor }),
  };
  made.set(metrics, instruments);
  return instruments;
}
