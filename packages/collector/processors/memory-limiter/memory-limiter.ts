// The memory_limiter processor: refuses new data while the data under way takes too much memory.
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { batchSizeBytes, RetryableError, type Signal } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { ComponentSettings, Consume, ProcessorFactory, Step } from '../../component.ts';
import { count, durationMs } from '../../config/read-context.ts';

export interface MemoryLimiterConfig {
  readonly limitBytes: number;
  /** Data is refused from here on. */
  readonly softLimitBytes: number;
  readonly checkIntervalMs: number;
}

const mib = 1024 * 1024;

export const memoryLimiterProcessor: ProcessorFactory<MemoryLimiterConfig> = {
  kind: 'processor',
  types: ['memory_limiter'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig,
  create: (signal, config, settings, next) => new MemoryLimiterStep(signal, config, settings, next),
};

function readConfig(node: ConfigNode): MemoryLimiterConfig {
  const fields = node.fields({
    check_interval: 'used',
    limit_mib: 'used',
    spike_limit_mib: 'used',
    limit_percentage: 'used',
    spike_limit_percentage: 'used',
    min_gc_interval_when_soft_limited: 'unused',
    min_gc_interval_when_hard_limited: 'unused',
  });
  const checkIntervalMs = durationMs(fields.check_interval, 0);
  if (checkIntervalMs <= 0) (fields.check_interval ?? node).error("'check_interval' must be greater than zero");
  const limitMib = count(fields.limit_mib, 0);
  const limitPercentage = count(fields.limit_percentage, 0);
  const spikeMib = count(fields.spike_limit_mib, 0);
  const spikePercentage = count(fields.spike_limit_percentage, 0);
  if (limitMib === 0 && limitPercentage === 0) {
    node.error("'limit_mib' or 'limit_percentage' must be greater than zero");
  }
  if (limitPercentage > 100 || spikePercentage > 100) {
    node.error(
      "'limit_percentage' and 'spike_limit_percentage' must be greater than zero and less than or equal to hundred",
    );
  }
  if (limitMib > 0 && spikeMib >= limitMib) {
    (fields.spike_limit_mib ?? node).error("'spike_limit_mib' must be smaller than 'limit_mib'");
  }
  const limitBytes = limitMib > 0 ? limitMib * mib : (totalmem() * limitPercentage) / 100;
  const spikeBytes = limitMib > 0 ? spikeMib * mib : (totalmem() * spikePercentage) / 100;
  // A fifth of the limit when nothing is said, as the real one has it.
  return { limitBytes, softLimitBytes: limitBytes - (spikeBytes || limitBytes / 5), checkIntervalMs };
}

/** Above this share of V8's own limit the process is near its end, whatever was configured. */
const heapShareMax = 0.9;

/** What all pipelines that name the same memory_limiter hold together. */
class Budget {
  usedBytes = 0;
  private heapFull = false;
  private checkedMs = Number.NEGATIVE_INFINITY;

  refuses(config: MemoryLimiterConfig, nowMs: number): boolean {
    if (nowMs - this.checkedMs >= config.checkIntervalMs) {
      this.checkedMs = nowMs;
      const heap = getHeapStatistics();
      this.heapFull = heap.used_heap_size > heap.heap_size_limit * heapShareMax;
    }
    return this.heapFull || this.usedBytes > config.softLimitBytes;
  }
}

class MemoryLimiterStep<S extends Signal> implements Step<S> {
  private readonly signal: S;
  private readonly config: MemoryLimiterConfig;
  private readonly settings: ComponentSettings;
  private readonly next: Consume<S>;
  private readonly budget: Budget;

  constructor(signal: S, config: MemoryLimiterConfig, settings: ComponentSettings, next: Consume<S>) {
    this.signal = signal;
    this.config = config;
    this.settings = settings;
    this.next = next;
    this.budget = settings.shared(() => new Budget());
  }

  readonly consume: Consume<S> = async (batch) => {
    const { budget, settings, signal } = this;
    const sizeBytes = batchSizeBytes(batch);
    if (budget.refuses(this.config, settings.clock.monotonicMs())) {
      settings.pipelineMetrics.limiterDecided(signal, settings.id, batch.count, false);
      throw new RetryableError('data refused due to high memory usage', { retryAfterMs: this.config.checkIntervalMs });
    }
    budget.usedBytes += sizeBytes;
    try {
      await this.next(batch);
      settings.pipelineMetrics.limiterDecided(signal, settings.id, batch.count, true);
    } finally {
      budget.usedBytes -= sizeBytes;
    }
  };

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
