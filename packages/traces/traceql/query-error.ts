/** What is wrong with a TraceQL query, told so that its writer can find the place. */

export type QueryErrorKind =
  /** Not TraceQL. */
  | 'parse'
  /** TraceQL that makes no sense (types that do not fit). */
  | 'validate'
  /** TraceQL that Tempo 3.0 parses and refuses to run. */
  | 'unsupported';

export class QueryError extends Error {
  readonly kind: QueryErrorKind;

  constructor(kind: QueryErrorKind, message: string) {
    super(message);
    this.name = 'QueryError';
    this.kind = kind;
  }
}

/** `line` and `column` count from 1, as in Tempo's messages. */
export function parseError(line: number, column: number, message: string): QueryError {
  return new QueryError('parse', `parse error at line ${line}, col ${column}: ${message}`);
}

export function unsupported(feature: string): QueryError {
  return new QueryError('unsupported', `${feature} not yet supported`);
}
