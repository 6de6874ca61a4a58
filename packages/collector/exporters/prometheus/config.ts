// The prometheus exporter's configuration, with the keys and defaults of the real one.
import type { ConfigNode } from '@mario/service';
import { durationMs, endpoint, flag, type ReadContext, text } from '../../config/read-context.ts';

export interface PrometheusConfig {
  readonly endpoint: string;
  readonly namespace: string;
  readonly constLabels: readonly (readonly [string, string])[];
  readonly sendTimestamps: boolean;
  readonly expirationMs: number;
  readonly resourceToTelemetry: boolean;
  readonly openMetrics: boolean;
  readonly addMetricSuffixes: boolean;
  readonly withoutScopeInfo: boolean;
}

export function readPrometheusConfig(node: ConfigNode, context: ReadContext): PrometheusConfig {
  const fields = node.fields({
    endpoint: 'used',
    tls: 'used',
    auth: 'used',
    cors: 'unused',
    namespace: 'used',
    const_labels: 'used',
    send_timestamps: 'used',
    metric_expiration: 'used',
    resource_to_telemetry_conversion: 'used',
    enable_open_metrics: 'used',
    add_metric_suffixes: 'used',
    without_scope_info: 'used',
    translation_strategy: 'used',
    transport: 'unused',
    include_metadata: 'unused',
    response_headers: 'unused',
    max_request_body_size: 'unused',
    compression_algorithms: 'unused',
    read_timeout: 'unused',
    read_header_timeout: 'unused',
    write_timeout: 'unused',
    idle_timeout: 'unused',
    keep_alives_enabled: 'unused',
    middlewares: 'unused',
  });
  for (const key of ['tls', 'auth'] as const) {
    const found = fields[key];
    if (found !== undefined && !found.isNull)
      context.refuse(found, `${key} is not supported by the embedded prometheus exporter`);
  }
  if (fields.endpoint === undefined) node.error('expecting a non-blank address to run the Prometheus metrics handler');
  const conversion = fields.resource_to_telemetry_conversion?.fields({
    enabled: 'used',
    exclude_service_attributes: 'unused',
  });
  const strategy = fields.translation_strategy?.oneOf([
    'UnderscoreEscapingWithSuffixes',
    'UnderscoreEscapingWithoutSuffixes',
    'NoUTF8EscapingWithSuffixes',
    'NoTranslation',
  ] as const);
  if (strategy === 'NoUTF8EscapingWithSuffixes' || strategy === 'NoTranslation') {
    context.refuse(
      fields.translation_strategy!,
      `translation_strategy ${strategy} is not supported by the embedded collector`,
    );
  }
  return {
    endpoint: endpoint(fields.endpoint, 'localhost:8889'),
    namespace: text(fields.namespace, ''),
    constLabels: Object.entries(fields.const_labels?.stringMap() ?? {}),
    sendTimestamps: flag(fields.send_timestamps, false),
    expirationMs: durationMs(fields.metric_expiration, 300_000),
    resourceToTelemetry: flag(conversion?.enabled, false),
    openMetrics: flag(fields.enable_open_metrics, false),
    addMetricSuffixes:
      strategy === undefined ? flag(fields.add_metric_suffixes, true) : strategy === 'UnderscoreEscapingWithSuffixes',
    withoutScopeInfo: flag(fields.without_scope_info, false),
  };
}
