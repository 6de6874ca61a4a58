/** The tokens of a query with a place in them, shared by the parsers of fields, spansets and metrics. */

import { type Token, tokenize } from './lexer.ts';
import { parseError, type QueryError } from './query-error.ts';

/** Parentheses and unary operators nested deeper are refused, because the parsers recurse. */
const NESTING_MAX = 200;

/** Longer chains are no question of a person: 2,500 structural operators kept a search busy for its whole time. */
const OPERATORS_MAX = 500;

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #operators = 0;

  constructor(query: string) {
    this.#tokens = tokenize(query);
  }

  get current(): Token {
    return this.#tokens[this.#at]!;
  }

  /** Takes the current token. The last one, `end`, is never passed. */
  take(): Token {
    const token = this.current;
    if (token.type !== 'end') this.#at++;
    return token;
  }

  /** Whether the current token is this operator or word. */
  is(text: string): boolean {
    const { type, text: found } = this.current;
    return (type === 'operator' || type === 'word') && found === text;
  }

  /** Takes the current token when it is this operator or word. */
  takeIf(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.takeIf(text)) throw this.unexpected(text);
  }

  unexpected(expected?: string): QueryError {
    const { line, column, type, text } = this.current;
    const found = type === 'end' ? '$end' : text;
    const rest = expected === undefined ? '' : `, expecting ${expected}`;
    return parseError(line, column, `syntax error: unexpected ${found}${rest}`);
  }

  error(message: string): QueryError {
    return parseError(this.current.line, this.current.column, message);
  }

  /** To be called for every operator that joins two operands; throws QueryError beyond the limit. */
  countOperator(): void {
    if (++this.#operators > OPERATORS_MAX) throw this.error(`query has more than ${OPERATORS_MAX} operators`);
  }

  /** Runs a parser one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > NESTING_MAX) throw this.error(`nested deeper than ${NESTING_MAX}`);
    const result = parse();
    this.#depth--;
    return result;
  }
}
