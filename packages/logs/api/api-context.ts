/** What the routes share. */
import type { Clock, OwnMetrics } from '@mario/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Distributor } from '../intake/distributor.ts';
import type { OtlpRules } from '../intake/otlp-rules.ts';
import { LimitError, MatchingError, QueryError } from '../logql/query-error.ts';
import type { LogStore } from '../store/log-store.ts';
import type { QueryEngine } from './query-engine.ts';
import { type QuerySlots, TooManyRequestsError } from './query-slots.ts';
import { RequestParameters } from './request-parameters.ts';

export interface ApiContext {
  readonly store: LogStore;
  readonly distributor: Distributor;
  readonly engine: QueryEngine;
  readonly slots: QuerySlots;
  readonly otlpRules: OtlpRules;
  readonly metrics: OwnMetrics;
  readonly clock: Clock;
  /** The configuration as it is in effect, for `/config`. */
  readonly configText: string;
}

/** The parameters of the URL and, of a POST, of the form in the body. */
export function parametersOf(context: ApiContext, request: FastifyRequest): RequestParameters {
  const values = new URLSearchParams(request.url.split('?')[1] ?? '');
  if (
    request.body instanceof Buffer &&
    /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '')
  ) {
    for (const [name, value] of new URLSearchParams(request.body.toString())) values.append(name, value);
  }
  return new RequestParameters(values, context.clock.nowNs());
}

/** Aborts when the client goes away before it has its answer. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Loki answers errors as plain text. */
export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const message = error instanceof Error ? error.message : String(error);
  return reply.status(statusOf(error)).type('text/plain; charset=utf-8').send(`${message}\n`);
}

function statusOf(error: unknown): number {
  if (error instanceof TooManyRequestsError) return 429;
  if (error instanceof LimitError && error.message.startsWith('query timed out')) return 504;
  if (error instanceof MatchingError) return 500;
  if (error instanceof QueryError) return 400;
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : 500;
}

export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type('application/json; charset=UTF-8').send(json);
}

/** What most routes without `start` look back: Loki's default for labels and series. */
export const LABELS_SINCE_NS = 6n * 3_600_000_000_000n;
