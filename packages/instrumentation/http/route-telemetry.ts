/** What is known of a route before a request comes: its span's name and attributes and the cells of its metrics. */
import type { Attributes } from '@opentelemetry/api';
import type { HistogramCell, SumCell } from '../metrics/cell.ts';
import { shareAttributes } from '../trace/shared-attributes.ts';
import { httpServer } from './http-instruments.ts';

/** The endpoint of requests that no route fits: their paths are the caller's invention and must not become series. */
export const UNMATCHED = 'unmatched';

/** Asked every few seconds by machines: counted like any other, but a trace of each would bury those of people. */
const POLLED: ReadonlySet<string> = new Set(['/api/metrics', '/metrics', '/health', '/healthz', '/live', '/ready']);

export interface RouteIdentity {
  readonly app: string;
  /** Template with braces, or undefined for requests that no route fits. */
  readonly endpoint: string | undefined;
  readonly method: string;
  readonly scheme: string;
}

/** The cells of one route and one status. */
export interface StatusCells {
  readonly duration: HistogramCell;
  readonly requestSize: HistogramCell;
  readonly responseSize: HistogramCell;
  readonly requestDuration: HistogramCell;
  readonly requestBodySize: HistogramCell;
  readonly responseBodySize: HistogramCell;
}

/** Stands in the status maps for requests whose client went away before an answer. */
export const ABORTED = 0;

export class RouteTelemetry {
  readonly traced: boolean;
  readonly spanName: string;
  readonly spanAttributes: Attributes;
  readonly active: SumCell;
  readonly #identity: RouteIdentity;
  readonly #byStatus = new Map<number, StatusCells>();

  constructor(identity: RouteIdentity) {
    const { app, endpoint, method, scheme } = identity;
    this.#identity = identity;
    this.traced = endpoint === undefined || !POLLED.has(endpoint);
    this.spanName = endpoint === undefined ? method : `${method} ${endpoint}`;
    this.spanAttributes = shareAttributes({
      'http.request.method': method,
      ...(endpoint !== undefined && { 'http.route': endpoint }),
      'url.scheme': scheme,
      'mario.app': app,
    });
    this.active = httpServer.activeRequests.bind({
      app,
      endpoint: endpoint ?? UNMATCHED,
      method,
      'http.request.method': method,
      'url.scheme': scheme,
    });
  }

  /** The cells of a response status, or of ABORTED. */
  cells(status: number): StatusCells {
    let cells = this.#byStatus.get(status);
    if (cells === undefined) this.#byStatus.set(status, (cells = this.#bind(status)));
    return cells;
  }

  #bind(status: number): StatusCells {
    const { app, endpoint, method, scheme } = this.#identity;
    // 499 is what nginx writes for a client that went away; the older family has no other place for it.
    const answered = {
      app,
      endpoint: endpoint ?? UNMATCHED,
      method,
      'http.status_code': status === ABORTED ? 499 : status,
    };
    const errorType = status === ABORTED ? 'aborted' : status >= 500 ? String(status) : undefined;
    const convention: Attributes = {
      'http.request.method': method,
      'url.scheme': scheme,
      ...(endpoint !== undefined && { 'http.route': endpoint }),
      ...(status !== ABORTED && { 'http.response.status_code': status }),
      ...(errorType !== undefined && { 'error.type': errorType }),
    };
    return {
      duration: httpServer.duration.bind(answered),
      requestSize: httpServer.requestSize.bind(answered),
      responseSize: httpServer.responseSize.bind(answered),
      requestDuration: httpServer.requestDuration.bind(convention),
      requestBodySize: httpServer.requestBodySize.bind(convention),
      responseBodySize: httpServer.responseBodySize.bind(convention),
    };
  }
}

/**
 * A Fastify route as a template: `/orders/:id` becomes `/orders/{id}`, `:id(^\\d+)` and `:id?` lose what follows the
 * name, `::` is a literal colon.
 */
export function endpointOf(prefix: string, url: string): string {
  const template = url.replaceAll(/::|:([A-Za-z0-9_]+)(\((?:[^()]|\([^()]*\))*\))?\??/g, (matched, name) =>
    matched === '::' ? ':' : `{${name}}`,
  );
  return prefix.replace(/\/+$/, '') + template;
}
