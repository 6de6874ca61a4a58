/** Splits a TraceQL query into tokens, with their places for messages. */

import type { Intrinsic, Scope } from './ast.ts';
import { parseDurationNs } from './duration.ts';
import { parseError } from './query-error.ts';

export type Token = { readonly line: number; readonly column: number; readonly text: string } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: number | bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'duration'; readonly valueNs: number }
  | { readonly type: 'attribute'; readonly scope: Scope; readonly parent: boolean; readonly name: string }
  | { readonly type: 'intrinsic'; readonly intrinsic: Intrinsic }
  /** A word that is neither: keywords, functions, literals such as `true`. */
  | { readonly type: 'word' }
  | { readonly type: 'operator' }
  | { readonly type: 'end' }
);

/** A query longer than this is refused: no person wrote it. Tempo's own limit is 128 KiB. */
const QUERY_CHARACTERS_MAX = 128 * 1024;

/** Integers are Go's, 64 bits wide. */
const INTEGER_MAX = 2n ** 63n - 1n;

const BARE_INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  duration: 'span:duration',
  name: 'span:name',
  status: 'span:status',
  statusMessage: 'span:statusMessage',
  kind: 'span:kind',
  childCount: 'span:childCount',
  traceDuration: 'trace:duration',
  rootName: 'trace:rootName',
  rootServiceName: 'trace:rootService',
  nestedSetLeft: 'nestedSetLeft',
  nestedSetRight: 'nestedSetRight',
  nestedSetParent: 'nestedSetParent',
  parent: 'parent',
};

const SCOPED_INTRINSICS: ReadonlySet<string> = new Set<Intrinsic>([
  'span:duration',
  'span:name',
  'span:status',
  'span:statusMessage',
  'span:kind',
  'span:id',
  'span:parentID',
  'span:childCount',
  'trace:duration',
  'trace:rootName',
  'trace:rootService',
  'trace:id',
  'event:name',
  'event:timeSinceStart',
  'link:traceID',
  'link:spanID',
  'instrumentation:name',
  'instrumentation:version',
]);

const INTRINSIC_SCOPES = new Set(['span', 'trace', 'event', 'link', 'instrumentation']);
const ATTRIBUTE_SCOPES = new Set(['span', 'resource', 'event', 'link', 'instrumentation']);

