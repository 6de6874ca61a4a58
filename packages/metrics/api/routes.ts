/** The Prometheus HTTP API, mounted on a listener. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addAdminRoutes } from './admin-routes.ts';
import { fromHttpError, sendError } from './envelope.ts';
import { addFederateRoute } from './federate-route.ts';
import { addLabelsRoutes } from './labels-routes.ts';
import { addLanguageRoutes } from './language-routes.ts';
import { addNotificationsRoutes } from './notifications-routes.ts';
import { addOpenApiRoute } from './openapi/openapi-route.ts';
import { addStatusPages } from './pages/status-pages.ts';
import { acceptForms } from './params.ts';
import { QueryGate } from './query-gate.ts';
import { addQueryRoutes } from './query-routes.ts';
import { addRelabelRoutes } from './relabel-routes.ts';
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
  app.setNotFoundHandler((request, reply) => answerUnknown(app, request, reply));
  // Browsers on other origins ask too: Grafana in direct mode, PromLens. The real server allows any origin.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/v1/')) return;
    if (request.headers.origin !== undefined) {
      reply.headers({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, OPTIONS',
        'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
        'access-control-expose-headers': 'Date',
        vary: 'Origin',
      });
    }
    if (request.method === 'OPTIONS') await reply.code(204).send();
    // Fastify answers HEAD wherever there is GET; the real server has it only for /-/healthy and /-/ready.
    else if (request.method === 'HEAD') await answerUnknown(app, request, reply);
  });
  // Fastify adds a character set to texts; the real server's answers have none.
  app.addHook('onSend', async (_request, reply, payload) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8')
      reply.header('content-type', 'application/json');
    return payload;
  });
  addQueryRoutes(app, sources, new QueryGate(options.queriesMax));
  addLabelsRoutes(app, sources);
  addLanguageRoutes(app, sources);
  addTargetsRoutes(app, sources);
  addRelabelRoutes(app, sources);
  addStatusRoutes(app, sources);
  addNotificationsRoutes(app, sources);
  addAdminRoutes(app, sources);
  addFederateRoute(app, sources);
  addOpenApiRoute(app);
  addStatusPages(app, sources);
}

const METHODS = ['DELETE', 'GET', 'POST', 'PUT'];

/** A known path asked in another way is 405 with the ways that there are; the rest is 404, as Go's router says it. */
function answerUnknown(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.replace(/\?.*$/s, '').replace(/^(\/api\/v1\/label\/)[^/]+(\/values)$/, '$1:name$2');
  const allowed = METHODS.filter((method) => app.hasRoute({ method, url: path }));
  reply.type('text/plain; charset=utf-8');
  if (allowed.length === 0) return reply.code(404).send('404 page not found\n');
  const allow = [...allowed, 'OPTIONS'].sort().join(', ');
  return reply.code(405).header('allow', allow).send('Method Not Allowed\n');
}
