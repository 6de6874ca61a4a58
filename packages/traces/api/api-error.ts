/** An answer that is an error: a status and a text, as Tempo gives them. */

import { isStorageError } from '@mario/storage';
import { QueryError } from '../traceql/query-error.ts';

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, message);
}

/** The status and text for anything that a handler throws. */
export function explain(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof ApiError) return { status: error.status, message: error.message };
  if (error instanceof QueryError) return { status: 400, message: `invalid TraceQL query: ${error.message}` };
  if (isStorageError(error)) return { status: 500, message: error.message };
  // Fastify's own: malformed URLs, bodies too large.
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  const message = error instanceof Error ? error.message : String(error);
  return { status: typeof status === 'number' ? status : 500, message };
}
