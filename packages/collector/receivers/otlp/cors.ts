// Cross-origin requests: browsers may send telemetry from the pages of the allowed origins. The answers are those of the
// Collector, which leaves this to github.com/rs/cors (1.11) with the methods at their default and credentials allowed.
import type { ConfigNode } from '@mario/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { count } from '../../config/read-context.ts';

export interface CorsConfig {
  /** With one `*` as a wildcard: `http://localhost:*`; `*` alone is every origin. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeS: number;
}

/** Allowed only where the configuration names no headers at all: a list of its own replaces them. */
const DEFAULT_HEADERS = ['accept', 'content-type', 'x-requested-with'];
const ALLOWED_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'OPTIONS']);

export function readCors(node: ConfigNode): CorsConfig {
  const fields = node.fields({
    allowed_origins: 'used',
    allowed_headers: 'used',
    exposed_headers: 'used',
    max_age: 'used',
  });
  const cors = {
    allowedOrigins: fields.allowed_origins?.strings() ?? [],
    allowedHeaders: fields.allowed_headers?.strings() ?? [],
    exposedHeaders: fields.exposed_headers?.strings() ?? [],
    maxAgeS: count(fields.max_age, 0),
  };
  if (cors.allowedOrigins.length === 0 && cors.allowedHeaders.length > 0) {
    fields.allowed_headers!.warn('specifies allowed headers but no allowed origins, and is therefore ignored');
  }
  return cors;
}

/** Answers preflights and marks the answers to allowed origins; without allowed origins it does nothing. */
export function addCors(app: FastifyInstance, cors: CorsConfig): void {
  if (cors.allowedOrigins.length === 0) return;
  const policy = new Policy(cors);
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'OPTIONS' && header(request, 'access-control-request-method') !== '') {
      policy.markPreflight(request, reply);
      return reply.code(204).send();
    }
    policy.markActual(request, reply);
    return undefined;
  });
}

class Policy {
  readonly #anyOrigin: boolean;
  readonly #origins: readonly ((origin: string) => boolean)[];
  /** Undefined when every header is allowed. */
  readonly #headers: readonly string[] | undefined;
  readonly #exposed: string;
  readonly #maxAgeS: number;

  constructor(cors: CorsConfig) {
    this.#anyOrigin = cors.allowedOrigins.includes('*');
    this.#origins = cors.allowedOrigins.map(originMatcher);
    const named = cors.allowedHeaders.map((name) => name.toLowerCase());
    this.#headers = named.includes('*') ? undefined : (named.length > 0 ? named : DEFAULT_HEADERS).toSorted();
    this.#exposed = cors.exposedHeaders.map(canonical).join(', ');
    this.#maxAgeS = cors.maxAgeS;
  }

  /** A preflight that is not allowed gets no header but Vary; the browser takes that for a no. */
  markPreflight(request: FastifyRequest, reply: FastifyReply): void {
    reply.header('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
    const method = header(request, 'access-control-request-method');
    const asked = request.headers['access-control-request-headers'];
    if (!this.#allowsOrigin(request) || !ALLOWED_METHODS.has(method)) return;
    if (asked !== undefined && !this.#allowsHeaders(String(asked))) return;
    this.#allow(request, reply);
    reply.header('access-control-allow-methods', method);
    if (asked !== undefined && asked !== '') reply.header('access-control-allow-headers', asked);
    if (this.#maxAgeS > 0) reply.header('access-control-max-age', String(this.#maxAgeS));
  }

  markActual(request: FastifyRequest, reply: FastifyReply): void {
    reply.header('vary', 'Origin');
    if (!this.#allowsOrigin(request) || !ALLOWED_METHODS.has(request.method)) return;
    this.#allow(request, reply);
    if (this.#exposed !== '') reply.header('access-control-expose-headers', this.#exposed);
  }

  #allow(request: FastifyRequest, reply: FastifyReply): void {
    reply.header('access-control-allow-origin', this.#anyOrigin ? '*' : request.headers.origin);
    reply.header('access-control-allow-credentials', 'true');
  }

  #allowsOrigin(request: FastifyRequest): boolean {
    const origin = header(request, 'origin').toLowerCase();
    return origin !== '' && (this.#anyOrigin || this.#origins.some((matches) => matches(origin)));
  }

  /** Browsers send the names lower-case and sorted (Fetch, "CORS-unsafe request-header names"); others are refused. */
  #allowsHeaders(asked: string): boolean {
    const allowed = this.#headers;
    if (allowed === undefined) return true;
    let after = -1;
    for (const part of asked.split(',')) {
      const name = part.trim();
      if (name === '') continue;
      const at = allowed.indexOf(name);
      if (at <= after) return false;
      after = at;
    }
    return true;
  }
}

function header(request: FastifyRequest, name: string): string {
  return String(request.headers[name] ?? '');
}

/** Only the first `*` is a wildcard. */
function originMatcher(allowed: string): (origin: string) => boolean {
  const pattern = allowed.toLowerCase();
  const star = pattern.indexOf('*');
  if (star < 0) return (origin) => origin === pattern;
  const [before, behind] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return (origin) =>
    origin.length >= before.length + behind.length && origin.startsWith(before) && origin.endsWith(behind);
}

/** As Go's http.CanonicalHeaderKey: `retry-after` becomes `Retry-After`. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
