/**
 * The official SDK's processor and reader seams, filled with batches that wait as bytes. The SDK's own batch processors
 * hold live objects (some 2 KB a span) and drop a batch after the exporter has given up on it; here nothing is dropped
 * before the export buffer is full.
 */
import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchEnvironment } from '../environment.ts';
import { instruments } from '../metrics/registry.ts';
import { Batch } from './batch.ts';
import type { BatchEncoder } from './batch-encoder.ts';
import type { ExportQueue } from './export-queue.ts';
import { countPoints } from './metrics-encoder.ts';

/** How long a flush or a shutdown waits for a collector that does not answer. */
export const FLUSH_TIMEOUT_MS = 5_000;

class BufferedProcessor<T> {
  protected readonly batch: Batch<T>;
  readonly #queue: ExportQueue;

  constructor(queue: ExportQueue, encoder: BatchEncoder<T>, settings: BatchEnvironment) {
    this.#queue = queue;
    this.batch = new Batch(settings, encoder, (body, items, release) => queue.add(body, items, release));
  }

  async forceFlush(): Promise<void> {
    this.batch.emit();
    await this.#queue.flush(FLUSH_TIMEOUT_MS);
  }

  async shutdown(): Promise<void> {
    this.batch.emit();
    await this.#queue.close(FLUSH_TIMEOUT_MS);
  }
}

export class BufferedSpanProcessor extends BufferedProcessor<ReadableSpan> implements SpanProcessor {
  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.batch.add(span);
  }
}

export class BufferedLogProcessor extends BufferedProcessor<ReadableLogRecord> implements LogRecordProcessor {
  onEmit(record: ReadWriteLogRecord): void {
    this.batch.add(record);
  }

  /** A record that is as it must be, and did not come through the SDK. */
  take(record: ReadableLogRecord): void {
    this.batch.add(record);
  }
}

/** Collects every `intervalMs` and hands the points to the queue. */
export class BufferedMetricReader extends MetricReader {
  readonly #queue: ExportQueue;
  readonly #serialize: (data: ResourceMetrics) => Uint8Array | undefined;
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(
    queue: ExportQueue,
    serialize: (data: ResourceMetrics) => Uint8Array | undefined,
    intervalMs: number,
    timeoutMs: number,
  ) {
    super({ metricProducers: [instruments] });
    this.#queue = queue;
    this.#serialize = serialize;
    this.#timeoutMs = timeoutMs;
    this.#timer = setInterval(() => void this.#export(), intervalMs).unref();
  }

  protected async onForceFlush(): Promise<void> {
    await this.#export();
    await this.#queue.flush(FLUSH_TIMEOUT_MS);
  }

  protected async onShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#export();
    await this.#queue.close(FLUSH_TIMEOUT_MS);
  }

  async #export(): Promise<void> {
    const { resourceMetrics } = await this.collect({ timeoutMillis: this.#timeoutMs });
    const body = this.#serialize(resourceMetrics);
    if (body !== undefined) this.#queue.add(body, countPoints(resourceMetrics));
  }
}
