/** The named limits of intake. The defaults and the names in configuration files are Loki's (`limits_config`). */

export interface StoreLimits {
  /** max_line_size: one line, in bytes. */
  readonly lineBytesMax: number;
  /** max_line_size_truncate: longer lines are cut instead of refused. */
  readonly lineTruncates: boolean;
  /** max_label_names_per_series. */
  readonly labelCountMax: number;
  /** max_label_name_length. */
  readonly labelNameLengthMax: number;
  /** max_label_value_length. */
  readonly labelValueLengthMax: number;
  /** max_global_streams_per_user: streams with entries in memory. */
  readonly streamCountMax: number;
  /** allow_structured_metadata. */
  readonly metadataAllowed: boolean;
  /** max_structured_metadata_size: of one entry. */
  readonly metadataBytesMax: number;
  /** max_structured_metadata_entries_count: of one entry. */
  readonly metadataCountMax: number;
  /** reject_old_samples with reject_old_samples_max_age; 0 takes any age. */
  readonly ageMsMax: number;
  /** creation_grace_period: how far ahead of this clock; 0 takes any. */
  readonly aheadMsMax: number;
  /** unordered_writes: half of the ingester's max_chunk_age behind a stream's newest entry; 0 takes any. */
  readonly lateMsMax: number;
  /** discover_service_name: stream labels that become `service_name` when it is absent; empty switches it off. */
  readonly serviceNameLabels: readonly string[];
  /** discover_log_levels: adds `detected_level` to the structured metadata. */
  readonly detectsLevels: boolean;
}

export const defaultStoreLimits: StoreLimits = {
  lineBytesMax: 256 * 1024,
  lineTruncates: false,
  labelCountMax: 15,
  labelNameLengthMax: 1024,
  labelValueLengthMax: 2048,
  streamCountMax: 5000,
  metadataAllowed: true,
  metadataBytesMax: 64 * 1024,
  metadataCountMax: 128,
  ageMsMax: 7 * 86_400_000,
  aheadMsMax: 600_000,
  lateMsMax: 3_600_000,
  serviceNameLabels: [
    'service',
    'app',
    'application',
    'app_name',
    'name',
    'app_kubernetes_io_name',
    'container',
    'container_name',
    'k8s_container_name',
    'component',
    'workload',
    'job',
    'k8s_job_name',
  ],
  detectsLevels: true,
};
