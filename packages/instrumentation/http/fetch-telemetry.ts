/**
 * Client spans and durations for `fetch` (undici), by the official instrumentation. It listens on diagnostics channels
 * and patches no module, so it works in a bundle.
 */

import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { InstrumentDefinition } from '../metrics/instrument-definition.ts';

/** The instrumentation's own histogram, for the reference list. */
export const httpClientDefinitions = {
  requestDuration: {
    name: 'http.client.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Measures the duration of outbound HTTP requests.',
    attributes: {
      'http.request.method': 'Request method',
      'http.response.status_code': 'Response status',
      'server.address': 'Host that was asked',
      'server.port': 'Its port',
      'url.scheme': 'http or https',
      'network.protocol.version': '1.1 or 2',
      'error.type': 'Status or code of the error',
    },
    conditional: 'when the application calls another service by fetch',
    observed: true,
  },
} as const satisfies Record<string, InstrumentDefinition>;

/** Starts the spans; the function given back ends them. */
export function instrumentFetch(tracerProvider: TracerProvider, meterProvider: MeterProvider): () => void {
  const instrumentation = new UndiciInstrumentation({
    // A query string may say who somebody is; what remains names the call well enough.
    startSpanHook: (request) => ({ 'url.full': `${request.origin}${withoutQuery(request.path)}`, 'url.query': '' }),
  });
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.setMeterProvider(meterProvider);
  instrumentation.enable();
  return () => instrumentation.disable();
}

function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}
