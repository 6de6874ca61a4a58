/** Splits a Go template (package text/template) into text and the words inside of `{{ }}`. */
import { TemplateError } from './template-error.ts';

export type TemplateToken =
  | { readonly type: 'text'; readonly text: string; readonly line: number }
  | { readonly type: 'open' | 'close'; readonly text: string; readonly line: number }
  /** `spaced`: white space stands before it, so that `.a` begins an operand instead of going on with one. */
  | { readonly type: 'word'; readonly text: string; readonly line: number; readonly spaced: boolean }
  | { readonly type: 'string'; readonly text: string; readonly line: number }
  | { readonly type: 'number'; readonly text: string; readonly line: number };

const WORD =
  /\s*(?:(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\]|\\.)+')|(?<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|(?<word>:=|[$.]?[\p{L}_][\p{L}\p{N}_]*|[$.|(),=]))/uy;

export function lexTemplate(name: string, source: string): readonly TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let at = 0;
  let line = 1;
  const fail = (message: string): never => {
    throw new TemplateError(`template: ${name}:${line}: ${message}`);
  };
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? undefined : open);
    const textLine = line;
    line += count(text, '\n');
    const trimLeft = open >= 0 && /^-[\s]/.test(source.slice(open + 2, open + 4));
    if (trimNext) text = text.trimStart();
    if (trimLeft) text = text.trimEnd();
    if (text !== '') tokens.push({ type: 'text', text, line: textLine });
    if (open < 0) break;
    at = open + (trimLeft ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*/.exec(source.slice(at));
    if (comment !== null) {
      line += count(comment[0], '\n');
      const end = /^-?\}\}/.exec(source.slice(at + comment[0].length)) ?? fail('comment ends before closing delimiter');
      trimNext = end[0].startsWith('-');
      at += comment[0].length + end[0].length;
      continue;
    }
    tokens.push({ type: 'open', text: '{{', line });
    for (;;) {
      const close = /^\s*(?:\s-)?\}\}/.exec(source.slice(at, at + 200));
      if (close !== null) {
        line += count(close[0], '\n');
        tokens.push({ type: 'close', text: '}}', line });
        trimNext = close[0].includes('-');
        at += close[0].length;
        break;
      }
      WORD.lastIndex = at;
      const match = WORD.exec(source);
      if (match === null) {
        const rest = source.slice(at).trimStart();
        if (rest === '') fail('unclosed action');
        fail(rest.startsWith('"') ? 'unterminated quoted string' : `unexpected ${JSON.stringify(rest[0])} in command`);
      }
      line += count(match![0], '\n');
      const { string, char, number, word } = match!.groups!;
      if (string !== undefined) tokens.push({ type: 'string', text: unquote(string), line });
      else if (char !== undefined) tokens.push({ type: 'number', text: String(unquote(char).codePointAt(0)), line });
      else if (number !== undefined) tokens.push({ type: 'number', text: number.replaceAll('_', ''), line });
      else tokens.push({ type: 'word', text: word!, line, spaced: /^\s/.test(match![0]) });
      at = WORD.lastIndex;
    }
  }
  return tokens;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  "'": "'",
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return inner;
  return inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (_, x, u, long, short) =>
    short === undefined ? String.fromCodePoint(Number.parseInt(x ?? u ?? long, 16)) : (ESCAPES[short] ?? short),
  );
}
