// A batch as the bytes of an export request.
import {
  encodeLogs,
  encodeLogsJson,
  encodeMetrics,
  encodeMetricsJson,
  encodeSpans,
  encodeSpansJson,
  type LogBatch,
  type MetricBatch,
  type SpanBatch,
} from '@mario/otlp';

export function encodeBatch(batch: SpanBatch | MetricBatch | LogBatch, encoding: 'proto' | 'json'): Buffer {
  if (encoding === 'json') return Buffer.from(jsonText(batch));
  if (batch.signal === 'traces') return encodeSpans(batch);
  return batch.signal === 'metrics' ? encodeMetrics(batch) : encodeLogs(batch);
}

function jsonText(batch: SpanBatch | MetricBatch | LogBatch): string {
  if (batch.signal === 'traces') return encodeSpansJson(batch);
  return batch.signal === 'metrics' ? encodeMetricsJson(batch) : encodeLogsJson(batch);
}
