// What the server tells the page about its telemetry, in <meta> elements, since a strict content security policy has no
// room for inline scripts.

import { parseTraceparent, type SpanParent } from './trace-context.ts';

export interface PageSettings {
  /** Address of the collector's OTLP/HTTP receiver, without a path and without a slash at its end. */
  readonly collectorUrl: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** The page's route template, such as `/orders/{id}`; what it is filled with may say who somebody is. */
  readonly route: string;
  /** The server's span that made this page; without it the page begins a trace. */
  readonly parent: SpanParent | undefined;
}

/** Undefined when the page does not want telemetry: no collector is named. */
export function readPageSettings(document: Document): PageSettings | undefined {
  const read = (name: string) => document.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? '';
  const collectorUrl = read('otlp-url').replace(/\/+$/, '');
  if (collectorUrl === '') return undefined;
  return {
    collectorUrl,
    serviceName: read('otel-service-name') || 'web',
    serviceVersion: read('otel-service-version'),
    route: read('otel-route') || '/',
    parent: parseTraceparent(read('traceparent')),
  };
}
