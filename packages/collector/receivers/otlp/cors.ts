// Cross-origin requests: browsers may send telemetry from the pages of the allowed origins.
import type { ConfigNode } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import { count } from '../../config/read-context.ts';

export interface CorsConfig {
  /** With `*` as a wildcard: `http://localhost:*`. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeS: number;
}

/** Headers that the Collector's CORS library always lets through. */
const defaultHeaders = ['accept', 'content-type', 'x-requested-with', 'origin'];

export function readCors(node: ConfigNode): CorsConfig {
  const fields = node.fields({
    allowed_origins: 'used',
    allowed_headers: 'used',
    exposed_headers: 'used',
    max_age: 'used',
  });
  return {
    allowedOrigins: fields.allowed_origins?.strings() ?? [],
    allowedHeaders: fields.allowed_headers?.strings() ?? [],
    exposedHeaders: fields.exposed_headers?.strings() ?? [],
    maxAgeS: count(fields.max_age, 0),
  };
}

/** Answers preflights and marks the answers to allowed origins; without allowed origins it does nothing. */
export function addCors(app: FastifyInstance, cors: CorsConfig): void {
  if (cors.allowedOrigins.length === 0) return;
  const origins = cors.allowedOrigins.map(wildcard);
  const anyHeader = cors.allowedHeaders.includes('*');
  const headers = new Set([...defaultHeaders, ...cors.allowedHeaders.map((header) => header.toLowerCase())]);
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    const method = request.headers['access-control-request-method'];
    const preflight = request.method === 'OPTIONS' && method !== undefined;
    reply.header(
      'vary',
      preflight ? 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' : 'Origin',
    );
    const allowed = origin !== undefined && origins.some((pattern) => pattern.test(origin));
    if (allowed) {
      reply.header('access-control-allow-origin', origin);
      reply.header('access-control-allow-credentials', 'true');
      if (cors.exposedHeaders.length > 0) reply.header('access-control-expose-headers', cors.exposedHeaders.join(', '));
    }
    if (!preflight) return undefined;
    const asked = String(request.headers['access-control-request-headers'] ?? '')
      .split(',')
      .map((header) => header.trim().toLowerCase())
      .filter((header) => header !== '');
    if (allowed && (anyHeader || asked.every((header) => headers.has(header)))) {
      reply.header('access-control-allow-methods', 'POST');
      if (asked.length > 0) reply.header('access-control-allow-headers', asked.join(', '));
      if (cors.maxAgeS > 0) reply.header('access-control-max-age', String(cors.maxAgeS));
    }
    return reply.code(204).send();
  });
}

function wildcard(origin: string): RegExp {
  const escaped = origin.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`^${escaped}$`, 'i');
}
