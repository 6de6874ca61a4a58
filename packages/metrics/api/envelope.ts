/** The envelope around every answer: status, data, and at most ten warnings and ten infos. */
import type { FastifyReply } from 'fastify';
import { ApiError } from './api-error.ts';
import { goJson } from './go-json.ts';
import { asApiError } from './params.ts';

/** As the real server: more of them help nobody and can be as many as there are series. */
const ANNOTATIONS_MAX = 10;

export interface Annotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export const NO_ANNOTATIONS: Annotations = { warnings: [], infos: [] };

export function sendData(reply: FastifyReply, data: unknown, annotations: Annotations = NO_ANNOTATIONS): FastifyReply {
  return sendRaw(reply, goJson(data), annotations);
}

/** For data that is JSON already. */
export function sendRaw(reply: FastifyReply, data: string, annotations: Annotations): FastifyReply {
  return reply.type('application/json').send(`${envelopeHead()}${data}${envelopeTail(annotations)}`);
}

export function envelopeHead(): string {
  return '{"status":"success","data":';
}

export function envelopeTail({ warnings, infos }: Annotations): string {
  return `${list('warnings', warnings)}${list('infos', infos)}}`;
}

export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, type, message } = asApiError(error);
  return reply
    .code(status)
    .type('application/json')
    .send(goJson({ status: 'error', errorType: type, error: message }));
}

/** What Fastify itself refuses (body too large, unknown content type), in the API's shape. */
export function fromHttpError(error: { statusCode?: number; message: string }): unknown {
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? new ApiError('bad_data', error.message) : error;
}

function list(name: string, texts: readonly string[]): string {
  if (texts.length === 0) return '';
  const unique = [...new Set(texts)];
  const shown = unique.slice(0, ANNOTATIONS_MAX);
  const rest = unique.length - shown.length;
  if (rest > 0) shown.push(`${rest} more ${name.replace(/s$/, '')} annotations omitted`);
  return `,"${name}":${goJson(shown)}`;
}
