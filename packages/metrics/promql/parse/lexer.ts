// Source text to tokens. The state (braces, brackets, parentheses) decides what a colon or a letter means.
import { quoteGo } from '../../model/labels.ts';
import { ParseError } from './parse-error.ts';
import { scanNumber } from './scan-number.ts';
import { AGGREGATORS, FILLS, KEYWORDS, type Token, type TokenKind, WORD_OPERATORS } from './token.ts';

const SPACE = /[ \t\n\r]/;
const LETTERS = /[a-zA-Z_]+/y;
const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'min_of', 'max_of']);
const IDENTIFIER = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const METRIC_IDENTIFIER = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;

/** Longest accepted source; the real server's limit is that of a request body, and no sane expression comes near. */
const SOURCE_LENGTH_MAX = 1_000_000;

export class Lexer {
  readonly source: string;
  #at = 0;
  #parenDepth = 0;
  #inBraces = false;
  #inBrackets = false;
  /** In brackets, before the first number. */
  #durationOnly = false;
  #gotDuration = false;
  #gotColon = false;

  constructor(source: string) {
    this.source = source;
    if (source.length > SOURCE_LENGTH_MAX) {
      this.fail(`expression is longer than ${SOURCE_LENGTH_MAX} characters`, 0);
    }
  }

