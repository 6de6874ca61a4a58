/** From an environment's target to a queue that takes the requests of one signal, and an encoder that makes them. */
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
import { type BatchEncoder, ProtobufBatchEncoder, SerializerBatchEncoder } from './batch-encoder.ts';
import type { ExportBuffer } from './export-buffer.ts';
import { ExporterMetrics } from './export-metrics.ts';
import { ExportQueue, type RetryPolicy } from './export-queue.ts';
import { createGrpcTransport } from './grpc-transport.ts';
import { createHttpTransport } from './http-transport.ts';
import { writeLogRecord } from './log-encoder.ts';
import { encodeMetrics } from './metrics-encoder.ts';
import { addJsonExemplars } from './metrics-json-exemplars.ts';
import { writeSpan } from './span-encoder.ts';
import type { ReadRejected } from './transport.ts';

export function createQueue(
  signal: SignalName,
  target: OtlpTarget,
  buffer: ExportBuffer,
  retry: RetryPolicy | undefined,
): ExportQueue {
  const read = rejectedReader(signal, target);
  const transport =
    target.protocol === 'grpc' ? createGrpcTransport(target, signal, read) : createHttpTransport(target, read);
  const metrics = new ExporterMetrics(signal, target.protocol);
  return new ExportQueue(transport, buffer, metrics, {
    gzip: target.gzip,
    joinable: target.protocol !== 'http/json',
    ...(retry && { retry }),
  });
}

export function createSpanEncoder(target: OtlpTarget): BatchEncoder<ReadableSpan> {
  return target.protocol === 'http/json'
    ? new SerializerBatchEncoder((spans) => JsonTraceSerializer.serializeRequest(spans))
    : new ProtobufBatchEncoder(writeSpan);
}

export function createLogEncoder(target: OtlpTarget): BatchEncoder<ReadableLogRecord> {
  return target.protocol === 'http/json'
    ? new SerializerBatchEncoder((records) => JsonLogsSerializer.serializeRequest(records))
    : new ProtobufBatchEncoder(writeLogRecord);
}

export function metricsSerializer(target: OtlpTarget): (data: ResourceMetrics) => Uint8Array | undefined {
  return target.protocol === 'http/json'
    ? (data) => addJsonExemplars(JsonMetricsSerializer.serializeRequest(data), data)
    : encodeMetrics;
}

const SERIALIZERS = {
  traces: { json: JsonTraceSerializer, protobuf: ProtobufTraceSerializer, rejected: 'rejectedSpans' },
  metrics: { json: JsonMetricsSerializer, protobuf: ProtobufMetricsSerializer, rejected: 'rejectedDataPoints' },
  logs: { json: JsonLogsSerializer, protobuf: ProtobufLogsSerializer, rejected: 'rejectedLogRecords' },
} as const;

/** Some servers answer with an empty or foreign body; the status has already said that the request was taken. */
function rejectedReader(signal: SignalName, target: OtlpTarget): ReadRejected {
  const { json, protobuf, rejected } = SERIALIZERS[signal];
  const serializer = target.protocol === 'http/json' ? json : protobuf;
  return (body) => {
    if (body.length === 0) return { rejected: 0, message: '' };
    try {
      const response: { readonly partialSuccess?: object } = serializer.deserializeResponse(body);
      const partial = (response.partialSuccess ?? {}) as Readonly<Record<string, unknown>>;
      // Counts are strings in JSON.
      return { rejected: Number(partial[rejected] ?? 0), message: String(partial.errorMessage ?? '') };
    } catch {
      return { rejected: 0, message: '' };
    }
  };
}
