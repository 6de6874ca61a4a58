// The OpenAPI 3.1 document, collected from the routes as they are registered, so that it cannot forget one.

import type { FastifySchema, RouteOptions } from 'fastify';
import { problem } from './schemas.ts';

/** A route's schema with what the OpenAPI document needs beside it; Fastify ignores those keys. */
export interface RouteSchema {
  summary?: string;
  description?: string;
  tags: string[];
  body?: object;
  params?: { properties: Readonly<Record<string, object>> };
  querystring?: { type: string; properties: Record<string, { type?: string; description?: string }> };
  response?: Record<number, object>;
}

/** What a route says of itself beside its schema. */
interface RouteNotes {
  /** Error statuses, each with problem details. */
  problems?: readonly number[];
  /** Takes an Idempotency-Key. */
  idempotent?: boolean;
  /** Takes an If-Match. */
  conditional?: boolean;
  /** Answers with server-sent events. */
  stream?: boolean;
}

/** Lets a route carry its documentation in its schema, which Fastify's own type does not foresee. */
export function documented(schema: RouteSchema): FastifySchema {
  return schema as FastifySchema;
}

const REASONS: Record<number, string> = {
  400: 'The request is malformed',
  402: 'The payment was declined',
  404: 'There is no such order',
  409: 'The present state forbids it',
  412: 'The order has another version',
  413: 'The body is larger than 1 MiB',
  415: 'The body is not JSON',
  422: 'A business rule forbids it',
  503: 'Too many open streams',
};

export class OpenApiDocument {
  readonly #paths: Record<string, Record<string, object>> = {};

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
    );
  }

  toJSON(): object {
    return {
      openapi: '3.1.0',
      info: {
        title: "Mario's Pizzeria",
        version: '1.0.0',
        description: 'Order pizzas, cook them, deliver them. Errors are problem details (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      paths: this.#paths,
      components: { schemas: { Problem: problem } },
    };
  }
}

function operationOf(method: string, path: string, schema: RouteSchema, notes: RouteNotes): object {
  const { summary, description, tags, body } = schema;
  return {
    operationId: operationId(method, path),
    summary,
    ...(description !== undefined && { description }),
    tags,
    parameters: parametersOf(schema, notes),
    ...(body !== undefined && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: responsesOf(schema, notes),
  };
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
    ...(notes.conditional ? [header('If-Match', 'The ETag of the version that you read')] : []),
  ];
}

function responsesOf(schema: RouteSchema, notes: RouteNotes): object {
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
  for (const status of notes.problems ?? []) {
    responses[status] = {
      description: REASONS[status] ?? 'Refused',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return responses;
}
