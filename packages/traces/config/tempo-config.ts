/** Reads tempo.yaml as Tempo 3 does: unknown keys are refused, keys that the embedded engine does not use are named. */

import { ConfigIssues, type ConfigNode, type KeyUse, readYamlFile } from '@mario/service';

export interface TempoConfig {
  readonly httpPort: number;
  /** Ports on which the file has OTLP receivers: the collector's exporters name them. */
  readonly otlpPorts: readonly number[];
  /** 0 keeps traces for ever. */
  readonly retentionMs: number;
  readonly searchLimitDefault: number;
  /** 0 is no limit. */
  readonly searchLimitMax: number;
  /** 0 is no limit. */
  readonly searchDurationMsMax: number;
  readonly spansPerSpansetDefault: number;
  /** 0 is no limit. */
  readonly spansPerSpansetMax: number;
  /** 0 is no limit. */
  readonly metricsDurationMsMax: number;
}

const HOUR_MS = 3_600_000;

/** Tempo's own defaults, except for the port (80, which needs rights) and the OTLP ports. */
export const TEMPO_DEFAULTS: TempoConfig = {
  httpPort: 3200,
  otlpPorts: [4317, 4318],
  retentionMs: 336 * HOUR_MS,
  searchLimitDefault: 20,
  searchLimitMax: 256 * 1024,
  searchDurationMsMax: 168 * HOUR_MS,
  spansPerSpansetDefault: 3,
  spansPerSpansetMax: 100,
  metricsDurationMsMax: 24 * HOUR_MS,
};

/** Reads and checks a file; problems go to `issues`. Gives the defaults for whatever could not be read. */
export function readTempoConfig(path: string, issues: ConfigIssues): TempoConfig {
  const root = readYamlFile(path, { issues });
  if (root === undefined) return TEMPO_DEFAULTS;
  refuseRemoved(root);
  const sections = root.fields(TOP_LEVEL);
  const server = sections.server?.fields(SERVER);
  return {
    ...TEMPO_DEFAULTS,
    ...defined({
      httpPort: portOf(server?.http_listen_port),
      otlpPorts: readReceivers(sections.distributor),
      retentionMs: readRetention(sections.backend_worker),
    }),
    ...readFrontend(sections.query_frontend),
    ...readStorage(sections.storage),
  };
}

/** For `mario check`. */
export function checkTempoConfig(path: string): ConfigIssues {
  const issues = new ConfigIssues();
  readTempoConfig(path, issues);
  return issues;
}

const TOP_LEVEL = {
  target: 'used',
  server: 'used',
  distributor: 'used',
  storage: 'used',
  query_frontend: 'used',
  backend_worker: 'used',
  // Applies to the scheduler's own process; the worker's block_retention is what the embedded engine keeps to.
  backend_scheduler: 'used',
  stream_over_http_enabled: 'used',
  usage_report: 'used',
  shutdown_delay: 'unused',
  multitenancy_enabled: 'unused',
  http_api_prefix: 'unused',
  enable_go_runtime_metrics: 'unused',
  internal_server: 'unused',
  backend_scheduler_client: 'unused',
  live_store_client: 'unused',
  live_store: 'unused',
  block_builder: 'unused',
  ingest: 'unused',
  querier: 'unused',
  metrics_generator: 'unused',
  overrides: 'unused',
  memberlist: 'unused',
  cache: 'unused',
} as const satisfies Record<string, KeyUse>;

