/** TraceQL: text to checked syntax tree and back. */

import type { Query } from './ast.ts';
import { parse } from './parser.ts';
import { validate } from './validate.ts';

export type { Query } from './ast.ts';
export { print } from './printer.ts';
export { QueryError } from './query-error.ts';

/** Parses and validates. Throws QueryError. */
export function parseQuery(text: string): Query {
  const query = parse(text);
  validate(query);
  return query;
}
