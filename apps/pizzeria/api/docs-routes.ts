// The API's documentation: the OpenAPI document as JSON, and a page that needs nothing from elsewhere.

import type { FastifyInstance } from 'fastify';
import type { OpenApiDocument } from './openapi.ts';

/** Renders the page; given by whoever knows the site's layout. */
export type DocsPage = (document: OpenApiDocument) => string;

export function docsRoutes(app: FastifyInstance, document: OpenApiDocument, page: DocsPage): void {
  app.get('/docs/json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document.toJSON()),
  );

  let rendered: string | undefined;
  app.get('/docs', async (_request, reply) => {
    rendered ??= page(document);
    return reply.type('text/html; charset=utf-8').send(rendered);
  });
}
