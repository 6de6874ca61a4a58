// The collector's own metrics about its process, under the names of the real one.
import type { Clock, LabelValues, OwnMetrics } from '@mario/service';

const none: LabelValues = {};

export function registerCollectorProcessMetrics(metrics: OwnMetrics, clock: Clock): void {
  const startMs = clock.monotonicMs();
  const one = (name: string, help: string, type: 'counter' | 'gauge', read: () => number) =>
    metrics.observed(name, help, type, () => [[none, read()]]);
  one(
    'otelcol_process_uptime_seconds_total',
    'Uptime of the process',
    'counter',
    () => (clock.monotonicMs() - startMs) / 1000,
  );
  one('otelcol_process_cpu_seconds_total', 'Total CPU user and system time in seconds', 'counter', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  one('otelcol_process_memory_rss_bytes', 'Total physical memory (resident set size)', 'gauge', () =>
    process.memoryUsage.rss(),
  );
  one(
    'otelcol_process_runtime_heap_alloc_bytes',
    "Bytes of allocated heap objects (see 'go doc runtime.MemStats.HeapAlloc')",
    'gauge',
    () => process.memoryUsage().heapUsed,
  );
  one(
    'otelcol_process_runtime_total_sys_memory_bytes',
    "Total bytes of memory obtained from the OS (see 'go doc runtime.MemStats.Sys')",
    'gauge',
    () => {
      const { heapTotal, external } = process.memoryUsage();
      return heapTotal + external;
    },
  );
}
