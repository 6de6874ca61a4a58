// The debug exporter: writes what arrives to the log, so that one sees whether and what.
import type { LogBatch, MetricBatch, Signal, SpanBatch } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { ComponentSettings, ExporterFactory, Step } from '../../component.ts';
import { count } from '../../config/read-context.ts';
import { describeBatch } from './describe.ts';

export interface DebugConfig {
  readonly verbosity: 'basic' | 'normal' | 'detailed';
  /** Messages in each second before sampling begins. */
  readonly samplingInitial: number;
  /** After that, each such message. */
  readonly samplingThereafter: number;
}

export const debugExporter: ExporterFactory<DebugConfig> = {
  kind: 'exporter',
  types: ['debug'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig(node: ConfigNode) {
    const fields = node.fields({
      verbosity: 'used',
      sampling_initial: 'used',
      sampling_thereafter: 'used',
      use_internal_logger: 'unused',
      output_paths: 'unused',
      sending_queue: 'unused',
    });
    return {
      verbosity: fields.verbosity?.oneOf(['basic', 'normal', 'detailed'] as const) ?? 'basic',
      samplingInitial: count(fields.sampling_initial, 2),
      samplingThereafter: count(fields.sampling_thereafter, 1),
    };
  },
  create: (signal, config, settings) => createStep(signal, config, settings),
};

function createStep<S extends Signal>(signal: S, config: DebugConfig, settings: ComponentSettings): Step<S> {
  const sampled = sampler(config, settings);
  return {
    start: async () => {},
    shutdown: async () => {},
    consume: async (batch) => {
      settings.pipelineMetrics.exporterSent(signal, settings.id, batch.count);
      if (!sampled()) return;
      settings.log.info(titles[signal], { exporter: settings.id, ...summary(batch) });
      if (config.verbosity === 'basic') return;
      for (const line of describeBatch(batch, config.verbosity)) settings.log.info(line, { exporter: settings.id });
    },
  };
}

const titles = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' } as const;

function summary(batch: SpanBatch | MetricBatch | LogBatch): Record<string, number> {
  const resources = batch.resources.count;
  if (batch.signal === 'traces') return { resource_spans: resources, spans: batch.count };
  if (batch.signal === 'logs') return { resource_logs: resources, log_records: batch.count };
  return { resource_metrics: resources, metrics: batch.metrics.count, data_points: batch.count };
}

/** The first messages of each second, then every so-and-so many: as the real one's logger samples. */
function sampler(config: DebugConfig, settings: ComponentSettings): () => boolean {
  let secondStartMs = Number.NEGATIVE_INFINITY;
  let seen = 0;
  return () => {
    const nowMs = settings.clock.monotonicMs();
    if (nowMs - secondStartMs >= 1000) {
      secondStartMs = nowMs;
      seen = 0;
    }
    seen++;
    if (seen <= config.samplingInitial) return true;
    return config.samplingThereafter > 0 && (seen - config.samplingInitial) % config.samplingThereafter === 0;
  };
}
