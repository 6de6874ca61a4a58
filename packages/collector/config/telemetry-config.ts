// `service.telemetry`: where the collector's own metrics are served. Logs and traces of its own are not configurable here.
import type { ConfigNode } from '@mario/service';
import { type ReadContext, splitEndpoint } from './read-context.ts';

export interface TelemetryConfig {
  /** Where the own metrics are served; undefined: nowhere. */
  readonly metricsEndpoint: string | undefined;
  /** Resource attributes that `target_info` shows. */
  readonly resource: Readonly<Record<string, string>>;
}

const defaultEndpoint = 'localhost:8888';
const levels = ['none', 'basic', 'normal', 'detailed'] as const;

export function readTelemetry(node: ConfigNode | undefined, context: ReadContext): TelemetryConfig {
  const fields = node?.fields({ logs: 'unused', metrics: 'used', traces: 'unused', resource: 'used' }) ?? {};
  // The own log goes where the stack's log goes; spans of the collector itself are not made.
  const resource = Object.fromEntries(
    (fields.resource?.entries() ?? []).flatMap(([key, value]) =>
      value.kind === 'scalar' ? [[key, value.string() ?? '']] : [],
    ),
  );
  return { metricsEndpoint: readMetrics(fields.metrics, context), resource };
}

function readMetrics(node: ConfigNode | undefined, context: ReadContext): string | undefined {
  if (node === undefined || node.isNull) return defaultEndpoint;
  const fields = node.fields({ level: 'used', address: 'used', readers: 'used', views: 'unused' });
  const level = fields.level?.string()?.toLowerCase();
  if (level !== undefined && !levels.includes(level as 'none')) {
    fields.level!.error(`must be one of ${levels.join(', ')}, is ${JSON.stringify(level)}`);
  }
  if (level === 'none') return undefined;
  // Removed from the real Collector in 2025 and still found in many files.
  const address = fields.address?.string();
  if (address !== undefined && splitEndpoint(address) === undefined) fields.address!.error('must be host:port');
  if (fields.readers === undefined) return address ?? defaultEndpoint;
  let endpoint: string | undefined;
  for (const reader of fields.readers.list()) {
    const { pull, periodic } = reader.fields({ pull: 'used', periodic: 'used' });
    if (periodic !== undefined)
      context.refuse(periodic, 'the embedded collector does not push its own metrics; use pull');
    endpoint ??= readPull(pull);
  }
  return endpoint;
}

function readPull(node: ConfigNode | undefined): string | undefined {
  const { exporter } = node?.fields({ exporter: 'used', producers: 'unused', cardinality_limits: 'unused' }) ?? {};
  const { prometheus } = exporter?.fields({ prometheus: 'used', 'prometheus/development': 'used' as const }) ?? {};
  if (prometheus === undefined) return undefined;
  const fields = prometheus.fields({
    host: 'used',
    port: 'used',
    // How names are written: here always with units and type suffixes, as the real one does when nothing is said.
    without_scope_info: 'unused',
    without_type_suffix: 'unused',
    without_units: 'unused',
    without_target_info: 'unused',
    translation_strategy: 'unused',
    with_resource_constant_labels: 'unused',
  });
  const host = fields.host?.string();
  const port = fields.port?.number();
  if (host === undefined) prometheus.error('host must be specified');
  if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    (fields.port ?? prometheus).error('port must be a number from 0 to 65535');
    return undefined;
  }
  return host === undefined ? undefined : `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
