/** What the server tells about itself. */
import { addMetricsRoute } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import { type ApiContext, sendJson } from './api-context.ts';

/** The release whose API and semantics this server has. */
export const IMITATED_VERSION = '3.6.0';

export function addStatusRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get('/ready', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ready\n'));
  app.get('/loki/api/v1/status/buildinfo', async (_request, reply) =>
    sendJson(
      reply,
      JSON.stringify({
        version: IMITATED_VERSION,
        revision: 'embedded',
        branch: 'main',
        buildUser: '',
        buildDate: '',
        goVersion: '',
      }),
    ),
  );
  app.get('/services', async (_request, reply) => {
    const services = ['server', 'distributor', 'ingester', 'store', 'querier', 'compactor'];
    return reply.type('text/plain; charset=utf-8').send(services.map((name) => `${name} => Running\n`).join(''));
  });
  app.get('/config', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(context.configText));
  addMetricsRoute(app, context.metrics);
}
