/** What the exporters tell about themselves, in the names of the semantic conventions ("OpenTelemetry SDK metrics"). */
import type { SignalName } from '../environment.ts';
import type { SumCell } from '../metrics/cell.ts';
import type { InstrumentDefinition } from '../metrics/instrument-definition.ts';
import { instruments } from '../metrics/registry.ts';

const componentAttributes = { 'otel.component.type': 'Kind of exporter, as otlp_grpc_span_exporter' };
const exportedAttributes = {
  ...componentAttributes,
  'error.type': 'Why it was lost: queue_full, shutdown, rejected, or a status; absent for what arrived',
};
const ifSignal = 'when that signal is exported by OTLP';

export const exportDefinitions = {
  spansExported: {
    name: 'otel.sdk.exporter.span.exported',
    kind: 'counter',
    unit: '{span}',
    meaning: 'Spans whose export has ended, lost ones with an error.type',
    attributes: exportedAttributes,
    conditional: ifSignal,
  },
  pointsExported: {
    name: 'otel.sdk.exporter.metric_data_point.exported',
    kind: 'counter',
    unit: '{data_point}',
    meaning: 'Metric data points whose export has ended, lost ones with an error.type',
    attributes: exportedAttributes,
    conditional: ifSignal,
  },
  logsExported: {
    name: 'otel.sdk.exporter.log.exported',
    kind: 'counter',
    unit: '{log_record}',
    meaning: 'Log records whose export has ended, lost ones with an error.type',
    attributes: exportedAttributes,
    conditional: ifSignal,
  },
  spansInflight: {
    name: 'otel.sdk.exporter.span.inflight',
    kind: 'upDownCounter',
    unit: '{span}',
    meaning: 'Spans that wait in the export buffer',
    attributes: componentAttributes,
    conditional: ifSignal,
  },
  pointsInflight: {
    name: 'otel.sdk.exporter.metric_data_point.inflight',
    kind: 'upDownCounter',
    unit: '{data_point}',
    meaning: 'Metric data points that wait in the export buffer',
    attributes: componentAttributes,
    conditional: ifSignal,
  },
  logsInflight: {
    name: 'otel.sdk.exporter.log.inflight',
    kind: 'upDownCounter',
    unit: '{log_record}',
    meaning: 'Log records that wait in the export buffer',
    attributes: componentAttributes,
    conditional: ifSignal,
  },
  bufferUsage: {
    name: 'telemetry.buffer.usage',
    kind: 'gauge',
    unit: 'By',
    meaning: 'Bytes in the export buffer of all signals',
    attributes: {},
  },
  bufferLimit: {
    name: 'telemetry.buffer.limit',
    kind: 'gauge',
    unit: 'By',
    meaning: 'Bytes that the export buffer may hold before the oldest telemetry is dropped',
    attributes: {},
  },
} as const satisfies Record<string, InstrumentDefinition>;

const exported = {
  traces: instruments.counter(exportDefinitions.spansExported),
  metrics: instruments.counter(exportDefinitions.pointsExported),
  logs: instruments.counter(exportDefinitions.logsExported),
};
const inflight = {
  traces: instruments.upDownCounter(exportDefinitions.spansInflight),
  metrics: instruments.upDownCounter(exportDefinitions.pointsInflight),
  logs: instruments.upDownCounter(exportDefinitions.logsInflight),
};
export const bufferUsage = instruments.gauge(exportDefinitions.bufferUsage).bind();
export const bufferLimit = instruments.gauge(exportDefinitions.bufferLimit).bind();

const ITEM: Readonly<Record<SignalName, string>> = { traces: 'span', metrics: 'metric', logs: 'log' };

/** The counters of one exporter. */
export class ExporterMetrics {
  readonly #signal: SignalName;
  readonly #componentType: string;
  readonly #succeeded: SumCell;
  readonly #inflight: SumCell;

  constructor(signal: SignalName, protocol: string) {
    this.#signal = signal;
    this.#componentType = `otlp_${protocol.replace('http/protobuf', 'http').replace('/', '_')}_${ITEM[signal]}_exporter`;
    this.#succeeded = exported[signal].bind({ 'otel.component.type': this.#componentType });
    this.#inflight = inflight[signal].bind({ 'otel.component.type': this.#componentType });
  }

  entered(items: number): void {
    this.#inflight.add(items);
  }

  left(items: number, lost: number, errorType: string): void {
    this.#inflight.add(-items);
    this.#succeeded.add(items - lost);
    if (lost === 0) return;
    exported[this.#signal].bind({ 'otel.component.type': this.#componentType, 'error.type': errorType }).add(lost);
  }
}
