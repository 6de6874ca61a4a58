/**
 * The official SDK's processor and reader seams, filled with batches that are serialised as soon as they are full and
 * wait as bytes. The SDK's own batch processors hold live objects (some 2 KB a span) and drop a batch after the
 * exporter has given up on it; here nothing is dropped before the export buffer is full.
 */
import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { MetricReader } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchEnvironment } from '../environment.ts';
import { instruments } from '../metrics/registry.ts';
import { Batch } from './batch.ts';
import type { SignalExporter } from './signal-exporter.ts';

/** How long a flush or a shutdown waits for a collector that does not answer. */
export const FLUSH_TIMEOUT_MS = 5_000;

export class BufferedSpanProcessor implements SpanProcessor {
  readonly #exporter: SignalExporter<ReadableSpan[]>;
  readonly #batch: Batch<ReadableSpan>;

  constructor(exporter: SignalExporter<ReadableSpan[]>, settings: BatchEnvironment) {
    this.#exporter = exporter;
    this.#batch = new Batch(settings.batchSizeMax, settings.scheduleDelayMs, (spans) => exporter.add(spans));
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#batch.add(span);
  }

  async forceFlush(): Promise<void> {
    this.#batch.emit();
    await this.#exporter.flush(FLUSH_TIMEOUT_MS);
  }

  async shutdown(): Promise<void> {
    this.#batch.emit();
    await this.#exporter.close(FLUSH_TIMEOUT_MS);
  }
}

export class BufferedLogProcessor implements LogRecordProcessor {
  readonly #exporter: SignalExporter<ReadableLogRecord[]>;
  readonly #batch: Batch<ReadableLogRecord>;

  constructor(exporter: SignalExporter<ReadableLogRecord[]>, settings: BatchEnvironment) {
    this.#exporter = exporter;
    this.#batch = new Batch(settings.batchSizeMax, settings.scheduleDelayMs, (records) => exporter.add(records));
  }

  onEmit(record: ReadWriteLogRecord): void {
    this.#batch.add(record);
  }

  async forceFlush(): Promise<void> {
    this.#batch.emit();
    await this.#exporter.flush(FLUSH_TIMEOUT_MS);
  }

  async shutdown(): Promise<void> {
    this.#batch.emit();
    await this.#exporter.close(FLUSH_TIMEOUT_MS);
  }
}

/** Collects every `intervalMs` and hands the points to the exporter. */
export class BufferedMetricReader extends MetricReader {
  readonly #exporter: SignalExporter<ResourceMetrics>;
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(exporter: SignalExporter<ResourceMetrics>, intervalMs: number, timeoutMs: number) {
    super({ metricProducers: [instruments] });
    this.#exporter = exporter;
    this.#timeoutMs = timeoutMs;
    this.#timer = setInterval(() => void this.#export(), intervalMs).unref();
  }

  protected async onForceFlush(): Promise<void> {
    await this.#export();
    await this.#exporter.flush(FLUSH_TIMEOUT_MS);
  }

  protected async onShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#export();
    await this.#exporter.close(FLUSH_TIMEOUT_MS);
  }

  async #export(): Promise<void> {
    const { resourceMetrics } = await this.collect({ timeoutMillis: this.#timeoutMs });
    this.#exporter.add(resourceMetrics);
  }
}
