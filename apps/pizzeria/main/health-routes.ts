// Health for whoever watches the process: alive at all, and ready for customers.

import type { FastifyInstance } from 'fastify';
import type { Hindrances } from '../application/hindrances.ts';
import type { Database } from '../application/session.ts';

export function healthRoutes(
  app: FastifyInstance,
  database: Database,
  hindrances: Pick<Hindrances, 'isNotReady'>,
): void {
  app.get('/health', async (_request, reply) => reply.header('Cache-Control', 'no-store').send({ status: 'ok' }));

  app.get('/ready', async (_request, reply) => {
    const hindered = hindrances.isNotReady();
    const reason =
      hindered !== false && (await hindered)
        ? 'the house says so (a fault is on)'
        : (await database.isReachable())
          ? undefined
          : 'the database does not answer';
    const ready = reason === undefined;
    const answer = ready ? { status: 'ready' } : { status: 'not ready', reason };
    return reply
      .code(ready ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send(answer);
  });
}
