// The prometheus exporter: shows the latest value of each series on /metrics, for Prometheus to scrape.
import { type MetricBatch, PermanentError, type Signal } from '@mario/otlp';
import { createListener, listen } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import type { ComponentSettings, Consume, ExporterFactory, Step } from '../../component.ts';
import { Accumulator } from './accumulator.ts';
import { type PrometheusConfig, readPrometheusConfig } from './config.ts';
import { formatExposition } from './exposition.ts';

export const prometheusExporter: ExporterFactory<PrometheusConfig> = {
  kind: 'exporter',
  types: ['prometheus'],
  signals: ['metrics'],
  readConfig: readPrometheusConfig,
  create: <S extends Signal>(_signal: S, config: PrometheusConfig, settings: ComponentSettings) =>
    new PrometheusStep(config, settings) as Step<Signal> as Step<S>,
};

const textType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores';
/** Answers of fewer bytes are not worth compressing. */
const compressBytesMin = 1024;

class PrometheusStep implements Step<'metrics'> {
  private readonly config: PrometheusConfig;
  private readonly settings: ComponentSettings;
  private readonly accumulator: Accumulator;
  private app: FastifyInstance | undefined;
  addresses: readonly string[] = [];

  constructor(config: PrometheusConfig, settings: ComponentSettings) {
    this.config = config;
    this.settings = settings;
    this.accumulator = new Accumulator(config, (message) => settings.log.warn(message, { exporter: settings.id }));
  }

  readonly consume: Consume<'metrics'> = async (batch: MetricBatch) => {
    const { settings } = this;
    const rejected = this.accumulator.add(batch, settings.clock.monotonicMs());
    settings.pipelineMetrics.exporterSent('metrics', settings.id, batch.count - rejected);
    if (rejected === 0) return;
    settings.pipelineMetrics.exporterFailed('metrics', settings.id, rejected);
    throw new PermanentError('series were refused: there are too many, or their name has another type', { rejected });
  };

  async start(): Promise<void> {
    const app = await createListener({ compressBytesMin });
    this.app = app;
    app.get('/metrics', async (request, reply) => {
      this.accumulator.expire(this.settings.clock.monotonicMs());
      const openMetrics =
        this.config.openMetrics && (request.headers.accept?.includes('application/openmetrics-text') ?? false);
      const options = { openMetrics, timestamps: this.config.sendTimestamps };
      const body = formatExposition(this.accumulator.families.values(), options);
      return reply.type(openMetrics ? openMetricsType : textType).send(body);
    });
    const { host, port } = this.settings.listenAddress(this.config.endpoint);
    this.addresses = [await listen(app, `collector (exporter ${this.settings.id})`, host, port)];
  }

  async shutdown(): Promise<void> {
    await this.app?.close();
  }
}
