// One token of lookahead over the lexer, and the errors of "unexpected …".

import type { Span } from './ast.ts';
import { parseDuration } from './duration.ts';
import type { Lexer } from './lexer.ts';
import { parseNumber } from './number.ts';
import { ParseError } from './parse-error.ts';
import { describeToken, type Token, type TokenKind } from './token.ts';

/** What a server's feature flags switch on in the language. */
export interface LanguageFeatures {
  /** promql-experimental-functions */
  readonly experimentalFunctions: boolean;
  /** promql-duration-expr */
  readonly durationExpressions: boolean;
  /** promql-extended-range-selectors */
  readonly extendedRangeSelectors: boolean;
  /** promql-binop-fill-modifiers */
  readonly binopFillModifiers: boolean;
}

/** Nesting beyond this would risk the stack of the parser itself. */
const NESTING_MAX = 500;
/** A chain of operators is as deep a tree as it is long; see depth.ts. */
const OPERATORS_MAX = 1_500;

export class TokenStream {
  readonly source: string;
  readonly features: LanguageFeatures;
  readonly #lexer: Lexer;
  /** Read only when it is looked at: an error behind what is already wrong must not come first. */
  #current: Token | null = null;
  #ahead: Token | null = null;
  #lastEnd = 0;
  #nesting = 0;
  #operators = 0;
  #aggregations = 0;

  constructor(lexer: Lexer, features: LanguageFeatures) {
    this.#lexer = lexer;
    this.source = lexer.source;
    this.features = features;
  }

  get current(): Token {
    this.#current ??= this.#lexer.next();
    return this.#current;
  }

  /** End of the token taken last. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** The token after the current one. Only where both stand outside braces or both inside: the lexer has modes. */
  peek(): Token {
    if (this.current.kind === 'end') return this.current;
    this.#ahead ??= this.#lexer.next();
    return this.#ahead;
  }

  take(): Token {
    const token = this.current;
    this.#lastEnd = token.end;
    this.#current = this.#ahead;
    this.#ahead = null;
    return token;
  }

  is(word: string): boolean {
    const { kind } = this.current;
    return this.current.word === word && kind !== 'string' && kind !== 'end';
  }

  isKind(kind: TokenKind): boolean {
    return this.current.kind === kind;
  }

  accept(word: string): boolean {
    if (!this.is(word)) return false;
    this.take();
    return true;
  }

  expect(word: string, context = '', expected = ''): Token {
    if (!this.is(word)) this.unexpected(context, expected);
    return this.take();
  }

  /** What is unexpected within the arguments of an aggregation, however deep, is unexpected in the aggregation. */
  inAggregation<T>(read: () => T): T {
    this.#aggregations++;
    const result = read();
    this.#aggregations--;
    return result;
  }

  unexpected(context = '', expected = ''): never {
    const where = context === '' && this.#aggregations > 0 ? 'aggregation' : context;
    let detail = `unexpected ${describeToken(this.current)}`;
    if (where !== '') detail += ` in ${where}`;
    if (expected !== '') detail += `, expected ${expected}`;
    this.fail(detail, this.current);
  }

  /** The value of a number, or of a duration in seconds. */
  numberOf(token: Token): number {
    try {
      return token.kind === 'number' ? parseNumber(token.text) : parseDuration(token.text) / 1000;
    } catch (error) {
      return this.fail((error as Error).message, token);
    }
  }

  /** To be called by what calls itself, with `leave` at its end. */
  enter(): void {
    if (++this.#nesting > NESTING_MAX) {
      this.fail(`expression is nested deeper than ${NESTING_MAX} levels`, this.current);
    }
  }

  leave(): void {
    this.#nesting--;
  }

  countOperator(): void {
    if (++this.#operators > OPERATORS_MAX) {
      this.fail(`expression has more than ${OPERATORS_MAX} binary operators`, this.current);
    }
  }

  fail(detail: string, span: Span): never {
    throw new ParseError(detail, { start: span.start, end: span.end }, this.source);
  }
}
