// The one small interface between the collector and whatever takes telemetry from it: a store in this process, or an
// exporter that sends it over a network.
import type { LogBatch } from './model/logs.ts';
import type { MetricBatch } from './model/metrics.ts';
import type { SpanBatch } from './model/spans.ts';

/**
 * Takes spans. The promise resolves once the data is durable at the consumer: killed at any moment after that, the
 * consumer has it. It rejects with `PermanentError` when the same data would be refused again, with `RetryableError`
 * when a later attempt may succeed; any other error counts as retryable. The batch is shared and must not be written to.
 * Calls may overlap; the consumer bounds what it holds and rejects (retryable) instead of holding more.
 */
export interface TracesConsumer {
  consumeTraces(batch: SpanBatch): Promise<void>;
}

/** Takes log records; see `TracesConsumer`. */
export interface LogsConsumer {
  consumeLogs(batch: LogBatch): Promise<void>;
}

/** Takes metrics; see `TracesConsumer`. */
export interface MetricsConsumer {
  consumeMetrics(batch: MetricBatch): Promise<void>;
}

/**
 * The data is bad and will stay so. With `rejected` less than the batch's count, the rest was accepted and is durable
 * (OTLP: partial success).
 */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  /** How many spans, records or points were refused; undefined: all of them. */
  readonly rejected: number | undefined;

  constructor(message: string, options: { rejected?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.rejected = options.rejected;
  }
}

/** The data is fine, the moment is not: memory, queue or disk is full, or the other end is away. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  /** How long the sender should wait; undefined: its own backoff. */
  readonly retryAfterMs: number | undefined;
  /** True when a limit of this process was met (gRPC RESOURCE_EXHAUSTED, HTTP 429), false when a part is away (UNAVAILABLE, 503). */
  readonly exhausted: boolean;

  constructor(message: string, options: { retryAfterMs?: number; exhausted?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.exhausted = options.exhausted ?? false;
  }
}
