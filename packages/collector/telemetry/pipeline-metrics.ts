// The collector's own metrics about what passes through it, under the names of the real one.
import type { Signal } from '@mario/otlp';
import type { Counter, OwnMetrics } from '@mario/service';

/** What one record of a signal is called in the metrics' names. */
const items = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const;
const itemsHelp = { traces: 'spans', metrics: 'metric points', logs: 'log records' } as const;

type PerSignal = { readonly [S in Signal]: Counter };

interface Queue {
  readonly exporter: string;
  readonly signal: Signal;
  readonly size: () => number;
  readonly capacity: number;
}

export class PipelineMetrics {
  private readonly accepted: PerSignal;
  private readonly refused: PerSignal;
  private readonly sent: PerSignal;
  private readonly sendFailed: PerSignal;
  private readonly enqueueFailed: PerSignal;
  private readonly processorAccepted: PerSignal;
  private readonly processorRefused: PerSignal;
  private readonly incoming: Counter;
  private readonly outgoing: Counter;
  private readonly queues: Queue[] = [];

  constructor(metrics: OwnMetrics) {
    const perSignal = (prefix: string, suffix: string, help: (what: string) => string): PerSignal => {
      const make = (signal: Signal) =>
        metrics.counter(`otelcol_${prefix}_${items[signal]}${suffix}_total`, help(itemsHelp[signal]));
      return { traces: make('traces'), metrics: make('metrics'), logs: make('logs') };
    };
    this.accepted = perSignal('receiver_accepted', '', (w) => `Number of ${w} successfully pushed into the pipeline.`);
    this.refused = perSignal(
      'receiver_refused',
      '',
      (w) => `Number of ${w} that could not be pushed into the pipeline.`,
    );
    this.sent = perSignal('exporter_sent', '', (w) => `Number of ${w} successfully sent to destination.`);
    this.sendFailed = perSignal(
      'exporter_send_failed',
      '',
      (w) => `Number of ${w} in failed attempts to send to destination.`,
    );
    this.enqueueFailed = perSignal(
      'exporter_enqueue_failed',
      '',
      (w) => `Number of ${w} failed to be added to the sending queue.`,
    );
    this.processorAccepted = perSignal(
      'processor_memory_limiter_accepted',
      '',
      (w) => `Number of ${w} successfully pushed into the next component in the pipeline.`,
    );
    this.processorRefused = perSignal(
      'processor_memory_limiter_refused',
      '',
      (w) => `Number of ${w} that were rejected by the next component in the pipeline.`,
    );
    this.incoming = metrics.counter(
      'otelcol_processor_incoming_items_total',
      'Number of items passed to the processor.',
    );
    this.outgoing = metrics.counter(
      'otelcol_processor_outgoing_items_total',
      'Number of items emitted from the processor.',
    );
    const observeQueues = (read: (queue: Queue) => number) => () =>
      this.queues.map((queue) => [{ data_type: queue.signal, exporter: queue.exporter }, read(queue)] as const);
    metrics.observed(
      'otelcol_exporter_queue_size',
      'Current size of the retry queue (in batches).',
      'gauge',
      observeQueues((queue) => queue.size()),
    );
    metrics.observed(
      'otelcol_exporter_queue_capacity',
      'Fixed capacity of the retry queue (in batches).',
      'gauge',
      observeQueues((queue) => queue.capacity),
    );
  }

  /** Makes a receiver's series appear at 0, so that the first increase counts in `rate()`. */
  introduceReceiver(signal: Signal, receiver: string, transport: string): void {
    this.accepted[signal].inc({ receiver, transport }, 0);
    this.refused[signal].inc({ receiver, transport }, 0);
  }

  receiverAccepted(signal: Signal, receiver: string, transport: string, count: number): void {
    this.accepted[signal].inc({ receiver, transport }, count);
  }

  receiverRefused(signal: Signal, receiver: string, transport: string, count: number): void {
    this.refused[signal].inc({ receiver, transport }, count);
  }

  introduceExporter(signal: Signal, exporter: string): void {
    this.sent[signal].inc({ exporter }, 0);
    this.sendFailed[signal].inc({ exporter }, 0);
  }

  exporterSent(signal: Signal, exporter: string, count: number): void {
    this.sent[signal].inc({ exporter }, count);
  }

  exporterFailed(signal: Signal, exporter: string, count: number): void {
    this.sendFailed[signal].inc({ exporter }, count);
  }

  exporterEnqueueFailed(signal: Signal, exporter: string, count: number): void {
    this.enqueueFailed[signal].inc({ exporter }, count);
  }

  registerQueue(queue: Queue): void {
    this.queues.push(queue);
  }

  processorIncoming(signal: Signal, processor: string, count: number): void {
    this.incoming.inc({ otel_signal: signal, processor }, count);
  }

  processorOutgoing(signal: Signal, processor: string, count: number): void {
    this.outgoing.inc({ otel_signal: signal, processor }, count);
  }

  /** What a memory limiter let pass or refused. */
  limiterDecided(signal: Signal, processor: string, count: number, accepted: boolean): void {
    (accepted ? this.processorAccepted : this.processorRefused)[signal].inc({ processor }, count);
  }
}
