/** The Prometheus HTTP API, mounted on a listener. */
import type { FastifyInstance } from 'fastify';
import { addAdminRoutes } from './admin-routes.ts';
import { ApiError } from './api-error.ts';
import { fromHttpError, sendError } from './envelope.ts';
import { addFederateRoute } from './federate-route.ts';
import { addLabelsRoutes } from './labels-routes.ts';
import { addLanguageRoutes } from './language-routes.ts';
import { addStatusPages } from './pages/status-pages.ts';
import { acceptForms } from './params.ts';
import { QueryGate } from './query-gate.ts';
import { addQueryRoutes } from './query-routes.ts';
import type { ApiSources } from './sources.ts';
import { addStatusRoutes } from './status-routes.ts';
import { addTargetsRoutes } from './targets-routes.ts';

export interface ApiOptions {
  /** Queries at once. */
  readonly queriesMax?: number;
}

export function addApiRoutes(app: FastifyInstance, sources: ApiSources, options: ApiOptions = {}): void {
  acceptForms(app);
  app.setErrorHandler((error, _request, reply) => sendError(reply, fromHttpError(error as Error)));
  app.setNotFoundHandler((request, reply) => {
    if (request.url.startsWith('/api/')) return sendError(reply, new ApiError('not_found', 'path not found'));
    return reply.code(404).type('text/plain').send('404 page not found\n');
  });
  // Browsers on other origins ask too: Grafana in direct mode, PromLens. The real server allows any origin.
  app.addHook('onRequest', async (request, reply) => {
    const origin = request.headers.origin;
    if (origin === undefined || !request.url.startsWith('/api/v1/')) return;
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
      'access-control-expose-headers': 'Date',
      vary: 'Origin',
    });
    if (request.method === 'OPTIONS') await reply.code(204).send();
  });
  addQueryRoutes(app, sources, new QueryGate(options.queriesMax));
  addLabelsRoutes(app, sources);
  addLanguageRoutes(app, sources);
  addTargetsRoutes(app, sources);
  addStatusRoutes(app, sources);
  addAdminRoutes(app, sources);
  addFederateRoute(app, sources);
  addStatusPages(app, sources);
}
