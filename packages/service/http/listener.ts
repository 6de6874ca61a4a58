/** The HTTP listener that every service builds its API on: Fastify with limits, own metrics and a clear start error. */
import fastifyCompress from '@fastify/compress';
import { type FastifyInstance, fastify } from 'fastify';
import type { Counter, Histogram, OwnMetrics } from '../metrics/own-metrics.ts';
import { defineError, OperatingError } from '../operating-error.ts';
import { findPortHolder } from './port-holder.ts';

const PORT_TAKEN = defineError(
  'MARIO_SERVICE_PORT_TAKEN',
  'Another process listens on a port that is needed. Stop it, or move this instance with --port-offset N.',
);
const CANNOT_LISTEN = defineError(
  'MARIO_SERVICE_CANNOT_LISTEN',
  'A port could not be opened. Check --host (an address of this machine) and the right to use the port.',
);

/** Most bodies are queries of a few hundred bytes; ingest routes raise the limit for themselves. */
const BODY_BYTES_DEFAULT = 4 * 1024 * 1024;

/** A client that takes longer than this to send its head holds a socket for nothing. */
const HEADERS_TIMEOUT_MS = 30_000;

/** A client that sends half a body and stays holds one for ever: Fastify switches the limit of Node off. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Queries of large dashboards travel in the URL: Grafana switches to POST only when told to. */
const PARAM_CHARS_MAX = 16_384;

export interface ListenerOptions {
  readonly bodyBytesMax?: number;
  /** Where requests are counted; nothing is counted when absent. */
  readonly metrics?: ListenerMetrics;
  /** Compresses answers of at least this many bytes when the client takes it (gzip, zstd, brotli, deflate). */
  readonly compressBytesMin?: number;
}

/** The real tools name their HTTP metrics differently, so each service brings the instruments. */
export interface ListenerMetrics {
  observe(request: { method: string; route: string; status: number; durationS: number; responseBytes: number }): void;
}

/** A Fastify instance with the house's limits; routes are added by the service. */
export async function createListener(options: ListenerOptions = {}): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: options.bodyBytesMax ?? BODY_BYTES_DEFAULT,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: PARAM_CHARS_MAX, ignoreTrailingSlash: false },
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: 64 * 1024 },
  });
  if (options.compressBytesMin !== undefined) {
    await app.register(fastifyCompress, {
      threshold: options.compressBytesMin,
      encodings: ['gzip', 'zstd', 'deflate', 'identity'],
      // Compressed bodies are the routes' business: they inflate under limits of their own, snappy among them.
      globalDecompression: false,
    });
  }
  const { metrics } = options;
  if (metrics !== undefined) {
    app.addHook('onResponse', async (request, reply) => {
      metrics.observe({
        method: request.method,
        route: request.routeOptions.url ?? 'unmatched',
        status: reply.statusCode,
        durationS: reply.elapsedTime / 1000,
        responseBytes: Number(reply.getHeader('content-length') ?? 0) || 0,
      });
    });
  }
  return app;
}

/** Counts requests into a counter and a histogram with the label names that the imitated tool uses. */
export function listenerMetrics(
  requests: Counter | undefined,
  durations: Histogram | undefined,
  labelsOf: (request: { method: string; route: string; status: number }) => Readonly<Record<string, string>>,
): ListenerMetrics {
  return {
    observe(request) {
      const labels = labelsOf(request);
      requests?.inc(labels);
      durations?.observe(request.durationS, labels);
    },
  };
}

/**
 * Opens the port and returns the address as a URL. Port 0 takes any free one.
 * Throws MARIO_SERVICE_PORT_TAKEN naming the holder where the system tells it.
 */
export async function listen(app: FastifyInstance, service: string, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw explainListenError(error, service, host, port);
  }
}

/** For servers that are not Fastify (gRPC): the same error for the same cause. */
export function explainListenError(error: unknown, service: string, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port);
    const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.command})`;
    return new OperatingError(
      PORT_TAKEN,
      `cannot start ${service}: port ${port} on ${host} is taken by ${by}; stop it or use --port-offset N`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new OperatingError(CANNOT_LISTEN, `cannot start ${service}: ${host}:${port} cannot be opened (${code})`, {
      cause: error,
    });
  }
  return error;
}

/** Adds `/metrics`, the way every service tells about itself. */
export function addMetricsRoute(app: FastifyInstance, metrics: Pick<OwnMetrics, 'expose'>): void {
  app.get('/metrics', async (request, reply) => {
    const { contentType, body } = metrics.expose(request.headers.accept);
    return reply.type(contentType).send(body);
  });
}
