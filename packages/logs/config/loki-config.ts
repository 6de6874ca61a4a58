/** Reads the real Loki's configuration file: what this engine uses, what it takes without using, and what it refuses. */
import {
  type ConfigIssue,
  ConfigIssues,
  type ConfigNode,
  type KeyUse,
  readYamlFile,
  readYamlText,
} from '@mario/service';
import {
  type AttributeAction,
  type AttributeRule,
  defaultOtlpRules,
  defaultResourceRule,
  type OtlpRules,
} from '../intake/otlp-rules.ts';
import { defaultQueryLimits, type QueryLimits } from '../logql/evaluation/query-context.ts';
import { compileAnchored } from '../logql/regex.ts';
import { defaultStoreLimits, type StoreLimits } from '../store/limits.ts';
import { ignoredLimits, ignoredSections } from './known-keys.ts';

export interface LokiConfig {
  readonly httpPort: number;
  readonly limits: StoreLimits;
  readonly queryLimits: QueryLimits;
  readonly otlpRules: OtlpRules;
  /** 0 keeps for ever. */
  readonly retentionMsMax: number;
  readonly headAgeMsMax: number;
  readonly queryConcurrencyMax: number;
  /** Keys that are taken and not used, by name. */
  readonly warnings: readonly ConfigIssue[];
  /** As it is in effect. */
  readonly text: string;
}

const HTTP_PORT_DEFAULT = 3100;
const HEAD_AGE_MS_DEFAULT = 2 * 3_600_000;
const QUERY_CONCURRENCY_DEFAULT = 4;

/** Sections that say where and how the real server keeps its data; here the data folder is given to the store instead. */
const placement = ['common', 'schema_config', 'storage_config'] as const;

/** Throws MARIO_SERVICE_BAD_CONFIGURATION naming file, line and key of everything that Loki would refuse. */
export function readLokiConfig(file: string): LokiConfig {
  const issues = new ConfigIssues();
  const node = readYamlFile(file, { issues });
  issues.throwIfErrors();
  return build(node, issues);
}

/** For tests and `mario check`: text instead of a file; `issues` collects instead of throwing. */
export function parseLokiConfig(text: string, file: string, issues: ConfigIssues): LokiConfig {
  return interpret(readYamlText(text, file, { issues }), issues);
}

/** What an empty file means. */
export function defaultLokiConfig(): LokiConfig {
  return parseLokiConfig('', 'loki.yaml', new ConfigIssues());
}

function build(node: ConfigNode | undefined, issues: ConfigIssues): LokiConfig {
  const config = interpret(node, issues);
  issues.throwIfErrors();
  return config;
}

function interpret(node: ConfigNode | undefined, issues: ConfigIssues): LokiConfig {
  const used = {
    auth_enabled: 'used',
    server: 'used',
    limits_config: 'used',
    ingester: 'used',
    querier: 'used',
    compactor: 'used',
  } as const;
  const known: Record<string, KeyUse> = { ...used };
  for (const name of placement) known[name] = 'used';
  for (const name of ignoredSections) known[name] = 'unused';
  const sections = node?.fields(known) ?? {};
  if (sections.auth_enabled?.boolean() === true) {
    sections.auth_enabled.warn('is not used by the embedded engine: there is one tenant, and no header is asked for');
  }
  const limitNodes = readLimitNodes(sections.limits_config);
  const limits = readStoreLimits(limitNodes, sections.ingester);
  const retentionEnabled = readCompactor(sections.compactor);
  const retentionMsMax = durationMs(limitNodes.retention_period) ?? 0;
  const config = {
    httpPort: readServer(sections.server),
    limits,
    queryLimits: readQueryLimits(limitNodes),
    otlpRules: readOtlpRules(limitNodes.otlp_config),
    retentionMsMax: retentionEnabled ? retentionMsMax : 0,
    headAgeMsMax: readIngester(sections.ingester),
    queryConcurrencyMax: readQuerier(sections.querier),
  };
  return { ...config, warnings: issues.warnings, text: JSON.stringify(node?.raw() ?? {}, undefined, 2) };
}

/** Loki's own fields are Go durations, its limits Prometheus' (`7d`); both are taken for both. */
function durationMs(node: ConfigNode | undefined): number | undefined {
  const text = node?.string();
  if (node === undefined || text === undefined) return undefined;
  return /\d(?:d|w|y)/.test(text) || text === '0' ? node.prometheusDurationMs() : node.goDurationMs();
}

