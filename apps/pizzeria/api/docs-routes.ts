// The API's documentation: the OpenAPI document as JSON, and a page that needs nothing from elsewhere.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OpenApiDocument } from './openapi.ts';

/** Renders the page for who asks for it; given by whoever knows the site's layout. */
export type DocsPage = (document: OpenApiDocument, request: FastifyRequest) => string;

export function docsRoutes(app: FastifyInstance, document: OpenApiDocument, page: DocsPage): void {
  app.get('/docs/json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document.toJSON()),
  );

  app.get('/docs', async (request, reply) =>
    reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(page(document, request)),
  );
}
