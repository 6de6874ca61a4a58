// The wire: OTLP as immutable columnar batches, its protobuf and JSON forms, and its transports gRPC and HTTP.
export { type AttributesInput, Double, double, type ValueInput } from './build/attribute-input.ts';
export * from './build/log-batch-builder.ts';
export * from './build/metric-batch-builder.ts';
export * from './build/span-batch-builder.ts';
export * from './consumer.ts';
export * from './model/attributes.ts';
export * from './model/id.ts';
export * from './model/logs.ts';
export * from './model/metrics.ts';
export * from './model/origin.ts';
export * from './model/spans.ts';
export * from './model/value.ts';
