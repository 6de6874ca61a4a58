/** The process's own figures under the names that the official Prometheus clients give them. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { LabelValues, OwnMetrics } from './own-metrics.ts';

const NO_LABELS: LabelValues = {};

/**
 * Resolution of the event loop delay histogram: finer costs wake-ups while idle (at 20 ms 2.4 ms of CPU each second, more
 * than storing a scrape of 5,000 series), coarser samples too few of the stalls.
 */
const DELAY_RESOLUTION_MS = 100;

let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** One sampler for the whole process, however many services report it. */
function eventLoopDelay() {
  if (delay === undefined) {
    delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    delay.enable();
  }
  return delay;
}

export function registerProcessMetrics(metrics: OwnMetrics): void {
  const one = (name: string, help: string, type: 'counter' | 'gauge', read: () => number) =>
    metrics.observed(name, help, type, () => [[NO_LABELS, read()]]);

  one('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', 'counter', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  one('process_resident_memory_bytes', 'Resident memory size in bytes.', 'gauge', () => process.memoryUsage.rss());
  one(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    'gauge',
    () => Math.round(performance.timeOrigin) / 1000,
  );
  one('process_open_fds', 'Number of open file descriptors.', 'gauge', countOpenFiles);
  const heap = () => process.memoryUsage();
  one('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', 'gauge', () => heap().heapTotal);
  one('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', 'gauge', () => heap().heapUsed);
  one('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.', 'gauge', () => heap().external);
  const loop = eventLoopDelay();
  one(
    'nodejs_eventloop_lag_p99_seconds',
    'The 99th percentile of the recorded event loop delays.',
    'gauge',
    () => loop.percentile(99) / 1e9,
  );
  one('nodejs_eventloop_lag_max_seconds', 'The maximum recorded event loop delay.', 'gauge', () => loop.max / 1e9);
}

function countOpenFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN; // not Linux: the figure is not known, which NaN says
  }
}
