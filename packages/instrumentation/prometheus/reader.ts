/** The SDK's reader behind `/api/metrics`: it collects when it is asked. */
import { MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { instruments } from '../metrics/registry.ts';
import { CONTENT_TYPES, negotiateFormat } from './accept.ts';
import { formatExposition } from './exposition.ts';

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

export class PrometheusReader extends MetricReader {
  constructor() {
    super({ metricProducers: [instruments] });
  }

  /** One page, in the format that the Accept header prefers. */
  async expose(accept: string | undefined): Promise<Exposition> {
    const format = negotiateFormat(accept);
    return { contentType: CONTENT_TYPES[format], body: formatExposition(await this.gather(), format) };
  }

  /** What a page would hold, as data. */
  async gather(): Promise<ResourceMetrics> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics;
  }

  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
