/** Puts the exemplars into an OTLP/JSON metrics request that the official serialiser made without them. */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { exemplarsOf } from '../metrics/exemplar.ts';

interface JsonPoint {
  exemplars?: unknown[];
}
interface JsonMetric {
  readonly gauge?: { readonly dataPoints?: JsonPoint[] };
  readonly sum?: { readonly dataPoints?: JsonPoint[] };
  readonly histogram?: { readonly dataPoints?: JsonPoint[] };
}
interface JsonRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly JsonMetric[] }[];
  }[];
}

/** The request holds scopes, metrics and points in the order of the data; that is what the two walks rely on. */
export function addJsonExemplars(body: Uint8Array | undefined, data: ResourceMetrics): Uint8Array | undefined {
  if (body === undefined) return undefined;
  const request = JSON.parse(Buffer.from(body).toString('utf8')) as JsonRequest;
  const scopes = request.resourceMetrics[0]?.scopeMetrics ?? [];
  data.scopeMetrics.forEach(({ metrics }, scopeAt) => {
    metrics.forEach((metric, metricAt) => {
      const json = scopes[scopeAt]?.metrics[metricAt];
      const points = json?.sum?.dataPoints ?? json?.histogram?.dataPoints ?? json?.gauge?.dataPoints ?? [];
      metric.dataPoints.forEach((point, pointAt) => {
        const exemplars = exemplarsOf(point).filter((exemplar) => exemplar !== undefined);
        const target = points[pointAt];
        if (target === undefined || exemplars.length === 0) return;
        target.exemplars = exemplars.map(({ value, timeMs, traceId, spanId }) => ({
          timeUnixNano: `${BigInt(timeMs) * 1_000_000n}`,
          asDouble: value,
          spanId,
          traceId,
        }));
      });
    });
  });
  return Buffer.from(JSON.stringify(request));
}