/** Longest first, so that `!>>` is not read as `!>` and `>`. */
const OPERATORS = [
  '!>>', '!<<', '&>>', '&<<', '!>', '!<', '!~', '!=', '&>', '&<', '&~', '&&', '||', '>>', '<<', '>=', '<=', '=~',
  '=', '>', '<', '~', '!', '+', '-', '*', '/', '%', '^', '|', '(', ')', '{', '}', ',',
]; // biome-ignore format: one table

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const DURATION_REST = /[\d.nsumhµμdwy]+/y;
/** What cannot be in an attribute's name unless quoted. */
const ATTRIBUTE_END = /[\s{}()=~!<>&|^,"]/;

/** Throws QueryError `parse`. The last token is of type `end`. */
export function tokenize(query: string): readonly Token[] {
  if (query.length > QUERY_CHARACTERS_MAX) {
    throw parseError(1, 1, `query of ${query.length} characters is above the limit of ${QUERY_CHARACTERS_MAX}`);
  }
  return new Lexer(query).all();
}

class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      this.#skipSpace();
      const token = this.#next();
      tokens.push(token);
      if (token.type === 'end') return tokens;
    }
  }

  #next(): Token {
    const start = this.#at;
    const char = this.#text[start];
    const place = { line: this.#line, column: start - this.#lineStart + 1 };
    const done = <T extends object>(rest: T) => ({ ...place, text: this.#text.slice(start, this.#at), ...rest });
    if (char === undefined) return done({ type: 'end' as const });
    if (char === '"' || char === '`') return done({ type: 'string' as const, value: this.#string() });
    // `.99` is a number, as in Go: an attribute's name that begins with a digit needs quotes.
    if (isDigit(char) || (char === '.' && isDigit(this.#text[start + 1]))) return done(this.#number());
    if (char === '.') {
      this.#at++;
      return done({ type: 'attribute' as const, scope: 'none' as const, parent: false, name: this.#attributeName() });
    }
    const word = this.#match(WORD);
    if (word !== undefined) return done(this.#word(word));
    const operator = OPERATORS.find((candidate) => this.#text.startsWith(candidate, start));
    if (operator === undefined) throw this.#error(`syntax error: unexpected ${JSON.stringify(char)}`);
    this.#at += operator.length;
    return done({ type: 'operator' as const });
  }

  #word(word: string) {
    const next = this.#text[this.#at];
    if (next === ':' && INTRINSIC_SCOPES.has(word)) {
      this.#at++;
      const name = this.#match(WORD) ?? '';
      const scoped = `${word}:${name}`;
      if (!SCOPED_INTRINSICS.has(scoped)) throw this.#error(`syntax error: unknown intrinsic ${scoped}`);
      return { type: 'intrinsic' as const, intrinsic: scoped as Intrinsic };
    }
    if (next === '.' && word === 'parent') {
      this.#at++;
      const scope = /(?:span|resource)(?=\.)/y;
      const found = this.#match(scope);
      if (found !== undefined) this.#at++;
      return {
        type: 'attribute' as const,
        scope: (found ?? 'none') as Scope,
        parent: true,
        name: this.#attributeName(),
      };
    }
    if (next === '.' && ATTRIBUTE_SCOPES.has(word)) {
      this.#at++;
      return { type: 'attribute' as const, scope: word as Scope, parent: false, name: this.#attributeName() };
    }
    const intrinsic = Object.hasOwn(BARE_INTRINSICS, word) ? BARE_INTRINSICS[word] : undefined;
    return intrinsic === undefined ? { type: 'word' as const } : { type: 'intrinsic' as const, intrinsic };
  }

  #attributeName(): string {
    let name = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === '"') name += this.#quotedNamePart();
      else if (char === undefined || ATTRIBUTE_END.test(char)) break;
      else {
        name += char;
        this.#at++;
      }
    }
    if (name === '') throw this.#error('syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER');
    return name;
  }

  #quotedNamePart(): string {
    let part = '';
    for (this.#at++; ; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined) throw this.#error('unexpected EOF, expecting "');
      if (char === '"') break;
      if (char === '\\') {
        const escaped = this.#text[++this.#at];
        if (escaped !== '"' && escaped !== '\\') throw this.#error('invalid escape sequence');
        part += escaped;
      } else part += char;
    }
    this.#at++;
    return part;
  }

  #number() {
    const text = this.#match(NUMBER)!;
    const afterNumber = this.#at;
    const rest = this.#match(DURATION_REST);
    const valueNs = rest === undefined ? undefined : parseDurationNs(text + rest);
    if (valueNs !== undefined) return { type: 'duration' as const, valueNs };
    this.#at = afterNumber;
    if (/^0[xX]/.test(text)) throw this.#error(`strconv.Atoi: parsing "${text}": invalid syntax`);
    if (!/^\d+$/.test(text)) return { type: 'float' as const, value: Number(text) };
    const value = Number(text);
    if (Number.isSafeInteger(value)) return { type: 'int' as const, value };
    const exact = BigInt(text);
    if (exact > INTEGER_MAX) throw this.#error(`strconv.Atoi: parsing "${text}": value out of range`);
    return { type: 'int' as const, value: exact };
  }

  #string(): string {
    const quote = this.#text[this.#at]!;
    this.#at++;
    let value = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || (char === '\n' && quote === '"')) throw this.#error('literal not terminated');
      this.#at++;
      if (char === quote) return value;
      if (char === '\n') this.#newLine();
      value += char === '\\' && quote === '"' ? this.#escape() : char;
    }
  }

  /** Go's escapes in interpreted string literals. */
  #escape(): string {
    const simple: Readonly<Record<string, string>> = {
      a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"',
    }; // biome-ignore format: one table
    const char = this.#text[this.#at++] ?? '';
    const known = simple[char];
    if (known !== undefined) return known;
    const length = { x: 2, u: 4, U: 8 }[char];
    if (length === undefined) throw this.#error('invalid syntax');
    const digits = this.#text.slice(this.#at, this.#at + length);
    const code = Number.parseInt(digits, 16);
    if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < length || code > 0x10ffff)
      throw this.#error('invalid syntax');
    this.#at += length;
    return String.fromCodePoint(code);
  }

  #skipSpace(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === '\n') {
        this.#at++;
        this.#newLine();
      } else if (char !== undefined && /\s/.test(char)) this.#at++;
      else if (this.#text.startsWith('//', this.#at)) this.#skipTo(this.#text.indexOf('\n', this.#at));
      else if (this.#text.startsWith('/*', this.#at)) {
        const end = this.#text.indexOf('*/', this.#at + 2);
        if (end < 0) throw this.#error('comment not terminated');
        this.#skipTo(end + 2);
      } else return;
    }
  }

  #skipTo(end: number): void {
    const target = end < 0 ? this.#text.length : end;
    while (this.#at < target) if (this.#text[this.#at++] === '\n') this.#newLine();
  }

  #newLine(): void {
    this.#line++;
    this.#lineStart = this.#at;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #error(message: string) {
    return parseError(this.#line, this.#at - this.#lineStart + 1, message);
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
