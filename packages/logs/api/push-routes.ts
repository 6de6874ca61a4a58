/** The ways in: Loki's own push in JSON and protobuf, and OTLP. */
import { answerOtlpHttp, CorruptError, compressionOf, inflate, TooLargeError } from '@mario/otlp';
import { isStorageError } from '@mario/storage';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { consumeLogBatch } from '../intake/consumer.ts';
import { PushError } from '../intake/push-error.ts';
import { parsePushJson } from '../intake/push-json.ts';
import { parsePushProtobuf } from '../intake/push-protobuf.ts';
import type { PushStream } from '../store/push.ts';
import type { ApiContext } from './api-context.ts';

/** A push of a well-behaved sender has one megabyte; a body beyond this is not a batch. */
const PUSH_BYTES_MAX = 32 * 1024 * 1024;

export function addPushRoutes(app: FastifyInstance, context: ApiContext): void {
  const options = { bodyLimit: PUSH_BYTES_MAX };
  for (const path of ['/loki/api/v1/push', '/api/prom/push']) {
    app.post(path, options, (request, reply) => push(context, request, reply));
  }
  app.post('/otlp/v1/logs', options, async (request, reply) => {
    const answer = await answerOtlpHttp(
      {
        signal: 'logs',
        contentType: request.headers['content-type'],
        contentEncoding: request.headers['content-encoding'],
        body: bodyOf(request),
        bodyBytesMax: PUSH_BYTES_MAX,
      },
      (batch) => consumeLogBatch(context, batch),
    );
    return reply.status(answer.status).headers(answer.headers).send(answer.body);
  });
}

function bodyOf(request: FastifyRequest): Buffer {
  return request.body instanceof Buffer ? request.body : Buffer.alloc(0);
}

async function push(context: ApiContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  try {
    const { refusals } = await context.distributor.push(await readPush(request));
    if (refusals.length === 0) return reply.status(204).send();
    // As Loki: what was good is stored, and the answer tells about the last that was not.
    const limited = refusals.find(({ status }) => status === 429);
    const { status, message } = limited ?? refusals.at(-1)!;
    return reply.status(status).type('text/plain; charset=utf-8').send(`${message}\n`);
  } catch (error) {
    return sendPushError(reply, error);
  }
}

function sendPushError(reply: FastifyReply, error: unknown): FastifyReply {
  const message = error instanceof Error ? error.message : String(error);
  const text = (status: number): FastifyReply =>
    reply.status(status).type('text/plain; charset=utf-8').send(`${message}\n`);
  if (error instanceof PushError || error instanceof CorruptError) return text(400);
  if (error instanceof TooLargeError) return text(413);
  if (isStorageError(error, 'STORAGE_LIMIT')) return text(429);
  return text(isStorageError(error) ? 503 : 500);
}

async function readPush(request: FastifyRequest): Promise<readonly PushStream[]> {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const encoding = request.headers['content-encoding'];
  if (mediaType === 'application/json') {
    const compression = encoding === 'snappy' ? undefined : compressionOf(encoding);
    if (compression === undefined) throw new PushError(`Content-Encoding ${JSON.stringify(encoding)} not supported`);
    return parsePushJson((await inflate(bodyOf(request), compression, PUSH_BYTES_MAX)).toString('utf8'));
  }
  // Protobuf is what everything else is taken for, and it is always compressed by snappy.
  if (encoding !== undefined && encoding !== 'snappy' && encoding !== '') {
    throw new PushError(`Content-Encoding ${JSON.stringify(encoding)} not supported`);
  }
  return parsePushProtobuf(bodyOf(request), PUSH_BYTES_MAX);
}
