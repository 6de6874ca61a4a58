/** The metrics of the traces service about itself, under Tempo's names. */

import { type ListenerMetrics, listenerMetrics, OwnMetrics, registerProcessMetrics } from '@mario/service';
import { TEMPO_VERSION } from './api/status-routes.ts';
import type { TraceStore } from './store/trace-store.ts';

/** Tempo's buckets of request durations, in seconds. */
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];

/** Tempo's single tenant. */
const TENANT = { tenant: 'single-tenant' };

export function createOwnMetrics(): { readonly metrics: OwnMetrics; readonly listener: ListenerMetrics } {
  const metrics = new OwnMetrics();
  registerProcessMetrics(metrics);
  const durations = metrics.histogram(
    'tempo_request_duration_seconds',
    'Time (in seconds) spent serving HTTP requests.',
    DURATION_BOUNDS,
  );
  const listener = listenerMetrics(undefined, durations, ({ method, route, status }) => ({
    method,
    route: routeLabel(route),
    status_code: String(status),
    ws: 'false',
  }));
  return { metrics, listener };
}

/** As dskit names routes: the path with underscores. */
function routeLabel(route: string): string {
  return route
    .replace(/^\//, '')
    .replace(/[^a-zA-Z0-9]+/g, '_')
    .replace(/_$/, '')
    .toLowerCase();
}

export function observeStore(metrics: OwnMetrics, store: TraceStore): void {
  const { stats } = store;
  const one = (name: string, help: string, type: 'counter' | 'gauge', read: () => number, labels = {}) =>
    metrics.observed(name, help, type, () => [[labels, read()]]);
  one('tempo_build_info', 'A metric with a constant 1 value labeled by version.', 'gauge', () => 1, {
    version: TEMPO_VERSION,
  });
  one(
    'tempo_distributor_spans_received_total',
    'The total number of spans received per tenant',
    'counter',
    () => stats.spansReceived,
    TENANT,
  );
  one(
    'tempo_distributor_bytes_received_total',
    'The total number of bytes received per tenant',
    'counter',
    () => stats.bytesReceived,
    TENANT,
  );
  one(
    'tempo_discarded_spans_total',
    'The total number of spans that were discarded.',
    'counter',
    () => stats.spansDiscardedTooLarge,
    {
      ...TENANT,
      reason: 'trace_too_large',
    },
  );
  one(
    'tempo_live_store_live_traces',
    'The current number of live traces per tenant',
    'gauge',
    () => store.liveTraceCount,
    TENANT,
  );
  one(
    'tempo_live_store_blocks_flushed_total',
    'The total number of blocks flushed',
    'counter',
    () => stats.segmentsWritten,
  );
  one(
    'tempo_live_store_failed_flushes_total',
    'The total number of failed flushes',
    'counter',
    () => stats.sealFailures,
  );
  one('tempodb_blocklist_length', 'Total number of blocks per tenant', 'gauge', () => store.segmentCount, TENANT);
  one('tempodb_backend_size_bytes', 'Bytes on disk per tenant', 'gauge', () => store.sizeBytes, TENANT);
  one('tempodb_compaction_blocks_total', 'Total number of compactions', 'counter', () => stats.compactions);
  one('tempodb_retention_deleted_total', 'Total number of blocks deleted', 'counter', () => stats.segmentsDeleted);
  one(
    'tempodb_corrupt_blocks_total',
    'Total number of damaged blocks that were set aside',
    'counter',
    () => stats.corruptSegments,
  );
}
