// The API app: everything below /api, in JSON.

import type { FastifyInstance } from 'fastify';
import type { Pizzeria } from '../application/pizzeria.ts';
import { boardRoutes } from './board-routes.ts';
import { type DocsPage, docsRoutes } from './docs-routes.ts';
import { menuRoutes } from './menu-routes.ts';
import { OpenApiDocument } from './openapi.ts';
import { orderRoutes } from './order-routes.ts';
import { pathOf, problem, replyWithProblem, sendProblem } from './problem.ts';
import { stepRoutes } from './step-routes.ts';
import { streamRoutes } from './stream-routes.ts';

/** What a scrape gets: Prometheus text or OpenMetrics, as its Accept header asks. */
export type Exposition = (accept: string | undefined) => Promise<{ contentType: string; body: string }>;

export interface ApiOptions {
  readonly pizzeria: Pizzeria;
  /** Absent when the process has no telemetry. */
  readonly exposition?: Exposition | undefined;
  readonly docsPage: DocsPage;
}

/** Registers the API on an instance that is mounted at `/api`. */
export function apiApp(app: FastifyInstance, { pizzeria, exposition, docsPage }: ApiOptions): void {
  const document = new OpenApiDocument();
  app.addHook('onRoute', (route) => document.add(route));
  // Answers are built by our own code; compiling a serialiser per route would only make the start slower.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(replyWithProblem);
  app.setNotFoundHandler((request, reply) => {
    const detail = `The API has nothing at ${request.method} ${pathOf(request).slice(0, 200)}; see /api/docs.`;
    return sendProblem(reply, { ...problem('not-found', 404, detail), instance: pathOf(request) });
  });

  menuRoutes(app, pizzeria);
  streamRoutes(app, pizzeria);
  orderRoutes(app, pizzeria);
  stepRoutes(app, pizzeria);
  boardRoutes(app, pizzeria);
  docsRoutes(app, document, docsPage);

  if (exposition !== undefined) {
    app.get('/metrics', async (request, reply) => {
      const { contentType, body } = await exposition(request.headers.accept);
      return reply.type(contentType).send(body);
    });
  }
}
