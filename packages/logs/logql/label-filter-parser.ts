/** Reads label filters: `status >= 400 and (method = "POST" or took > 1s), size < 20MB`. */
import type { CompareOperator, LabelFilter, Matcher, MatchOperator } from './ast.ts';
import { parseGoFloat } from './go-number.ts';
import { ParseError } from './query-error.ts';
import { checkRegex } from './regex.ts';
import type { TokenStream } from './token-stream.ts';

/** Deeper nesting than anybody writes, well below what the stack takes. */
const NESTING_DEPTH_MAX = 200;

/**
 * The binding of Loki's grammar: `and` before `or`; a comma or nothing at all means `and` and takes everything to its
 * right as its right side (its rule has no precedence, so the generated parser always goes on reading).
 */
export function parseLabelFilter(tokens: TokenStream, depth = 0): LabelFilter {
  if (depth > NESTING_DEPTH_MAX) throw new ParseError('label filter is nested too deeply');
  let left = parseAnd(tokens, depth);
  while (tokens.accept('or') !== undefined) left = { kind: 'or', left, right: parseAnd(tokens, depth) };
  return left;
}

function parseAnd(tokens: TokenStream, depth: number): LabelFilter {
  let left = parseJuxtaposed(tokens, depth);
  while (tokens.accept('and') !== undefined) left = { kind: 'and', left, right: parseJuxtaposed(tokens, depth) };
  return left;
}

function parseJuxtaposed(tokens: TokenStream, depth: number): LabelFilter {
  const left = parsePrimary(tokens, depth);
  if (tokens.accept(',') !== undefined || tokens.kind === 'IDENTIFIER' || tokens.kind === '(') {
    return { kind: 'and', left, right: parseLabelFilter(tokens, depth + 1) };
  }
  return left;
}

function parsePrimary(tokens: TokenStream, depth: number): LabelFilter {
  if (tokens.accept('(') !== undefined) {
    const inner = parseLabelFilter(tokens, depth + 1);
    tokens.expect(')');
    return inner;
  }
  const name = tokens.expect('IDENTIFIER', '(').text;
  const operator = tokens.expect('=', '!=', '=~', '!~', '==', '>', '>=', '<', '<=').kind;
  switch (operator) {
    case '=~':
    case '!~':
      return { kind: 'string', matcher: regexMatcher(name, operator, tokens.expect('STRING').text) };
    case '=':
    case '!=':
      if (tokens.kind === 'STRING') return { kind: 'string', matcher: { name, operator, value: tokens.next().text } };
      if (tokens.accept('ip') !== undefined) return parseIp(tokens, name, operator);
      return parseValue(tokens, name, operator === '=' ? '==' : operator);
    default:
      return parseValue(tokens, name, operator as CompareOperator);
  }
}

function parseIp(tokens: TokenStream, name: string, operator: '=' | '!='): LabelFilter {
  tokens.expect('(');
  const pattern = tokens.expect('STRING').text;
  tokens.expect(')');
  return { kind: 'ip', name, operator, pattern };
}

function parseValue(tokens: TokenStream, name: string, operator: CompareOperator): LabelFilter {
  if (tokens.kind === 'DURATION') return { kind: 'duration', name, operator, value: tokens.next().value };
  if (tokens.kind === 'BYTES') return { kind: 'bytes', name, operator, value: tokens.next().value };
  if (tokens.kind !== 'NUMBER' && tokens.kind !== '+' && tokens.kind !== '-') throw tokens.unexpected();
  return { kind: 'number', name, operator, value: parseSignedNumber(tokens) };
}

/** NUMBER, +NUMBER or -NUMBER. */
export function parseSignedNumber(tokens: TokenStream): number {
  const negative = tokens.kind === '-';
  if (negative || tokens.kind === '+') tokens.next();
  const value = parseNumber(tokens.expect('NUMBER').text);
  return negative ? -value : value;
}

export function parseNumber(text: string): number {
  const number = parseGoFloat(text);
  if ('error' in number) throw new ParseError(`unable to parse literal as a float: ${number.error}`);
  return number.value;
}

/** `name op "value"` in a selector, or of `drop` and `keep`. */
export function parseMatcher(tokens: TokenStream): Matcher {
  const name = tokens.expect('IDENTIFIER').text;
  const operator = tokens.expect('=', '!=', '=~', '!~').kind as MatchOperator;
  const value = tokens.expect('STRING').text;
  return operator === '=' || operator === '!=' ? { name, operator, value } : regexMatcher(name, operator, value);
}

function regexMatcher(name: string, operator: MatchOperator, value: string): Matcher {
  const error = checkRegex(value);
  if (error !== undefined) throw new ParseError(error);
  return { name, operator, value };
}