function readServer(node: ConfigNode | undefined): number {
  const fields = node?.fields({
    http_listen_port: 'used',
    // The address is the stack's, the log level too, and there is no gRPC between parts of one process.
    ...named(['http_listen_address', 'grpc_listen_port', 'grpc_listen_address', 'log_level', 'log_format'], 'used'),
    ...named(serverIgnored, 'unused'),
  });
  return fields?.http_listen_port?.number() ?? HTTP_PORT_DEFAULT;
}

const serverIgnored = [
  'http_server_read_timeout',
  'http_server_write_timeout',
  'http_server_idle_timeout',
  'http_path_prefix',
  'http_tls_config',

  'grpc_server_max_recv_msg_size',
  'grpc_server_max_send_msg_size',
  'grpc_server_max_concurrent_streams',
  'grpc_tls_config',

  'graceful_shutdown_timeout',
  'register_instrumentation',
  'log_source_ips_enabled',
  'http_listen_conn_limit',
  'grpc_listen_conn_limit',
  'grpc_server_max_connection_age',
  'grpc_server_max_connection_idle',
  'grpc_server_min_time_between_pings',

  'grpc_server_ping_without_stream_allowed',
  'proxy_protocol_enabled',
  'log_request_headers',
  'log_request_at_info_level_enabled',
];

function named(names: readonly string[], use: KeyUse): Record<string, KeyUse> {
  return Object.fromEntries(names.map((name) => [name, use]));
}

const ingesterIgnored = [
  'lifecycler',
  'concurrent_flushes',
  'flush_check_period',
  'flush_op_timeout',
  'flush_op_backoff',
  'chunk_retain_period',

  'chunk_idle_period',
  'chunk_block_size',
  'chunk_target_size',
  'chunk_encoding',
  'autoforget_unhealthy',
  'query_store_max_look_back_period',

  'index_shards',
  'max_dropped_streams',
  'shutdown_marker_path',
  'owned_streams_check_interval',
  'kafka_ingestion',
  'sync_period',
  'sync_min_utilization',
];

function readIngester(node: ConfigNode | undefined): number {
  const fields = node?.fields({ max_chunk_age: 'used', wal: 'used', ...named(ingesterIgnored, 'unused') });
  const wal = fields?.wal?.fields({
    enabled: 'used',
    ...named(['dir', 'checkpoint_duration', 'flush_on_shutdown', 'replay_memory_ceiling', 'checkpoint_dir'], 'unused'),
  });
  if (wal?.enabled?.boolean() === false)
    wal.enabled.warn('is not used by the embedded engine: the write-ahead log is always on');
  return durationMs(fields?.max_chunk_age) ?? HEAD_AGE_MS_DEFAULT;
}

function readQuerier(node: ConfigNode | undefined): number {
  const fields = node?.fields({
    max_concurrent: 'used',
    ...named(
      [
        'tail_max_duration',
        'extra_query_delay',
        'query_ingesters_within',
        'engine',
        'engine_v2',
        'query_store_only',
        'query_ingester_only',
        'multi_tenant_queries_enabled',
        'per_request_limits_enabled',
        'query_partition_ingesters',
      ],
      'unused',
    ),
  });
  return fields?.max_concurrent?.number() ?? QUERY_CONCURRENCY_DEFAULT;
}

function readCompactor(node: ConfigNode | undefined): boolean {
  const fields = node?.fields({
    retention_enabled: 'used',
    // Where and how often the real compactor works; here retention runs inside the store.
    ...named(['working_directory', 'delete_request_store', 'compaction_interval', 'retention_delete_delay'], 'used'),
    ...named(
      [
        'retention_delete_worker_count',
        'retention_table_timeout',
        'delete_request_store_key_prefix',
        'delete_batch_size',
        'delete_request_cancel_period',
        'delete_max_interval',
        'max_compaction_parallelism',
        'upload_parallelism',
        'compactor_ring',
        'apply_retention_interval',
        'retention_backoff_config',
        'run_once',
        'tables_to_compact',
        'skip_latest_n_tables',
      ],
      'unused',
    ),
  });
  return fields?.retention_enabled?.boolean() ?? false;
}

const usedLimits = [
  'max_line_size',
  'max_line_size_truncate',
  'max_label_names_per_series',
  'max_label_name_length',
  'max_label_value_length',

  'max_global_streams_per_user',
  'max_streams_per_user',
  'allow_structured_metadata',
  'max_structured_metadata_size',

  'max_structured_metadata_entries_count',
  'reject_old_samples',
  'reject_old_samples_max_age',
  'creation_grace_period',
  'unordered_writes',
  'discover_service_name',
  'discover_log_levels',
  'retention_period',
  'otlp_config',
  'max_query_series',
  'max_entries_limit_per_query',
  'query_timeout',
  'volume_enabled',
] as const;

