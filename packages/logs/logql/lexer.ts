/** Cuts a LogQL query into tokens, with the same rules about what is a word and what is a function as Loki's lexer. */
import { rangeOperators, vectorOperators } from './ast.ts';
import { parseByteSize } from './byte-size.ts';
import { parseDuration, parsePrometheusDuration } from './duration.ts';
import { ParseError } from './query-error.ts';

/** `kind` is the class of an open token (IDENTIFIER, STRING, …) or, for keywords and punctuation, the token itself in lower case. */
export interface Token {
  readonly kind: string;
  /** The identifier, the unquoted string, the number's text or the flag. */
  readonly text: string;
  /** Nanoseconds of DURATION and RANGE, bytes of BYTES. */
  readonly value: number;
  readonly line: number;
  readonly column: number;
}

/** Longer queries are a mistake or an attack; Loki's own default limit is 5 KiB, dashboards send a little more. */
const QUERY_LENGTH_MAX = 128 * 1024;

/** Words only when an opening parenthesis (or a grouping and one) follows; identifiers otherwise. */
const functions: ReadonlySet<string> = new Set([
  ...rangeOperators,
  ...vectorOperators,
  'vector',
  'label_replace',
  'bytes',
  'duration',
  'duration_seconds',
  'ip',
]);

const keywords: ReadonlySet<string> = new Set([
  'by',
  'without',
  'bool',
  'offset',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'or',
  'and',
  'unless',
  'json',
  'regexp',
  'logfmt',
  'unpack',
  'pattern',
  'label_format',
  'line_format',
  'decolorize',
  'drop',
  'keep',
  'unwrap',
  'variants',
  'of',
]);

const punctuation = /\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[,.{}=|()<>+\-*/%^\]]/y;
const space = /(?:[ \t\r\n]|#[^\n]*)+/y;
const identifier = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const number =
  /0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][+-]?\d+)?|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const durationTail = /[\p{N}nuµmshdwy.]+/uy;
