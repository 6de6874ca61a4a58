/** How many queries run at once, and what ends one early: its client going away, or its time being up. */

import type { FastifyReply } from 'fastify';
import { ApiError } from './api-error.ts';

/** Searches share one thread; more at once only make each of them slower. */
const QUERIES_MAX = 20;
/** As Tempo's querier: a query that takes longer answers nobody any more. */
const QUERY_TIMEOUT_MS = 30_000;

export class QueryGate {
  #running = 0;

  get running(): number {
    return this.#running;
  }

  /** Runs a query with a signal that aborts when the client has gone or the time is up. */
  async run<T>(reply: FastifyReply, query: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running >= QUERIES_MAX) throw new ApiError(429, 'job queue full');
    const gone = new AbortController();
    const onClose = () => gone.abort(new ApiError(499, 'context canceled'));
    const timer = setTimeout(
      () => gone.abort(new ApiError(504, `context deadline exceeded after ${QUERY_TIMEOUT_MS / 1000}s`)),
      QUERY_TIMEOUT_MS,
    );
    reply.raw.once('close', onClose);
    this.#running++;
    try {
      return await query(gone.signal);
    } finally {
      this.#running--;
      clearTimeout(timer);
      reply.raw.off('close', onClose);
    }
  }
}
