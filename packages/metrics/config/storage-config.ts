/** The `storage` section. */
import type { ConfigNode } from '@mario/service';

export interface StorageConfig {
  /** How late a sample may be, counted from the newest sample of its series; 0 refuses samples out of order. */
  readonly outOfOrderTimeWindowMs: number;
  /** 0: as the command line says. */
  readonly retentionMs: number;
  readonly retentionSizeBytes: number;
  readonly exemplarsMax: number;
}

/** The real server's default for `max_exemplars`. */
const EXEMPLARS_MAX = 100_000;

export function readStorage(node: ConfigNode | undefined): StorageConfig {
  const fields = node?.fields({ tsdb: 'used', exemplars: 'used' }) ?? {};
  const tsdb =
    fields.tsdb?.fields({
      out_of_order_time_window: 'used',
      stale_series_compaction_threshold: 'unused',
      retention: 'used',
    }) ?? {};
  const retention = tsdb.retention?.fields({ time: 'used', size: 'used', percentage: 'unused' }) ?? {};
  const exemplars = fields.exemplars?.fields({ max_exemplars: 'used' }) ?? {};
  return {
    outOfOrderTimeWindowMs: tsdb.out_of_order_time_window?.prometheusDurationMs() ?? 0,
    retentionMs: retention.time?.prometheusDurationMs() ?? 0,
    retentionSizeBytes: retention.size?.sizeBytes() ?? 0,
    exemplarsMax: exemplars.max_exemplars?.number() ?? EXEMPLARS_MAX,
  };
}
