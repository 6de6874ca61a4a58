/**
 * What the Node process itself does: event loop, heap, garbage collection, memory, processor time. The names are the
 * current semantic conventions (`nodejs.*`, `v8js.*`) and the `process.runtime.nodejs.*` ones that dashboards know.
 */

import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import type { Meter } from '@opentelemetry/api';
import type { InstrumentDefinition } from './metrics/instrument-definition.ts';
import { instruments } from './metrics/registry.ts';

const heapSpace = { 'v8js.heap.space.name': 'new_space, old_space, …' };
const gcType = { 'v8js.gc.type': 'major, minor, incremental, weakcb' };

function delay(statistic: string, meaning: string): InstrumentDefinition {
  const name = `nodejs.eventloop.delay.${statistic}`;
  return { name, kind: 'gauge', unit: 's', meaning, attributes: {}, whole: false, observed: true };
}

function space(name: string, kind: 'gauge' | 'upDownCounter', meaning: string): InstrumentDefinition {
  return { name: `v8js.${name}`, kind, unit: 'By', meaning, attributes: heapSpace, observed: true };
}

export const runtimeDefinitions = {
  delayMin: delay('min', 'Event loop minimum delay'),
  delayMax: delay('max', 'Event loop maximum delay'),
  delayMean: delay('mean', 'Event loop mean delay'),
  delayStddev: delay('stddev', 'Event loop standard deviation delay'),
  delayP50: delay('p50', 'Event loop 50 percentile delay'),
  delayP90: delay('p90', 'Event loop 90 percentile delay'),
  delayP99: delay('p99', 'Event loop 99 percentile delay'),
  utilization: {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    meaning: 'Event loop utilization',
    attributes: {},
    whole: false,
    observed: true,
  },
  eventLoopTime: {
    name: 'nodejs.eventloop.time',
    kind: 'counter',
    unit: 's',
    meaning: 'Cumulative duration of time the event loop has been in each state',
    attributes: { 'nodejs.eventloop.state': 'active, idle' },
    whole: false,
    observed: true,
  },
  heapLimit: space('memory.heap.limit', 'upDownCounter', 'Total heap memory size pre-allocated'),
  heapUsed: space('memory.heap.used', 'upDownCounter', 'Heap memory size allocated'),
  heapAvailable: space('memory.heap.space.available_size', 'upDownCounter', 'Heap space available size'),
  heapPhysical: space('memory.heap.space.physical_size', 'upDownCounter', 'Committed size of a heap space'),
  gcDuration: {
    name: 'v8js.gc.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Garbage collection duration',
    attributes: gcType,
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    conditional: 'once the collector has run',
  },
  gcCount: {
    name: 'process.runtime.nodejs.gc_count',
    kind: 'counter',
    unit: '{collection}',
    meaning: 'Garbage collections',
    attributes: gcType,
    conditional: 'once the collector has run',
  },
  memoryRss: {
    name: 'process.runtime.nodejs.memory.rss',
    kind: 'upDownCounter',
    unit: 'By',
    meaning: 'Memory of the process that is resident',
    attributes: {},
    observed: true,
  },
  memoryExternal: {
    name: 'process.runtime.nodejs.memory.external',
    kind: 'upDownCounter',
    unit: 'By',
    meaning: 'Memory outside the heap that its objects hold on to, buffers included',
    attributes: {},
    observed: true,
  },
  cpuTime: {
    name: 'process.runtime.nodejs.cpu_time',
    kind: 'counter',
    unit: 's',
    meaning: 'Processor time of the process',
    attributes: { 'cpu.mode': 'user, system' },
    whole: false,
    observed: true,
  },
  uptime: {
    name: 'process.uptime',
    kind: 'gauge',
    unit: 's',
    meaning: 'Time since the process started',
    attributes: {},
    whole: false,
    observed: true,
  },
} as const satisfies Record<string, InstrumentDefinition>;

type DelayHistogram = ReturnType<typeof monitorEventLoopDelay>;

const gcDurations = instruments.histogram(runtimeDefinitions.gcDuration);
const gcCounts = instruments.counter(runtimeDefinitions.gcCount);

/** Both export paths collect on their own; within this time they are given one sample, so neither empties the other's. */
const SAMPLE_AGE_MS_MAX = 4_000;
const DELAY_RESOLUTION_MS = 20;

/** Starts observing; the function given back stops it. */
export function instrumentRuntime(meter: Meter): () => void {
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  histogram.enable();
  observeEventLoop(meter, histogram);
  observeHeap(meter);
  observeProcess(meter);
  const stopGc = observeGc();
  return () => {
    histogram.disable();
    stopGc();
  };
}