/** Of dskit's server; only the port matters to an embedded engine, whose address is the command line's. */
const SERVER = {
  http_listen_port: 'used',
  http_listen_address: 'used',
  log_level: 'used',
  log_format: 'used',
  grpc_listen_port: 'used',
  grpc_listen_address: 'used',
  http_listen_network: 'unused',
  http_listen_conn_limit: 'unused',
  grpc_listen_network: 'unused',
  grpc_listen_conn_limit: 'unused',
  http_tls_config: 'unused',
  grpc_tls_config: 'unused',
  tls_cipher_suites: 'unused',
  tls_min_version: 'unused',
  proxy_protocol_enabled: 'unused',
  register_instrumentation: 'unused',
  graceful_shutdown_timeout: 'unused',
  http_server_read_timeout: 'unused',
  http_server_read_header_timeout: 'unused',
  http_server_write_timeout: 'unused',
  http_server_idle_timeout: 'unused',
  http_log_closed_connections_without_response_enabled: 'unused',
  http_path_prefix: 'unused',
  grpc_server_max_recv_msg_size: 'unused',
  grpc_server_max_send_msg_size: 'unused',
  grpc_server_max_concurrent_streams: 'unused',
  grpc_server_max_connection_idle: 'unused',
  grpc_server_max_connection_age: 'unused',
  grpc_server_max_connection_age_grace: 'unused',
  grpc_server_keepalive_time: 'unused',
  grpc_server_keepalive_timeout: 'unused',
  grpc_server_min_time_between_pings: 'unused',
  grpc_server_ping_without_stream_allowed: 'unused',
  grpc_server_num_workers: 'unused',
  log_source_ips_enabled: 'unused',
  log_request_headers: 'unused',
  log_request_at_info_level_enabled: 'unused',
} as const satisfies Record<string, KeyUse>;

const REMOVED_IN_3 = ['ingester', 'ingester_client', 'compactor', 'metrics_generator_client', 'search_enabled'];

/** Says more than "unknown key" about what a file for Tempo 2 has. */
function refuseRemoved(root: ConfigNode): void {
  for (const key of REMOVED_IN_3) root.get(key)?.error('was removed in Tempo 3.0, see its migration guide');
}

const DISTRIBUTOR = {
  receivers: 'used',
  ring: 'unused',
  forwarders: 'unused',
  usage: 'unused',
  extend_writes: 'unused',
  retry_after_on_resource_exhausted: 'unused',
  max_attribute_bytes: 'unused',
  artificial_delay: 'unused',
  log_received_spans: 'unused',
  log_discarded_spans: 'unused',
  metric_received_spans: 'unused',
  ingester_write_path_enabled: 'unused',
  kafka_write_path_enabled: 'unused',
} as const satisfies Record<string, KeyUse>;

function readReceivers(distributor: ConfigNode | undefined): readonly number[] | undefined {
  const receivers = distributor?.fields(DISTRIBUTOR).receivers;
  if (receivers === undefined) return undefined;
  const { otlp } = receivers.fields({
    otlp: 'used',
    jaeger: 'unused',
    zipkin: 'unused',
    kafka: 'unused',
  });
  const protocols = otlp?.fields({ protocols: 'used' }).protocols?.fields({ grpc: 'used', http: 'used' });
  const ports = [
    protocols?.grpc && endpointPort(protocols.grpc, 4317),
    protocols?.http && endpointPort(protocols.http, 4318),
  ];
  return ports.filter((port) => port !== undefined);
}

function endpointPort(protocol: ConfigNode, otherwise: number): number | undefined {
  const endpoint = protocol.get('endpoint');
  const text = endpoint?.string();
  if (text === undefined) return otherwise;
  const port = /:(\d+)$/.exec(text)?.[1];
  if (port === undefined) endpoint?.error(`must be host:port, is ${JSON.stringify(text)}`);
  return port === undefined ? undefined : Number(port);
}

function readRetention(worker: ConfigNode | undefined): number | undefined {
  const compaction = worker?.fields({
    compaction: 'used',
    backend_scheduler_addr: 'unused',
    backoff: 'unused',
    ring: 'unused',
    override_ring_key: 'unused',
    finish_on_shutdown_timeout: 'unused',
  }).compaction;
  return compaction
    ?.fields({
      block_retention: 'used',
      compaction_window: 'unused',
      compacted_block_retention: 'unused',
      max_compaction_objects: 'unused',
      max_block_bytes: 'unused',
      max_time_per_tenant: 'unused',
      compaction_cycle: 'unused',
      retention_concurrency: 'unused',
      v2_in_buffer_bytes: 'unused',
      v2_out_buffer_bytes: 'unused',
      v2_prefetch_traces_count: 'unused',
    })
    .block_retention?.goDurationMs();
}