  next(): Token {
    this.#skipBlank();
    if (this.#at >= this.source.length) return this.#end();
    if (this.#inBraces) return this.#insideBraces();
    return this.#inBrackets && this.#durationOnly ? this.#insideBrackets() : this.#statement();
  }

  fail(detail: string, start: number): never {
    throw new ParseError(detail, { start, end: this.#at }, this.source);
  }

  #skipBlank(): void {
    const source = this.source;
    for (;;) {
      while (this.#at < source.length && SPACE.test(source[this.#at]!)) this.#at++;
      if (source[this.#at] !== '#' || (this.#inBrackets && this.#durationOnly)) return;
      while (this.#at < source.length && source[this.#at] !== '\n' && source[this.#at] !== '\r') this.#at++;
    }
  }

  #end(): Token {
    const at = this.#at;
    if (this.#inBraces) this.fail('unexpected end of input inside braces', at);
    if (this.#inBrackets && this.#durationOnly) this.fail('unexpected end of input in duration expression', at);
    if (this.#parenDepth > 0) this.fail('unclosed left parenthesis', at);
    if (this.#inBrackets) this.fail('unclosed left bracket', at);
    return { kind: 'end', text: '', word: '', start: at, end: at };
  }

  #emit(kind: TokenKind, length: number): Token {
    const start = this.#at;
    this.#at += length;
    const text = this.source.slice(start, this.#at);
    const folded = kind === 'operator' || kind === 'aggregator' || kind === 'keyword';
    return { kind, text, word: folded ? text.toLowerCase() : text, start, end: this.#at };
  }

  #statement(): Token {
    const start = this.#at;
    const c = this.source[start]!;
    const next = this.source[start + 1] ?? '';
    switch (c) {
      case ',':
        return this.#emit('punctuation', 1);
      case '*':
      case '/':
      case '%':
      case '+':
      case '-':
      case '^':
      case '@':
        return this.#emit('operator', 1);
      case '=':
        if (next === '=') return this.#emit('operator', 2);
        if (next === '~') {
          this.#at = start + 2;
          this.fail(`unexpected character after '=': ${quoteRune('~')}`, start);
        }
        return this.#emit('punctuation', 1);
      case '!':
        if (next === '=') return this.#emit('operator', 2);
        this.#at = start + 2;
        return this.fail(`unexpected character after '!': ${quoteRune(next)}`, start);
      case '<':
      case '>':
        return this.#emit('operator', next === '=' || next === '/' ? 2 : 1);
      case '"':
      case "'":
      case '`':
        return this.#string(c);
      case '(':
        this.#parenDepth++;
        return this.#emit('punctuation', 1);
      case ')':
        return this.#rightParenthesis();
      case '{':
        this.#inBraces = true;
        return this.#emit('punctuation', 1);
      case '[':
        if (this.#inBrackets) {
          this.#at++;
          this.fail(`unexpected left bracket ${quoteRune(c)}`, start);
        }
        this.#inBrackets = true;
        this.#durationOnly = true;
        this.#gotDuration = false;
        this.#gotColon = false;
        return this.#emit('punctuation', 1);
      case ']':
        if (this.#inBrackets) {
          this.#inBrackets = false;
          return this.#emit('punctuation', 1);
        }
        return this.fail(`unexpected right bracket ${quoteRune(c)}`, start);
    }
    if (/\d/.test(c) || (c === '.' && /\d/.test(next))) return this.#number();
    if (/[a-zA-Z_:]/.test(c)) return this.#inBrackets ? this.#afterDuration() : this.#word();
    this.#at++;
    return this.fail(`unexpected character: ${quoteRune(codePointAt(this.source, start))}`, start);
  }

  #rightParenthesis(): Token {
    // The real lexer has read the parenthesis when it finds that none is open.
    if (this.#parenDepth === 0) this.fail(`unexpected right parenthesis ${quoteRune(')')}`, ++this.#at);
    this.#parenDepth--;
    return this.#emit('punctuation', 1);
  }

  #insideBraces(): Token {
    const start = this.#at;
    const c = this.source[start]!;
    const next = this.source[start + 1] ?? '';
    if (/[a-zA-Z_]/.test(c)) return this.#emit('identifier', this.#match(IDENTIFIER));
    switch (c) {
      case ',':
        return this.#emit('punctuation', 1);
      case '"':
      case "'":
      case '`':
        return this.#string(c);
      case '=':
        return next === '~' ? this.#emit('operator', 2) : this.#emit('punctuation', 1);
      case '!':
        if (next === '=' || next === '~') return this.#emit('operator', 2);
        this.#at = start + 2;
        return this.fail(`unexpected character after '!' inside braces: ${quoteRune(next)}`, start);
      case '{':
        return this.fail(`unexpected left brace ${quoteRune(c)}`, start);
      case '}':
        this.#inBraces = false;
        return this.#emit('punctuation', 1);
    }
    this.#at++;
    return this.fail(`unexpected character inside braces: ${quoteRune(codePointAt(this.source, start))}`, start);
  }

  #insideBrackets(): Token {
    const start = this.#at;
    const c = this.source[start]!;
    if (c === ']') {
      this.#inBrackets = false;
      return this.#emit('punctuation', 1);
    }
    if (c === ':') {
      if (!this.#gotDuration) this.fail('unexpected colon before duration in duration expression', start + 1);
      if (this.#gotColon) this.fail('unexpected repeated colon in duration expression', start + 1);
      this.#gotColon = true;
      return this.#emit('punctuation', 1);
    }
    if (c === ',') return this.#emit('punctuation', 1);
    if (c === '(') {
      this.#parenDepth++;
      return this.#emit('punctuation', 1);
    }
    if (c === ')') return this.#rightParenthesis();
    if (/[-+*/%^]/.test(c)) return this.#emit('operator', 1);
    if (/\d/.test(c) || (c === '.' && /\d/.test(this.source[start + 1] ?? ''))) {
      this.#gotDuration = true;
      return this.#number();
    }
    const word = this.#durationWord();
    if (word > 0) return this.#emit('keyword', word);
    this.#at++;
    return this.fail(
      `unexpected character in duration expression: ${quoteRune(codePointAt(this.source, start))}`,
      start,
    );
  }

  /** A letter or a colon in brackets, after a number. */
  #afterDuration(): Token {
    const start = this.#at;
    if (this.source[start] === ':') {
      if (this.#gotColon) this.fail(`unexpected colon ${quoteRune(':')}`, start);
      this.#gotColon = true;
      return this.#emit('punctuation', 1);
    }
    const word = this.#durationWord();
    if (word > 0) return this.#emit('keyword', word);
    this.#at++;
    return this.fail(`unexpected character: ${quoteRune(this.source[start]!)}, expected ${quoteRune(':')}`, start);
  }

  /** Length of the word that stands for a duration; 0 when there is none. */
  #durationWord(): number {
    const length = this.#match(LETTERS);
    const word = this.source.slice(this.#at, this.#at + length).toLowerCase();
    return DURATION_WORDS.has(word) ? length : 0;
  }

  #number(): Token {
    const start = this.#at;
    const { kind, end } = scanNumber(this.source, start);
    if (kind === 'bad') {
      this.#at = Math.min(end, this.source.length);
      this.fail(`bad number or duration syntax: ${quoteGo(this.source.slice(start, this.#at))}`, start);
    }
    // What follows a number in brackets is read as outside of them, which the messages show.
    this.#durationOnly = false;
    return this.#emit(kind, end - start);
  }

  #word(): Token {
    const length = this.#match(METRIC_IDENTIFIER);
    const text = this.source.slice(this.#at, this.#at + length);
    const lower = text.toLowerCase();
    if (lower === 'inf' || lower === 'nan') return this.#emit('number', length);
    if (WORD_OPERATORS.has(lower)) return this.#emit('operator', length);
    if (AGGREGATORS.has(lower)) return this.#emit('aggregator', length);
    const fills = FILLS.has(lower) && !/^\s*\(/.test(this.source.slice(this.#at + length, this.#at + length + 100));
    if (KEYWORDS.has(lower) && !fills) return this.#emit('keyword', length);
    return this.#emit(text.includes(':') ? 'metric-identifier' : 'identifier', length);
  }

  #string(quote: string): Token {
    const start = this.#at;
    let at = start + 1;
    for (; at < this.source.length && this.source[at] !== quote; at++) {
      if (quote === '`') continue;
      if (this.source[at] === '\\') {
        at++;
        const wrong = escapeError(this.source, at, quote);
        if (wrong !== null) this.fail(wrong, start);
      } else if (this.source[at] === '\n') break;
    }
    if (this.source[at] !== quote) {
      this.#at = Math.min(at, this.source.length);
      this.fail(quote === '`' ? 'unterminated raw string' : 'unterminated quoted string', start);
    }
    return this.#emit('string', at + 1 - start);
  }

  #match(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.source)?.[0].length ?? 0;
  }
}

function codePointAt(source: string, at: number): string {
  return String.fromCodePoint(source.codePointAt(at)!);
}

const ESCAPE_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** What is wrong with the escape sequence whose character after the backslash is at `at`; or null. */
function escapeError(source: string, at: number, quote: string): string | null {
  const c = source[at];
  if (c === undefined) return 'escape sequence not terminated';
  if (c === quote || 'abfnrtv\\'.includes(c)) return null;
  const octal = /[0-7]/.test(c);
  const count = octal ? 3 : ESCAPE_DIGITS[c];
  if (count === undefined) return `unknown escape sequence ${unicodeName(codePointAt(source, at))}`;
  const first = octal ? at : at + 1;
  for (let i = first; i < first + count; i++) {
    if (source[i] === undefined) return 'escape sequence not terminated';
    if (octal ? /[0-7]/.test(source[i]!) : /[0-9a-fA-F]/.test(source[i]!)) continue;
    return `illegal character ${unicodeName(codePointAt(source, i))} in escape sequence`;
  }
  const value = Number.parseInt(source.slice(first, first + count), octal ? 8 : 16);
  const outside = value > (count === 8 || count === 4 ? 0x10_ff_ff : 255) || (value >= 0xd800 && value < 0xe000);
  return outside ? 'escape sequence is an invalid Unicode code point' : null;
}

/** As Go's %#U: the number, and the character where it can be seen. */
function unicodeName(character: string): string {
  const number = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return /[\p{C}\p{Z}]/u.test(character) && character !== ' ' ? `U+${number}` : `U+${number} '${character}'`;
}

/** A character in single quotes, as Go's %q writes a rune. */
function quoteRune(character: string): string {
  if (character === '') return "'\ufffd'";
  if (character === "'") return "'\\''";
  if (character === '"') return `'"'`;
  return `'${quoteGo(character).slice(1, -1)}'`;
}
