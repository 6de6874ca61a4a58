/** Where metrics come in by HTTP: remote write and OTLP. */
import { answerOtlpHttp } from '@mario/otlp';
import type { FastifyInstance } from 'fastify';
import type { OtlpIntake } from '../remote/otlp-intake.ts';
import type { RemoteWrite } from '../remote/remote-write.ts';

/** Compressed bodies of senders that batch well; more is refused with 413. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

export async function addIntakeRoutes(app: FastifyInstance, write: RemoteWrite, otlp: OtlpIntake): Promise<void> {
  await app.register(async (intake) => {
    // Bodies are taken as they are: each route decodes what its headers say.
    intake.removeAllContentTypeParsers();
    intake.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
      async (_request: unknown, body: Buffer) => body,
    );
    // Senders show a text, not the envelope of the query API; Go's words for what is too large.
    intake.setErrorHandler(async (error, _request, reply) => {
      const { statusCode = 500, message } = error as { statusCode?: number; message: string };
      const text = statusCode === 413 ? 'http: request body too large' : message;
      return reply.code(statusCode).type('text/plain; charset=utf-8').send(`${text}\n`);
    });
    intake.post<{ Body: Buffer | undefined }>(
      '/api/v1/write',
      { bodyLimit: BODY_BYTES_MAX },
      async (request, reply) => {
        const { 'content-type': type, 'content-encoding': encoding } = request.headers;
        const answer = await write.receive(type, encoding, request.body ?? Buffer.alloc(0));
        return reply.code(answer.status).headers(answer.headers).send(answer.body);
      },
    );
    intake.post<{ Body: Buffer | undefined }>(
      '/api/v1/otlp/v1/metrics',
      { bodyLimit: BODY_BYTES_MAX },
      async (request, reply) => {
        const answer = await answerOtlpHttp(
          {
            signal: 'metrics',
            contentType: request.headers['content-type'],
            contentEncoding: request.headers['content-encoding'],
            body: request.body ?? Buffer.alloc(0),
          },
          (batch) => otlp.consumeMetrics(batch),
        );
        return reply.code(answer.status).headers(answer.headers).send(answer.body);
      },
    );
  });
}
