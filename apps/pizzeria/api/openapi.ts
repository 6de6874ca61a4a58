// The OpenAPI 3.1 document, collected from the routes as they are registered, so that it cannot forget one.

import type { FastifySchema, RouteOptions } from 'fastify';
import type { Access, AccessPolicy } from '../application/identity/access.ts';
import { problem } from './schemas.ts';

/** A route's schema with what the OpenAPI document needs beside it; Fastify ignores those keys. */
export interface RouteSchema {
  summary?: string;
  description?: string;
  tags: string[];
  body?: object;
  params?: { properties: Readonly<Record<string, object>> };
  querystring?: {
    type: string;
    properties: Record<string, { type?: string; description?: string }>;
    required?: readonly string[];
  };
  /** What a body may be instead of JSON. */
  consumes?: readonly string[];
  response?: Record<number, object>;
}

/** What a route says of itself beside its schema. */
export interface RouteNotes {
  /** For whom the route is; everybody when absent. */
  access?: Access;
  /** Error statuses, each with problem details. */
  problems?: readonly number[];
  /** Takes an Idempotency-Key. */
  idempotent?: boolean;
  /** Takes an If-Match. */
  conditional?: boolean;
  /** Takes an If-None-Match and may answer 304. */
  cached?: boolean;
  /** Answers without a body. */
  empty?: boolean;
  /** Refusals are OAuth's (RFC 6749, section 5.2) beside problem details. */
  oauth?: boolean;
  /** Leads on to a page, for forms and browsers. */
  redirects?: boolean;
  /** Answers with server-sent events. */
  stream?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteNotes {}
}

/** Lets a route carry its documentation in its schema, which Fastify's own type does not foresee. */
export function documented(schema: RouteSchema): FastifySchema {
  return schema as FastifySchema;
}

const REASONS: Record<number, string> = {
  400: 'The request is malformed',
  401: 'An account is needed, or the proof of one is not valid',
  402: 'The payment was declined',
  403: 'The account may not do this, or another site asked for it',
  404: 'There is no such thing',
  409: 'The present state forbids it',
  412: 'It has another version',
  413: 'The body is larger than 1 MiB',
  414: 'A part of the address is longer than 128 characters',
  415: 'The body is not JSON',
  422: 'A business rule forbids it',
  429: 'Too many requests; Retry-After says when to try again',
  503: 'Too many open streams',
};

export class OpenApiDocument {
  readonly #paths: Record<string, Record<string, object>> = {};
  readonly #policy: AccessPolicy;

  constructor(policy: AccessPolicy) {
    this.#policy = policy;
  }

  /** Takes a route up; for Fastify's `onRoute`. Routes without a summary are not part of the public API. */
  add(route: RouteOptions): void {
    const schema = route.schema as RouteSchema | undefined;
    if (schema?.summary === undefined || typeof route.method !== 'string' || route.method === 'HEAD') return;
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const operations = (this.#paths[path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(
      route.method,
      path,
      schema,
      (route.config ?? {}) as RouteNotes,
      this.#policy,
    );
  }

  toJSON(): object {
    return {
      openapi: '3.1.0',
      info: {
        title: "Mario's Pizzeria",
        version: '1.0.0',
        description:
          'Order pizzas, cook them, deliver them. Errors are problem details (RFC 9457). Guests may order; whoever ' +
          'works here sends a bearer token (RFC 6750) or the cookie of a login.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      paths: this.#paths,
      components: { schemas: { Problem: problem }, securitySchemes: SECURITY_SCHEMES },
    };
  }
}

const SECURITY_SCHEMES = {
  token: {
    type: 'oauth2',
    flows: {
      authorizationCode: {
        authorizationUrl: '/api/auth/authorize',
        tokenUrl: '/api/auth/token',
        refreshUrl: '/api/auth/token',
        scopes: {},
      },
      clientCredentials: { tokenUrl: '/api/auth/token', scopes: {} },
    },
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'mario_session',
    description: 'Where the address has a port of its own the port is part of the name: mario_session_8080.',
  },
};

/** RFC 6749, section 5.2. */
const OAUTH_ERROR = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string' }, error_description: { type: 'string' } },
};