type LimitNodes = Partial<Record<(typeof usedLimits)[number], ConfigNode>>;

function readLimitNodes(node: ConfigNode | undefined): LimitNodes {
  return (node?.fields({ ...named(usedLimits, 'used'), ...named(ignoredLimits, 'unused') }) ?? {}) as LimitNodes;
}

function readStoreLimits(nodes: LimitNodes, ingester: ConfigNode | undefined): StoreLimits {
  const base = defaultStoreLimits;
  const chunkAgeMs = durationMs(ingester?.get('max_chunk_age')) ?? HEAD_AGE_MS_DEFAULT;
  const rejectsOld = nodes.reject_old_samples?.boolean() ?? true;
  return {
    lineBytesMax: nodes.max_line_size?.sizeBytes() ?? base.lineBytesMax,
    lineTruncates: nodes.max_line_size_truncate?.boolean() ?? base.lineTruncates,
    labelCountMax: nodes.max_label_names_per_series?.number() ?? base.labelCountMax,
    labelNameLengthMax: nodes.max_label_name_length?.number() ?? base.labelNameLengthMax,
    labelValueLengthMax: nodes.max_label_value_length?.number() ?? base.labelValueLengthMax,
    streamCountMax:
      nodes.max_global_streams_per_user?.number() || nodes.max_streams_per_user?.number() || base.streamCountMax,
    metadataAllowed: nodes.allow_structured_metadata?.boolean() ?? base.metadataAllowed,
    metadataBytesMax: nodes.max_structured_metadata_size?.sizeBytes() ?? base.metadataBytesMax,
    metadataCountMax: nodes.max_structured_metadata_entries_count?.number() ?? base.metadataCountMax,
    ageMsMax: rejectsOld ? (durationMs(nodes.reject_old_samples_max_age) ?? base.ageMsMax) : 0,
    aheadMsMax: durationMs(nodes.creation_grace_period) ?? base.aheadMsMax,
    lateMsMax: chunkAgeMs / 2,
    serviceNameLabels: nodes.discover_service_name?.strings() ?? base.serviceNameLabels,
    detectsLevels: nodes.discover_log_levels?.boolean() ?? base.detectsLevels,
  };
}

function readQueryLimits(nodes: LimitNodes): QueryLimits {
  return {
    ...defaultQueryLimits,
    seriesCountMax: nodes.max_query_series?.number() ?? defaultQueryLimits.seriesCountMax,
    entryCountMax: nodes.max_entries_limit_per_query?.number() ?? defaultQueryLimits.entryCountMax,
    durationMsMax: durationMs(nodes.query_timeout) ?? defaultQueryLimits.durationMsMax,
  };
}

function readOtlpRules(node: ConfigNode | undefined): OtlpRules {
  if (node === undefined) return defaultOtlpRules;
  const fields = node.fields({ resource_attributes: 'used', scope_attributes: 'used', log_attributes: 'used' });
  const resource = fields.resource_attributes?.fields({ ignore_defaults: 'used', attributes_config: 'used' });
  const own = (resource?.attributes_config?.list() ?? []).flatMap((rule) => readRule(rule));
  const ignoresDefaults = resource?.ignore_defaults?.boolean() ?? false;
  return {
    resource: ignoresDefaults ? own : [defaultResourceRule, ...own],
    scope: (fields.scope_attributes?.list() ?? []).flatMap((rule) => readRule(rule)),
    log: (fields.log_attributes?.list() ?? []).flatMap((rule) => readRule(rule)),
  };
}

const actions: readonly AttributeAction[] = ['index_label', 'structured_metadata', 'drop'];

function readRule(node: ConfigNode): readonly AttributeRule[] {
  const fields = node.fields({ action: 'used', attributes: 'used', regex: 'used' });
  const action = fields.action?.oneOf(actions) ?? 'structured_metadata';
  const names = new Set(fields.attributes?.strings() ?? []);
  const regex = fields.regex?.string();
  if (names.size === 0 && regex === undefined) node.error('attributes or regex must be set');
  if (names.size > 0 && regex !== undefined) node.error('only one of attributes or regex must be set');
  if (regex === undefined) return [{ action, matches: (attribute) => names.has(attribute) }];
  try {
    return [{ action, matches: compileAnchored(regex) }];
  } catch (error) {
    fields.regex?.error(error instanceof Error ? error.message : String(error));
    return [];
  }
}
