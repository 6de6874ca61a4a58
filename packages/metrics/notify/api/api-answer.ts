/** Refusals of Alertmanager's API: texts of its own, and those of the framework with a code and a message. */
import type { FastifyReply } from 'fastify';
import { goJson } from '../../api/go-json.ts';

export class AlertmanagerApiError extends Error {
  override readonly name = 'AlertmanagerApiError';
  readonly status: number;
  /** What is sent: a text, or the framework's object. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(typeof body === 'string' ? body : JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

/** A refusal by the API itself: a JSON string. */
export function refusal(status: number, text: string): AlertmanagerApiError {
  return new AlertmanagerApiError(status, text);
}

/** A refusal by the framework, before the API sees the request. */
export function frameworkRefusal(status: number, code: number, message: string): AlertmanagerApiError {
  return new AlertmanagerApiError(status, { code, message });
}

/** As bytes: Fastify would add a character set to the type of a text, which the real one does not have. */
export function send(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type('application/json').send(Buffer.from(`${goJson(value)}\n`));
}
