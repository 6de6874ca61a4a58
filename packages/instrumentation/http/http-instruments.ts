/** The HTTP server's instruments: the names that the dashboards have always used, and today's semantic conventions. */
import type { InstrumentDefinition } from '../metrics/instrument-definition.ts';
import { instruments } from '../metrics/registry.ts';

const DURATION_MS = [1, 2.5, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
/** The bounds that the semantic conventions prescribe for `http.server.request.duration`. */
const DURATION_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SIZE_BYTES = [0, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];

const routeAttributes = {
  app: 'Which of the applications in the process: main-app, api-app, ui-app',
  endpoint: 'Route template, as /api/orders/{id}; `unmatched` when no route fits',
  method: 'Request method',
};
const answeredAttributes = { ...routeAttributes, 'http.status_code': 'Response status' };
const conventionAttributes = {
  'http.request.method': 'Request method; _OTHER when it is none of the known ones',
  'http.route': 'Route template; absent when no route fits',
  'http.response.status_code': 'Response status',
  'url.scheme': 'http or https',
  'error.type': 'The status when it is 500 or above, `aborted` when the client went away',
};

export const httpServerDefinitions = {
  duration: {
    name: 'http.server.duration',
    kind: 'histogram',
    unit: 'ms',
    meaning: 'Time from the first byte of a request to the end of its response',
    attributes: answeredAttributes,
    boundaries: DURATION_MS,
  },
  activeRequests: {
    name: 'http.server.active_requests',
    kind: 'upDownCounter',
    unit: '{request}',
    meaning: 'Requests that are being answered',
    attributes: { ...routeAttributes, 'http.request.method': 'Request method', 'url.scheme': 'http or https' },
  },
  requestSize: {
    name: 'http.server.request.size',
    kind: 'histogram',
    unit: 'By',
    meaning: 'Bytes in the bodies of requests',
    attributes: answeredAttributes,
    boundaries: SIZE_BYTES,
  },
  responseSize: {
    name: 'http.server.response.size',
    kind: 'histogram',
    unit: 'By',
    meaning: 'Bytes in the bodies of responses whose length is known beforehand',
    attributes: answeredAttributes,
    boundaries: SIZE_BYTES,
  },
  requestDuration: {
    name: 'http.server.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Duration of HTTP server requests',
    attributes: conventionAttributes,
    boundaries: DURATION_S,
  },
  requestBodySize: {
    name: 'http.server.request.body.size',
    kind: 'histogram',
    unit: 'By',
    meaning: 'Size of HTTP server request bodies',
    attributes: conventionAttributes,
    boundaries: SIZE_BYTES,
  },
  responseBodySize: {
    name: 'http.server.response.body.size',
    kind: 'histogram',
    unit: 'By',
    meaning: 'Size of HTTP server response bodies',
    attributes: conventionAttributes,
    boundaries: SIZE_BYTES,
  },
} as const satisfies Record<string, InstrumentDefinition>;

export const httpServer = {
  duration: instruments.histogram(httpServerDefinitions.duration),
  activeRequests: instruments.upDownCounter(httpServerDefinitions.activeRequests),
  requestSize: instruments.histogram(httpServerDefinitions.requestSize),
  responseSize: instruments.histogram(httpServerDefinitions.responseSize),
  requestDuration: instruments.histogram(httpServerDefinitions.requestDuration),
  requestBodySize: instruments.histogram(httpServerDefinitions.requestBodySize),
  responseBodySize: instruments.histogram(httpServerDefinitions.responseBodySize),
};
