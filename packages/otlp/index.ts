// The wire: OTLP as immutable columnar batches, its protobuf and JSON forms, and its transports gRPC and HTTP.
export { type AttributesInput, Double, double, type ValueInput } from './build/attribute-input.ts';
export { concatLogs, concatMetrics, concatSpans } from './build/concat.ts';
export { BatchEdit } from './build/edit.ts';
export * from './build/log-batch-builder.ts';
export * from './build/metric-batch-builder.ts';
export { sliceLogs, sliceMetrics, sliceSpans } from './build/slice.ts';
export * from './build/span-batch-builder.ts';
export * from './compression.ts';
export * from './consumer.ts';
export { DecodeError } from './decode/decode-error.ts';
export { decodeLogsJson, decodeMetricsJson, decodeSpansJson } from './decode/json-decoder.ts';
export { decodeLogs } from './decode/log-decoder.ts';
export { decodeMetrics } from './decode/metric-decoder.ts';
export { decodeSpans } from './decode/span-decoder.ts';
export { encodeLogsJson, encodeSpansJson, jsonSpan } from './encode/json-encoder.ts';
export { encodeMetricsJson } from './encode/json-metrics.ts';
export { encodeLogs } from './encode/log-encoder.ts';
export { encodeMetrics } from './encode/metric-encoder.ts';
export * from './encode/response.ts';
export { encodeSpans } from './encode/span-encoder.ts';
export { WireWriter } from './encode/wire-writer.ts';
export { type GrpcCallOptions, GrpcClient, type GrpcClientOptions } from './grpc/client.ts';
export {
  createGrpcServer,
  type GrpcCall,
  type GrpcServer,
  type GrpcServerOptions,
  type UnaryHandler,
} from './grpc/server.ts';
export { exportPath } from './grpc/services.ts';
export { GrpcCode, GrpcError } from './grpc/status.ts';
export * from './http/otlp-http-answer.ts';
export * from './model/attributes.ts';
export * from './model/id.ts';
export * from './model/logs.ts';
export * from './model/metrics.ts';
export * from './model/origin.ts';
export { batchSizeBytes } from './model/size.ts';
export * from './model/spans.ts';
export * from './model/value.ts';
export { type ExportOutcome, errorStatus, exportOutcome } from './outcome.ts';
export {
  escapedLabelName,
  escapedName,
  type PrometheusNameType,
  suffixedName,
  unitSuffixes,
} from './prometheus-names.ts';
export { decompressSnappy } from './snappy.ts';
