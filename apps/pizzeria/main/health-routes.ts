// Health for whoever watches the process: alive at all, and ready for customers.

import type { FastifyInstance } from 'fastify';
import type { Database } from '../application/session.ts';

export function healthRoutes(app: FastifyInstance, database: Database): void {
  app.get('/health', async (_request, reply) => reply.header('Cache-Control', 'no-store').send({ status: 'ok' }));

  app.get('/ready', async (_request, reply) => {
    const ready = await database.isReachable();
    const answer = ready ? { status: 'ready' } : { status: 'not ready', reason: 'the database does not answer' };
    return reply
      .code(ready ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send(answer);
  });
}
