/** From an environment's target to a queue that takes serialised requests of one signal. */
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpTarget, SignalName } from '../environment.ts';
import type { ExportBuffer } from './export-buffer.ts';
import { ExporterMetrics } from './export-metrics.ts';
import { ExportQueue, type RetryPolicy } from './export-queue.ts';
import { createGrpcTransport } from './grpc-transport.ts';
import { createHttpTransport } from './http-transport.ts';
import { countPoints, encodeMetrics } from './metrics-encoder.ts';
import { addJsonExemplars } from './metrics-json-exemplars.ts';
import type { ReadRejected } from './transport.ts';

/** Takes finished telemetry of one signal; `add` serialises at once, so the records are free afterwards. */
export interface SignalExporter<T> {
  add(data: T): void;
  flush(timeoutMs: number): Promise<boolean>;
  close(timeoutMs: number): Promise<void>;
}

export function createSpanExporter(
  target: OtlpTarget,
  buffer: ExportBuffer,
  retry?: RetryPolicy,
): SignalExporter<ReadableSpan[]> {
  const serializer = target.protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const read = (body: Uint8Array) => rejectedOf(serializer.deserializeResponse(body), 'rejectedSpans');
  return exporterOf('traces', target, buffer, retry, read, (spans) => [
    serializer.serializeRequest(spans),
    spans.length,
  ]);
}

export function createLogExporter(
  target: OtlpTarget,
  buffer: ExportBuffer,
  retry?: RetryPolicy,
): SignalExporter<ReadableLogRecord[]> {
  const serializer = target.protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer;
  const read = (body: Uint8Array) => rejectedOf(serializer.deserializeResponse(body), 'rejectedLogRecords');
  return exporterOf('logs', target, buffer, retry, read, (records) => [
    serializer.serializeRequest(records),
    records.length,
  ]);
}

export function createMetricExporter(
  target: OtlpTarget,
  buffer: ExportBuffer,
  retry?: RetryPolicy,
): SignalExporter<ResourceMetrics> {
  const json = target.protocol === 'http/json';
  const serializer = json ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const read = (body: Uint8Array) => rejectedOf(serializer.deserializeResponse(body), 'rejectedDataPoints');
  return exporterOf('metrics', target, buffer, retry, read, (data) => [
    json ? addJsonExemplars(JsonMetricsSerializer.serializeRequest(data), data) : encodeMetrics(data),
    countPoints(data),
  ]);
}

function exporterOf<T>(
  signal: SignalName,
  target: OtlpTarget,
  buffer: ExportBuffer,
  retry: RetryPolicy | undefined,
  read: ReadRejected,
  serialize: (data: T) => readonly [body: Uint8Array | undefined, items: number],
): SignalExporter<T> {
  const transport =
    target.protocol === 'grpc'
      ? createGrpcTransport(target, signal, safely(read))
      : createHttpTransport(target, safely(read));
  const metrics = new ExporterMetrics(signal, target.protocol);
  const queue = new ExportQueue(transport, buffer, metrics, { gzip: target.gzip, ...(retry && { retry }) });
  return {
    add(data) {
      const [body, items] = serialize(data);
      if (body !== undefined && items > 0) queue.add(body, items);
    },
    flush: (timeoutMs) => queue.flush(timeoutMs),
    close: (timeoutMs) => queue.close(timeoutMs),
  };
}

/** The shape of every OTLP response; counts are strings in JSON. */
interface ExportResponse {
  readonly partialSuccess?: object;
}

function rejectedOf(response: ExportResponse, key: string): { rejected: number; message: string } {
  const partial = (response.partialSuccess ?? {}) as Readonly<Record<string, unknown>>;
  return { rejected: Number(partial[key] ?? 0), message: String(partial.errorMessage ?? '') };
}

/** Some servers answer with an empty or foreign body; the status has already said that it was taken. */
function safely(read: ReadRejected): ReadRejected {
  return (body) => {
    if (body.length === 0) return { rejected: 0, message: '' };
    try {
      return read(body);
    } catch {
      return { rejected: 0, message: '' };
    }
  };
}
