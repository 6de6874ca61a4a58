/** `/api/v1/read`: where another Prometheus, or whoever speaks its protocol, reads samples as they are stored. */
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import type { QueryGate } from '../api/query-gate.ts';
import type { RemoteRead } from '../remote/remote-read.ts';

/** Compressed: matchers of a query. */
const BODY_BYTES_MAX = 1024 * 1024;

export async function addReadRoute(app: FastifyInstance, read: RemoteRead, gate: QueryGate): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
      async (_request: unknown, body: Buffer) => body,
    );
    scope.setErrorHandler(async (error, _request, reply) => {
      const { statusCode = 500, message } = error as { statusCode?: number; message: string };
      const text = statusCode === 413 ? 'http: request body too large' : message;
      return reply.code(statusCode).type('text/plain; charset=utf-8').send(`${text}\n`);
    });
    scope.post<{ Body: Buffer | undefined }>('/api/v1/read', async (request, reply) => {
      const abort = new AbortController();
      const gone = () => abort.abort(new DOMException('the client went away', 'AbortError'));
      reply.raw.once('close', gone);
      try {
        const body = request.body ?? Buffer.alloc(0);
        return await gate.run(abort.signal, async () => {
          const answer = await read.answer(body, abort.signal);
          reply.code(answer.status).headers(answer.headers);
          if (typeof answer.body === 'string' || Buffer.isBuffer(answer.body)) return reply.send(answer.body);
          // A read is at work until its last frame is gone. One that fails on the way ends with its connection.
          reply.send(Readable.from(answer.body, { objectMode: false }));
          await finished(reply.raw).catch(() => {});
          return reply;
        });
      } finally {
        reply.raw.off('close', gone);
      }
    });
  });
}
