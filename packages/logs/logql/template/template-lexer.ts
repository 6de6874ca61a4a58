/** Cuts a template into text and actions, and actions into tokens. */
import { unescapeGo } from '../lexer.ts';

export interface TemplateToken {
  readonly kind:
    | 'text'
    | 'open'
    | 'close'
    | 'string'
    | 'number'
    | 'char'
    | 'field'
    | 'variable'
    | 'word'
    | 'sign'
    | 'space';
  readonly text: string;
}

const actionToken =
  /(?<space>[ \t\r\n]+)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\\n]|\\.)+')|(?<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|(?<variable>\$\w*)|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>:=|[.|()=,])/uy;

export function tokenizeTemplate(name: string, text: string): readonly TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let at = 0;
  let trimNext = false;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    let plain = open < 0 ? text.slice(at) : text.slice(at, open);
    if (trimNext) plain = plain.replace(/^[ \t\r\n]+/, '');
    trimNext = false;
    const trimsBefore = open >= 0 && /^\{\{-[ \t\r\n]/.test(text.slice(open, open + 4));
    if (trimsBefore) plain = plain.replace(/[ \t\r\n]+$/, '');
    if (plain !== '') tokens.push({ kind: 'text', text: plain });
    if (open < 0) break;
    const start = open + (trimsBefore ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*?(\s-)?\}\}/.exec(text.slice(start));
    if (comment !== null) {
      at = start + comment[0].length;
      trimNext = comment[1] !== undefined;
      continue;
    }
    tokens.push({ kind: 'open', text: '{{' });
    const closed = tokenizeAction(name, text, start, tokens);
    tokens.push({ kind: 'close', text: '}}' });
    at = closed.end;
    trimNext = closed.trims;
  }
  return tokens;
}

function tokenizeAction(
  name: string,
  text: string,
  start: number,
  tokens: TemplateToken[],
): { end: number; trims: boolean } {
  let at = start;
  for (;;) {
    if (at >= text.length) throw new Error(`template: ${name}:${lineOf(text, start)}: unclosed action`);
    if (text.startsWith('}}', at)) return { end: at + 2, trims: false };
    if (/^[ \t\r\n]-\}\}/.test(text.slice(at, at + 4))) return { end: at + 4, trims: true };
    actionToken.lastIndex = at;
    const match = actionToken.exec(text);
    if (match === null) {
      throw new Error(`template: ${name}:${lineOf(text, at)}: unexpected ${JSON.stringify(text[at])} in operand`);
    }
    const [kind, found] = Object.entries(match.groups!).find(([, group]) => group !== undefined)! as [
      TemplateToken['kind'],
      string,
    ];
    tokens.push({ kind, text: kind === 'string' ? stringValue(name, found) : found });
    at += found.length;
  }
}

function stringValue(name: string, literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  const text = unescapeGo(literal.slice(1, -1));
  if (text === undefined) throw new Error(`template: ${name}:1: invalid syntax`);
  return text;
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
