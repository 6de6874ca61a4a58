// `service.telemetry`: where the collector's own metrics are served. Logs and traces of its own are not configurable here.
import type { ConfigNode } from '@mario/service';
import { type ReadContext, splitEndpoint } from './read-context.ts';

export interface TelemetryConfig {
  /** Where the own metrics are served; undefined: nowhere. */
  readonly metricsEndpoint: string | undefined;
  readonly metricNames: OwnMetricNames;
  /** Resource attributes that `target_info` shows. */
  readonly resource: Readonly<Record<string, string>>;
}

/** How the names of own metrics are written. */
export interface OwnMetricNames {
  /** Counters end in `_total`. */
  readonly typeSuffix: boolean;
  /** Names end in their unit. */
  readonly units: boolean;
}

interface MetricsReader {
  readonly endpoint: string | undefined;
  readonly names: OwnMetricNames;
}

/** What the real one does when nothing is said: `otelcol_process_uptime`, `otelcol_receiver_accepted_spans`. */
const plainNames: OwnMetricNames = { typeSuffix: false, units: false };

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
  const { endpoint, names } = readMetrics(fields.metrics, context);
  return { metricsEndpoint: endpoint, metricNames: names, resource };
}

function readMetrics(node: ConfigNode | undefined, context: ReadContext): MetricsReader {
  if (node === undefined || node.isNull) return { endpoint: defaultEndpoint, names: plainNames };
  const fields = node.fields({ level: 'used', address: 'used', readers: 'used', views: 'unused' });
  const level = fields.level?.string()?.toLowerCase();
  if (level !== undefined && !levels.includes(level as 'none')) {
    fields.level!.error(`must be one of ${levels.join(', ')}, is ${JSON.stringify(level)}`);
  }
  if (level === 'none') return { endpoint: undefined, names: plainNames };
  // Removed from the real Collector in 2025 and still found in many files.
  const address = fields.address?.string();
  if (address !== undefined && splitEndpoint(address) === undefined) fields.address!.error('must be host:port');
  if (fields.readers === undefined) return { endpoint: address ?? defaultEndpoint, names: plainNames };
  let found: MetricsReader | undefined;
  for (const reader of fields.readers.list()) {
    const { pull, periodic } = reader.fields({ pull: 'used', periodic: 'used' });
    if (periodic !== undefined)
      context.refuse(periodic, 'the embedded collector does not push its own metrics; use pull');
    found ??= readPull(pull);
  }
  return found ?? { endpoint: undefined, names: plainNames };
}

function readPull(node: ConfigNode | undefined): MetricsReader | undefined {
  const { exporter } = node?.fields({ exporter: 'used', producers: 'unused', cardinality_limits: 'unused' }) ?? {};
  const { prometheus } = exporter?.fields({ prometheus: 'used', 'prometheus/development': 'used' as const }) ?? {};
  if (prometheus === undefined) return undefined;
  const fields = prometheus.fields({
    host: 'used',
    port: 'used',
    without_scope_info: 'unused',
    without_type_suffix: 'used',
    without_units: 'used',
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
  if (host === undefined) return undefined;
  const names = {
    typeSuffix: !(fields.without_type_suffix?.boolean() ?? true),
    units: !(fields.without_units?.boolean() ?? true),
  };
  return { endpoint: `${host.includes(':') ? `[${host}]` : host}:${port}`, names };
}
