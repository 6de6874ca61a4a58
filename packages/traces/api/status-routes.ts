/** What the service says about itself. */

import type { FastifyInstance } from 'fastify';
import type { ApiOptions } from './routes.ts';

/** The version of Tempo whose API this is. Clients (Grafana) switch features on by it. */
export const TEMPO_VERSION = '3.0.3';

export function addStatusRoutes(app: FastifyInstance, { config, isReady, store }: ApiOptions): void {
  const text = 'text/plain; charset=utf-8';
  app.get('/api/echo', async (_request, reply) => reply.type(text).send('echo'));
  app.get('/ready', async (_request, reply) =>
    isReady() ? reply.type(text).send('ready\n') : reply.code(503).type(text).send('Starting\n'),
  );
  app.get('/api/status/buildinfo', async () => ({
    version: TEMPO_VERSION,
    revision: 'embedded',
    branch: 'main',
    buildDate: '',
    buildUser: '',
    goVersion: '',
  }));
  app.get('/api/overrides', async (_request, reply) =>
    reply.code(404).type(text).send('user-configurable overrides are not enabled\n'),
  );
  app.get('/status/version', async (_request, reply) => reply.type(text).send(`tempo, version ${TEMPO_VERSION}\n`));
  app.get('/status/services', async (_request, reply) =>
    reply.type(text).send(`distributor: Running\nlive-store: Running\nquerier: Running\nquery-frontend: Running\n`),
  );
  app.get('/status/config', async (_request, reply) =>
    reply.type(text).send(`${JSON.stringify(config, undefined, 2)}\n`),
  );
  app.get('/status/endpoints', async (_request, reply) =>
    reply.type(text).send(app.printRoutes({ commonPrefix: false })),
  );
  app.get('/status', async (_request, reply) =>
    reply
      .type(text)
      .send(
        `traces in the head: ${store.liveTraceCount}\nsegments: ${store.segmentCount}\nbytes on disk: ${store.sizeBytes}\n`,
      ),
  );
  app.route({
    method: ['GET', 'POST'],
    url: '/flush',
    handler: async (_request, reply) => {
      await store.flush();
      return reply.code(204).send();
    },
  });
}
