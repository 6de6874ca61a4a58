// Batches as plain objects without ids and offsets, so that two can be compared whatever the order of their strings.
import { encodeLogsJson, encodeSpansJson } from '../encode/json-encoder.ts';
import { encodeMetricsJson } from '../encode/json-metrics.ts';
import type { LogBatch } from '../model/logs.ts';
import type { MetricBatch } from '../model/metrics.ts';
import type { SpanBatch } from '../model/spans.ts';

/** What the batch says, as OTLP/JSON says it. */
export function plainBatch(batch: SpanBatch | LogBatch | MetricBatch): unknown {
  if (batch.signal === 'traces') return JSON.parse(encodeSpansJson(batch));
  return JSON.parse(batch.signal === 'logs' ? encodeLogsJson(batch) : encodeMetricsJson(batch));
}
