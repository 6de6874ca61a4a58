// Why a query failed, in the classes that the HTTP API maps to status codes.

export type QueryErrorKind = 'execution' | 'timeout' | 'canceled' | 'bad_data' | 'too_many_samples' | 'internal';

/** An operating error of a query; `message` is the real server's text. */
export class QueryError extends Error {
  readonly code: QueryErrorKind;

  constructor(code: QueryErrorKind, message: string) {
    super(message);
    this.name = 'QueryError';
    this.code = code;
  }
}