function readFrontend(frontend: ConfigNode | undefined): Partial<TempoConfig> {
  const sections = frontend?.fields({
    search: 'used',
    metrics: 'used',
    max_outstanding_per_tenant: 'unused',
    querier_forget_delay: 'unused',
    max_batch_size: 'unused',
    max_retries: 'unused',
    log_query_request_headers: 'unused',
    response_consumers: 'unused',
    trace_by_id: 'unused',
    api_timeout: 'unused',
    max_query_expression_size_bytes: 'unused',
    weights: 'unused',
    mcp_server: 'unused',
    rf1_after: 'unused',
    query_end_cutoff: 'unused',
  });
  const search = sections?.search?.fields({
    default_result_limit: 'used',
    max_result_limit: 'used',
    max_duration: 'used',
    default_spans_per_span_set: 'used',
    max_spans_per_span_set: 'used',
    concurrent_jobs: 'unused',
    target_bytes_per_job: 'unused',
    query_backend_after: 'unused',
    query_ingesters_until: 'unused',
    ingester_shards: 'unused',
    most_recent_shards: 'unused',
    duration_slo: 'unused',
    throughput_bytes_slo: 'unused',
    metadata_slo: 'unused',
  });
  const metrics = sections?.metrics?.fields({
    max_duration: 'used',
    concurrent_jobs: 'unused',
    target_bytes_per_job: 'unused',
    query_backend_after: 'unused',
    interval: 'unused',
    max_exemplars: 'unused',
    max_intervals: 'unused',
    max_response_series: 'unused',
    streaming_shards: 'unused',
    duration_slo: 'unused',
    throughput_bytes_slo: 'unused',
  });
  return defined({
    searchLimitDefault: search?.default_result_limit?.number(),
    searchLimitMax: search?.max_result_limit?.number(),
    searchDurationMsMax: search?.max_duration?.goDurationMs(),
    spansPerSpansetDefault: search?.default_spans_per_span_set?.number(),
    spansPerSpansetMax: search?.max_spans_per_span_set?.number(),
    metricsDurationMsMax: metrics?.max_duration?.goDurationMs(),
  });
}

/** Where the real server keeps its blocks is no business of the embedded engine, whose folder is --data. */
function readStorage(storage: ConfigNode | undefined): Partial<TempoConfig> {
  const trace = storage?.fields({ trace: 'used' }).trace?.fields({
    backend: 'used',
    local: 'used',
    wal: 'used',
    block: 'unused',
    search: 'unused',
    pool: 'unused',
    cache: 'unused',
    cache_control: 'unused',
    background_cache: 'unused',
    memcached: 'unused',
    redis: 'unused',
    s3: 'unused',
    gcs: 'unused',
    azure: 'unused',
    blocklist_poll: 'unused',
    blocklist_poll_concurrency: 'unused',
    blocklist_poll_fallback: 'unused',
    blocklist_poll_tenant_index_builders: 'unused',
    blocklist_poll_stale_tenant_index: 'unused',
    blocklist_poll_jitter_ms: 'unused',
    blocklist_poll_tolerate_consecutive_errors: 'unused',
    empty_tenant_deletion_enabled: 'unused',
    empty_tenant_deletion_age: 'unused',
  });
  const backend = trace?.backend?.oneOf(['local', 's3', 'gcs', 'azure']);
  if (backend !== undefined && backend !== 'local') {
    trace?.backend?.warn('is not used by the embedded engine, which keeps traces in its own folder');
  }
  return {};
}

function portOf(node: ConfigNode | undefined): number | undefined {
  const port = node?.number();
  if (port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65535)) return port;
  node?.error(`must be a port, is ${port}`);
  return undefined;
}

/** Leaves undefined entries out, so that defaults show through. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
