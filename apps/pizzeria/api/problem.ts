// Problem details (RFC 9457): every error of the API, in one shape, with a type that can be looked up.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import {
  DemoAccountRefused,
  LoginRefused,
  NotificationNotFound,
  OrderNotFound,
  PaymentDeclined,
  PizzaNotFound,
  PreconditionFailed,
  TooManyAttempts,
  VersionConflict,
} from '../application/failure.ts';
import { BUSINESS_RULES, RuleViolation } from '../domain/business-rule.ts';

export interface Problem {
  /** Points at the description of this kind of problem on the documentation page. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request that it is about. */
  readonly instance?: string;
  /** The business rule that was broken, by its stable name. */
  readonly rule?: string;
  /** What is wrong in the body or the query, by JSON pointer (RFC 6901; empty for the whole). */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** The problems that are not business rules, by the last part of their type. */
export const PROBLEM_KINDS = {
  'malformed-request': 'The request is not what this operation takes',
  'not-found': 'There is nothing at this address',
  'method-not-allowed': 'This address takes other methods',
  'order-not-found': 'There is no such order',
  'version-conflict': 'Somebody else was faster',
  'precondition-failed': 'It has changed since you read it',
  'payment-declined': 'The payment was declined',
  'body-too-large': 'The request body is too large',
  'media-type-unsupported': 'The request body is not JSON',
  'cross-site-refused': 'Requests from other sites may not change anything',
  'pizza-not-found': 'There is no such pizza',
  'notification-not-found': 'There is no such notification',
  'login-required': 'This needs an account',
  'role-missing': 'The account may not do this',
  'token-invalid': 'The access token is not valid',
  'login-refused': 'The login was refused',
  'demo-account-refused': 'Demonstration accounts are for this machine only',
  'too-many-requests': 'Too many requests',
  'too-many-streams': 'Too many pages are watching',
  'internal-error': 'Something went wrong in the pizzeria',
} as const;

export function problem(kind: keyof typeof PROBLEM_KINDS, status: number, detail: string, more?: object): Problem {
  return { type: `/api/docs#problem-${kind}`, title: PROBLEM_KINDS[kind], status, detail, ...more };
}

/** The problem that an error means to the outside. An unexpected error tells nothing of itself. */
function problemOf(error: unknown): Problem {
  if (error instanceof RuleViolation) {
    const { rule, kind, message } = error;
    const status = kind === 'invalid' ? 422 : 409;
    return { type: `/api/docs#problem-${rule}`, title: BUSINESS_RULES[rule].title, status, detail: message, rule };
  }
  if (error instanceof OrderNotFound) return problem('order-not-found', 404, error.message);
  if (error instanceof VersionConflict) return problem('version-conflict', 409, error.message);
  if (error instanceof PreconditionFailed) return problem('precondition-failed', 412, error.message);
  if (error instanceof PizzaNotFound) return problem('pizza-not-found', 404, error.message);
  if (error instanceof NotificationNotFound) return problem('notification-not-found', 404, error.message);
  if (error instanceof LoginRefused) return problem('login-refused', 401, error.message);
  if (error instanceof DemoAccountRefused) return problem('demo-account-refused', 403, error.message);
  if (error instanceof TooManyAttempts) return problem('too-many-requests', 429, error.message);
  if (error instanceof PaymentDeclined) return problem('payment-declined', 402, error.message);
  return fromFramework(error as FastifyError);
}

/** Writes the problem that the error means; for `setErrorHandler`. */
export function replyWithProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = problemOf(error);
  if (answer.status >= 500) request.log.error({ err: error }, 'request failed');
  else request.log.debug({ status: answer.status, rule: answer.rule, detail: answer.detail }, 'request refused');
  if (error instanceof TooManyAttempts) reply.header('Retry-After', String(error.retryAfterS));
  return sendProblem(reply, { ...answer, instance: pathOf(request) });
}

export function sendProblem(reply: FastifyReply, answer: Problem): FastifyReply {
  return reply.code(answer.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(answer));
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

function fromFramework(error: FastifyError): Problem {
  if (error.validation !== undefined) {
    const where = error.validationContext ?? 'body';
    const errors = error.validation.map(({ instancePath, message, params, keyword }) => ({
      pointer: `${instancePath}${keyword === 'required' ? `/${String(params.missingProperty)}` : ''}`,
      detail: keyword === 'required' ? 'is missing' : (message ?? 'is not valid'),
    }));
    const detail = errors.map((each) => `${where}${each.pointer} ${each.detail}`).join('; ');
    return problem('malformed-request', 400, `${detail}.`, { errors });
  }
  const { statusCode, code, message } = error;
  if (statusCode === 413) return problem('body-too-large', 413, 'The body may have at most 1 MiB.');
  if (statusCode === 415) {
    return problem('media-type-unsupported', 415, 'Send the body as JSON, with Content-Type: application/json.');
  }
  if (statusCode === 404) return problem('not-found', 404, message);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const notJson = error instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY';
    return problem('malformed-request', statusCode, notJson ? 'The body is not well-formed JSON.' : message);
  }
  return problem('internal-error', 500, 'The error was logged; the trace of this request shows where it happened.');
}
