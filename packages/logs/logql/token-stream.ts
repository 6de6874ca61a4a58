/** A cursor over tokens, with the error texts of Loki's generated parser. */
import type { Token } from './lexer.ts';
import { ParseError } from './query-error.ts';

/** Like goyacc: more than this many possibilities are not listed. */
const EXPECTED_COUNT_MAX = 4;

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#at]!;
  }

  get kind(): string {
    return this.current.kind;
  }

  peekKind(ahead: number): string {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!.kind;
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== '$end') this.#at++;
    return token;
  }

  /** Takes the token when it is of that kind. */
  accept(kind: string): Token | undefined {
    return this.kind === kind ? this.next() : undefined;
  }

  expect(...kinds: string[]): Token {
    if (!kinds.includes(this.kind)) throw this.unexpected(...kinds);
    return this.next();
  }

  unexpected(...expected: string[]): ParseError {
    const list =
      expected.length > 0 && expected.length <= EXPECTED_COUNT_MAX ? `, expecting ${expected.join(' or ')}` : '';
    const { kind, line, column } = this.current;
    return new ParseError(`syntax error: unexpected ${kind}${list}`, line, column);
  }
}
