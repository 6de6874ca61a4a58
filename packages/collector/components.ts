// The components that this collector is made of. A new one is a folder and a line here.
import type { AnyFactory } from './component.ts';
import { forwardConnector } from './connectors/forward/forward.ts';
import { serviceGraphConnector } from './connectors/service-graph/service-graph.ts';
import { spanMetricsConnector } from './connectors/span-metrics/span-metrics.ts';
import { debugExporter } from './exporters/debug/debug-exporter.ts';
import { otlpGrpcExporter } from './exporters/otlp-grpc/otlp-grpc-exporter.ts';
import { otlpHttpExporter } from './exporters/otlp-http/otlp-http-exporter.ts';
import { prometheusExporter } from './exporters/prometheus/prometheus-exporter.ts';
import { healthCheckExtension } from './extensions/health-check/health-check.ts';
import { attributesProcessor } from './processors/attributes/attributes-processor.ts';
import { batchProcessor } from './processors/batch/batch-processor.ts';
import { memoryLimiterProcessor } from './processors/memory-limiter/memory-limiter.ts';
import { resourceProcessor } from './processors/resource/resource-processor.ts';
import { otlpReceiver } from './receivers/otlp/otlp-receiver.ts';

export const factories: readonly AnyFactory[] = [
  otlpReceiver,
  memoryLimiterProcessor,
  batchProcessor,
  resourceProcessor,
  attributesProcessor,
  otlpGrpcExporter,
  otlpHttpExporter,
  prometheusExporter,
  debugExporter,
  forwardConnector,
  spanMetricsConnector,
  serviceGraphConnector,
  healthCheckExtension,
] as readonly AnyFactory[];
