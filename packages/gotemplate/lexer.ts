/** Cuts a template into text and actions, and actions into tokens (text/template/parse/lex.go). */
import { TemplateError } from './value.ts';

export interface Token {
  readonly kind: 'text' | 'open' | 'close' | 'string' | 'number' | 'char' | 'field' | 'variable' | 'word' | 'sign';
  /** Of a string: its value. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** White space stands before it, so that `.a` begins an operand instead of going on with one. */
  readonly spaced: boolean;
}

const ACTION_TOKEN =
  /(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\\n]|\\.)+')|(?<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?))|(?<variable>\$[\p{L}\p{N}_]*)|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>:=|[.|()=,])/uy;
const SPACE = /[ \t\r\n]*/y;

export function lexTemplate(name: string, source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    let text = open < 0 ? source.slice(at) : source.slice(at, open);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    trimNext = false;
    const trims = open >= 0 && /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    if (trims) text = text.replace(/[ \t\r\n]+$/, '');
    if (text !== '') tokens.push({ kind: 'text', text, at, end: at + text.length, spaced: false });
    if (open < 0) break;
    const start = open + (trims ? 3 : 2);
    const comment = /^[ \t\r\n]*\/\*/.exec(source.slice(start));
    if (comment !== null) {
      const end = source.indexOf('*/', start + comment[0].length);
      if (end < 0) throw lexError(name, source, start, 'unclosed comment');
      const close = /^(?:[ \t\r\n]-)?\}\}/.exec(source.slice(end + 2));
      if (close === null) throw lexError(name, source, start, 'comment ends before closing delimiter');
      trimNext = close[0].length > 2;
      at = end + 2 + close[0].length;
      continue;
    }
    tokens.push({ kind: 'open', text: '{{', at: open, end: start, spaced: false });
    const closed = lexAction(name, source, start, tokens);
    at = closed.end;
    trimNext = closed.trims;
  }
  return tokens;
}

function lexAction(name: string, source: string, start: number, tokens: Token[]): { end: number; trims: boolean } {
  let at = start;
  for (;;) {
    SPACE.lastIndex = at;
    const space = SPACE.exec(source)![0];
    at += space.length;
    if (at >= source.length) throw lexError(name, source, start, 'unclosed action');
    if (space !== '' && source.startsWith('-}}', at)) {
      tokens.push({ kind: 'close', text: '}}', at, end: at + 3, spaced: true });
      return { end: at + 3, trims: true };
    }
    if (source.startsWith('}}', at)) {
      tokens.push({ kind: 'close', text: '}}', at, end: at + 2, spaced: space !== '' });
      return { end: at + 2, trims: false };
    }
    ACTION_TOKEN.lastIndex = at;
    const match = ACTION_TOKEN.exec(source);
    if (match === null) throw badCharacter(name, source, at);
    const [kind, found] = Object.entries(match.groups!).find(([, group]) => group !== undefined)! as [
      Token['kind'],
      string,
    ];
    const end = at + found.length;
    if (kind === 'number' && /^[\p{L}\p{N}_.]/u.test(source.slice(end))) {
      throw lexError(name, source, at, `bad number syntax: ${JSON.stringify(source.slice(at, end + 1))}`);
    }
    const text = kind === 'string' ? stringValue(name, source, at, found) : found;
    tokens.push({ kind, text, at, end, spaced: space !== '' });
    at = end;
  }
}

function badCharacter(name: string, source: string, at: number): TemplateError {
  const char = source[at]!;
  if (char === '"') return lexError(name, source, at, 'unterminated quoted string');
  if (char === '`') return lexError(name, source, at, 'unterminated raw quoted string');
  if (char === "'") return lexError(name, source, at, 'unterminated character constant');
  const code = source.codePointAt(at)!;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`;
  if (char === '-' || char === '+')
    return lexError(name, source, at, `unexpected bad number syntax: ${JSON.stringify(char)} in command`);
  return lexError(name, source, at, `unexpected unrecognized character in action: ${point} in command`);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
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

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** The value of an interpreted or a raw string; undefined when an escape is not known (strconv.Unquote). */
export function unquoteGo(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner.replaceAll('\r', '');
  if (!inner.includes('\\')) return inner;
  // Bytes, because several \x in a row may make up one character.
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const match of inner.matchAll(ESCAPE)) {
    parts.push(Buffer.from(inner.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, hex, octal, short, long, simple] = match;
    if (simple !== undefined && (SIMPLE_ESCAPES[simple] === undefined || (simple === "'" && literal[0] === '"'))) {
      return undefined;
    }
    if (hex !== undefined || octal !== undefined) {
      const byte = hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16);
      if (byte > 0xff) return undefined;
      parts.push(Uint8Array.of(byte));
      continue;
    }
    const code = simple === undefined ? Number.parseInt(short ?? long!, 16) : 0;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    parts.push(Buffer.from(simple === undefined ? String.fromCodePoint(code) : SIMPLE_ESCAPES[simple]!));
  }
  parts.push(Buffer.from(inner.slice(last)));
  return Buffer.concat(parts).toString();
}

function stringValue(name: string, source: string, at: number, literal: string): string {
  const text = unquoteGo(literal);
  if (text === undefined) throw lexError(name, source, at, 'invalid syntax');
  return text;
}

export function lexError(name: string, source: string, at: number, message: string): TemplateError {
  return new TemplateError(`template: ${name}:${lineAt(source, at)}: ${message}`);
}

export function lineAt(source: string, at: number): number {
  let line = 1;
  for (let i = source.indexOf('\n'); i >= 0 && i < at; i = source.indexOf('\n', i + 1)) line++;
  return line;
}