function observeEventLoop(meter: Meter, histogram: DelayHistogram): void {
  const definitions = runtimeDefinitions;
  const gauge = (definition: InstrumentDefinition) =>
    meter.createObservableGauge(definition.name, { unit: definition.unit, description: definition.meaning });
  const gauges = [
    gauge(definitions.delayMin),
    gauge(definitions.delayMax),
    gauge(definitions.delayMean),
    gauge(definitions.delayStddev),
    gauge(definitions.delayP50),
    gauge(definitions.delayP90),
    gauge(definitions.delayP99),
    gauge(definitions.utilization),
  ];
  const sample = sampler(histogram);
  meter.addBatchObservableCallback((result) => {
    for (const [at, value] of sample().entries()) result.observe(gauges[at]!, value);
  }, gauges);

  const { eventLoopTime } = definitions;
  meter
    .createObservableCounter(eventLoopTime.name, { unit: eventLoopTime.unit, description: eventLoopTime.meaning })
    .addCallback((result) => {
      const { active, idle } = performance.eventLoopUtilization();
      result.observe(active / 1000, { 'nodejs.eventloop.state': 'active' });
      result.observe(idle / 1000, { 'nodejs.eventloop.state': 'idle' });
    });
}

/** Values in the order of the gauges; of one period, shared by collections that follow each other closely. */
function sampler(histogram: DelayHistogram): () => readonly number[] {
  let values: readonly number[] = [];
  let takenMs = Number.NEGATIVE_INFINITY;
  let before = performance.eventLoopUtilization();
  return () => {
    const nowMs = performance.now();
    if (nowMs - takenMs < SAMPLE_AGE_MS_MAX) return values;
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    takenMs = nowMs;
    // Before its first tick the histogram has nothing to say but its initial extremes.
    const delays =
      histogram.count === 0
        ? [0, 0, 0, 0, 0, 0, 0]
        : [
            histogram.min,
            histogram.max,
            histogram.mean,
            histogram.stddev,
            histogram.percentile(50),
            histogram.percentile(90),
            histogram.percentile(99),
          ].map((delayNs) => (Number.isFinite(delayNs) ? delayNs / 1e9 : 0));
    histogram.reset();
    values = [...delays, utilization];
    return values;
  };
}

function observeHeap(meter: Meter): void {
  const { heapLimit, heapUsed, heapAvailable, heapPhysical } = runtimeDefinitions;
  const sum = (definition: InstrumentDefinition) =>
    meter.createObservableUpDownCounter(definition.name, { unit: definition.unit, description: definition.meaning });
  const limit = sum(heapLimit);
  const used = sum(heapUsed);
  const available = sum(heapAvailable);
  const physical = sum(heapPhysical);
  meter.addBatchObservableCallback(
    (result) => {
      for (const each of getHeapSpaceStatistics()) {
        const attributes = { 'v8js.heap.space.name': each.space_name };
        result.observe(limit, each.space_size, attributes);
        result.observe(used, each.space_used_size, attributes);
        result.observe(available, each.space_available_size, attributes);
        result.observe(physical, each.physical_space_size, attributes);
      }
    },
    [limit, used, available, physical],
  );
}

function observeProcess(meter: Meter): void {
  const { memoryRss, memoryExternal, cpuTime, uptime } = runtimeDefinitions;
  const rss = meter.createObservableUpDownCounter(memoryRss.name, options(memoryRss));
  const external = meter.createObservableUpDownCounter(memoryExternal.name, options(memoryExternal));
  meter.addBatchObservableCallback(
    (result) => {
      const memory = process.memoryUsage();
      result.observe(rss, memory.rss);
      result.observe(external, memory.external);
    },
    [rss, external],
  );
  meter.createObservableCounter(cpuTime.name, options(cpuTime)).addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  meter.createObservableGauge(uptime.name, options(uptime)).addCallback((result) => result.observe(process.uptime()));
}

function options(definition: InstrumentDefinition): { unit: string; description: string } {
  return { unit: definition.unit, description: definition.meaning };
}

function observeGc(): () => void {
  const types = new Map([
    [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
    [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
    [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
  ]);
  const cells = new Map(
    [...types].map(([kind, type]) => {
      const attributes = { 'v8js.gc.type': type };
      return [kind, { duration: gcDurations.bind(attributes), count: gcCounts.bind(attributes) }];
    }),
  );
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const cell = cells.get((entry as { readonly detail?: { readonly kind?: number } }).detail?.kind ?? -1);
      cell?.duration.record(entry.duration / 1000);
      cell?.count.add(1);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}