const bytesTail = /[\p{N}BikKMGTP.]+/uy;
const flag = /--[\p{L}-]+/uy;
const functionTail = /\s*(?:\(|(?:by|without)\s*\()/iy;
const negativeDuration = /-(?=[\d.])/y;

export function tokenize(query: string): readonly Token[] {
  if (query.length > QUERY_LENGTH_MAX)
    throw new ParseError(`query is longer than ${QUERY_LENGTH_MAX} characters`, 1, 1);
  return new Lexer(query).run();
}

class Lexer {
  readonly #query: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(query: string) {
    this.#query = query;
  }

  run(): readonly Token[] {
    for (;;) {
      this.#skipSpace();
      if (this.#at >= this.#query.length) break;
      this.#scan();
    }
    this.#push('$end', '', 0, this.#at);
    return this.#tokens;
  }

  #scan(): true {
    const start = this.#at;
    const character = this.#query[start]!;
    if (character === '"' || character === "'" || character === '`') return this.#string(character);
    if (character === '[') return this.#range();
    if (/[\d.]/.test(character) && this.#match(number) !== undefined) return this.#numeric(start);
    if (character === '-') {
      const text = this.#match(flag);
      if (text === '--strict' || text === '--keep-empty') return this.#push('FLAG', text, 0, start);
      this.#at = start;
      if (this.#negativeDuration(start)) return true;
    }
    const word = this.#match(identifier);
    if (word !== undefined) return this.#word(word, start);
    const sign = this.#match(punctuation);
    if (sign !== undefined) return this.#push(sign, sign, 0, start);
    throw this.#error(`syntax error: unexpected character ${JSON.stringify(character)}`, start);
  }

  #word(word: string, start: number): true {
    const lower = word.toLowerCase();
    if (functions.has(lower)) {
      functionTail.lastIndex = this.#at;
      if (functionTail.test(this.#query)) return this.#push(lower, word, 0, start);
    } else if (keywords.has(lower)) {
      return this.#push(lower, word, 0, start);
    }
    return this.#push('IDENTIFIER', word, 0, start);
  }

  /** A number, or with a unit right behind it a duration or a size. */
  #numeric(start: number): true {
    const end = this.#at;
    if (this.#match(durationTail) !== undefined) {
      const duration = parseDuration(this.#query.slice(start, this.#at));
      if ('ns' in duration) return this.#push('DURATION', this.#query.slice(start, this.#at), duration.ns, start);
    }
    this.#at = end;
    if (this.#match(bytesTail) !== undefined) {
      const size = parseByteSize(this.#query.slice(start, this.#at));
      if ('bytes' in size) return this.#push('BYTES', this.#query.slice(start, this.#at), size.bytes, start);
    }
    this.#at = end;
    return this.#push('NUMBER', this.#query.slice(start, end), 0, start);
  }

  #negativeDuration(start: number): boolean {
    if (this.#match(negativeDuration) !== undefined && this.#match(durationTail) !== undefined) {
      const duration = parseDuration(this.#query.slice(start, this.#at));
      if ('ns' in duration && duration.ns !== 0) {
        return this.#push('DURATION', this.#query.slice(start, this.#at), duration.ns, start);
      }
    }
    this.#at = start;
    return false;
  }

  #range(): true {
    const start = this.#at;
    const end = this.#query.indexOf(']', start);
    if (end < 0) throw this.#error("missing closing ']' in duration", start);
    const text = this.#query.slice(start + 1, end);
    const duration = parsePrometheusDuration(text);
    if ('error' in duration) throw this.#error(duration.error, start);
    this.#at = end + 1;
    return this.#push('RANGE', text, duration.ns, start);
  }

  #string(quote: string): true {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#query.length && this.#query[end] !== quote) {
      if (quote !== '`' && this.#query[end] === '\n') break;
      end += quote !== '`' && this.#query[end] === '\\' ? 2 : 1;
    }
    if (this.#query[end] !== quote) throw this.#error('literal not terminated', start);
    const raw = this.#query.slice(start + 1, end);
    const text = quote === '`' ? raw : unescapeGo(raw);
    if (text === undefined) throw this.#error('invalid syntax', start);
    this.#at = end + 1;
    return this.#push('STRING', text, 0, start);
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    if (space.test(this.#query)) this.#at = space.lastIndex;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#query)?.[0];
    if (text === undefined || text === '') return undefined;
    this.#at += text.length;
    return text;
  }

  /** Gives true, so that a scanner can end with it. */
  #push(kind: string, text: string, value: number, start: number): true {
    this.#place(start);
    this.#tokens.push({ kind, text, value, line: this.#line, column: start - this.#lineStart + 1 });
    return true;
  }

  #error(message: string, at: number): ParseError {
    this.#place(at);
    return new ParseError(message, this.#line, at - this.#lineStart + 1);
  }

  /** Moves the line count forward to `at`; tokens come in order, so each line break is seen once. */
  #place(at: number): void {
    for (let end = this.#query.indexOf('\n', this.#lineStart); end >= 0 && end < at; ) {
      this.#line++;
      this.#lineStart = end + 1;
      end = this.#query.indexOf('\n', this.#lineStart);
    }
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const escapeSequence = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs;

/** Go's escapes of interpreted strings; undefined when one of them is not known. */
export function unescapeGo(raw: string): string | undefined {
  let bad = false;
  const bytes: number[] = [];
  const flush = (): string => (bytes.length === 0 ? '' : new TextDecoder().decode(Uint8Array.from(bytes.splice(0))));
  let text = '';
  let last = 0;
  for (const match of raw.matchAll(escapeSequence)) {
    if (match.index > last) text += flush() + raw.slice(last, match.index);
    last = match.index + match[0].length;
    const [, hex, short, long, octal, simple] = match;
    if (hex !== undefined || octal !== undefined) {
      // Bytes, not characters: several in a row may make up one character in UTF-8.
      bytes.push(hex !== undefined ? Number.parseInt(hex, 16) : Number.parseInt(octal!, 8) & 0xff);
      continue;
    }
    const code = Number.parseInt(short ?? long ?? '0', 16);
    if (simple !== undefined && simpleEscapes[simple] === undefined) bad = true;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) bad = true;
    if (bad) return undefined;
    text += flush() + (simple !== undefined ? simpleEscapes[simple]! : String.fromCodePoint(code));
  }
  return text + flush() + raw.slice(last);
}