function operationOf(
  method: string,
  path: string,
  schema: RouteSchema,
  notes: RouteNotes,
  policy: AccessPolicy,
): object {
  const { summary, tags, body, consumes = [] } = schema;
  const { access } = notes;
  const description = [schema.description, access && accessText(access)].filter(Boolean).join(' ');
  const media = ['application/json', ...consumes].map((type) => [type, { schema: body }]);
  return {
    operationId: operationId(method, path),
    summary,
    ...(description !== '' && { description }),
    tags,
    ...(access !== undefined && { security: securityOf(access, policy) }),
    parameters: parametersOf(schema, notes),
    ...(body !== undefined && { requestBody: { required: !isOptional(body), content: Object.fromEntries(media) } }),
    responses: responsesOf(method, schema, notes),
  };
}

/** A body that may be null may also be absent. */
function isOptional(body: object): boolean {
  const { type } = body as { type?: unknown };
  return Array.isArray(type) && type.includes('null');
}

function accessText({ roles, isWaivedWhenOpen }: Access): string {
  const who = roles.length === 0 ? 'Needs an account.' : `Needs the role ${roles.join(' or ')}.`;
  return isWaivedWhenOpen ? `${who} Open to everybody where the pizzeria serves its own machine only.` : who;
}

function securityOf({ isWaivedWhenOpen }: Access, policy: AccessPolicy): object[] {
  const proofs = [{ token: [] }, { session: [] }];
  return isWaivedWhenOpen && policy.isOpen ? [{}, ...proofs] : proofs;
}

/** `PUT /api/orders/{id}/cook` becomes `putOrdersIdCook`. */
function operationId(method: string, path: string): string {
  const words = path.replace('/api/', '').split(/[^a-z]+/i);
  return method.toLowerCase() + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function parametersOf(schema: RouteSchema, notes: RouteNotes): object[] {
  const path = Object.entries(schema.params?.properties ?? {}).map(([name, type]) => ({
    name,
    in: 'path',
    required: true,
    schema: type,
  }));
  const query = Object.entries(schema.querystring?.properties ?? {}).map(([name, { description, ...type }]) => ({
    name,
    in: 'query',
    description,
    ...(schema.querystring?.required?.includes(name) && { required: true }),
    schema: type,
  }));
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  });
  return [
    ...path,
    ...query,
    ...(notes.idempotent ? [header('Idempotency-Key', 'Repeating a request with the same key changes nothing')] : []),
    ...(notes.cached ? [header('If-None-Match', 'The ETag of what you have; 304 when it is still the same')] : []),
    ...(notes.conditional ? [header('If-Match', 'The ETag of the version that you read')] : []),
  ];
}

function responsesOf(method: string, schema: RouteSchema, notes: RouteNotes): object {
  const responses: Record<string, object> = {};
  for (const [status, type] of Object.entries(schema.response ?? {})) {
    responses[status] = {
      description: status === '201' ? 'Created' : 'OK',
      content: { 'application/json': { schema: type } },
    };
  }
  if (notes.stream) {
    responses['200'] = {
      description: 'An open stream of events',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    };
  }
  if (notes.empty) responses['204'] = { description: 'Done' };
  if (notes.cached) responses['304'] = { description: 'What you have is still the same' };
  if (notes.redirects) {
    const headers = { Location: { schema: { type: 'string', format: 'uri-reference' } } };
    responses['303'] = { description: 'Go on there', headers };
  }
  const inPath = schema.params === undefined ? [] : [400, 414];
  const everywhere = [
    429,
    ...inPath,
    ...(notes.access === undefined ? [401] : [401, 403]),
    ...(method === 'GET' ? [] : [403, 413, 415]),
  ];
  for (const status of new Set([...(notes.problems ?? []), ...everywhere].sort((left, right) => left - right))) {
    responses[status] = {
      description: REASONS[status] ?? 'Refused',
      content: {
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        ...(notes.oauth && (status === 400 || status === 401) && { 'application/json': { schema: OAUTH_ERROR } }),
      },
    };
  }
  return responses;
}
