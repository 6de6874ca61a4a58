// Selectors: names, label matchers, ranges, subqueries, offset, @, anchored and smoothed.

import { METRIC_NAME } from '../../model/labels.ts';
import { compileMatcher, type LabelMatcher, type MatchOperator } from '../../model/matcher.ts';
import type { DurationExpression, Expr, TimeShift, VectorSelector } from './ast.ts';
import { NO_SHIFT } from './ast.ts';
import { literalMs, parseOffsetDuration, parseRangeDuration, STEP_CONTEXT, STEP_EXPECTED } from './duration-parser.ts';
import { hasInvalidUtf8, unquote } from './quoted-string.ts';
import type { Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';

const TIMESTAMP_MS_ABS_MAX = 2 ** 63;

/** A selector that begins with a name, whose token has been taken, or with a brace. */
export function parseVectorSelector(tokens: TokenStream, nameToken: Token | null): VectorSelector {
  const start = nameToken?.start ?? tokens.current.start;
  const name = nameToken?.text ?? '';
  const matchers: LabelMatcher[] = [];
  if (tokens.is('{')) {
    parseMatchers(tokens, matchers);
  }
  const span = { start, end: tokens.lastEnd };
  if (name !== '') matchers.push({ name: METRIC_NAME, op: '=', value: name });
  return { type: 'vector', name, matchers, modifier: null, ...NO_SHIFT, span };
}

/** Fills `matchers`; a string that stands alone is the metric name. */
function parseMatchers(tokens: TokenStream, matchers: LabelMatcher[]): void {
  const CONTEXT = 'label matching';
  tokens.expect('{');
  while (!tokens.is('}')) {
    const token = tokens.current;
    if (token.kind !== 'identifier' && token.kind !== 'string') tokens.unexpected(CONTEXT, 'identifier or "}"');
    tokens.take();
    const label = token.kind === 'string' ? unquoteToken(tokens, token) : token.text;
    const { kind } = tokens.current;
    const mayBeName = token.kind === 'string' && !(kind === 'operator' || tokens.is('='));
    if (mayBeName) matchers.push({ name: METRIC_NAME, op: '=', value: label });
    else matchers.push(parseMatcherTail(tokens, label, token));
    if (tokens.is('}')) break;
    if (!tokens.accept(',')) tokens.unexpected(CONTEXT, '"," or "}"');
  }
  tokens.expect('}');
}

function parseMatcherTail(tokens: TokenStream, label: string, labelToken: Token): LabelMatcher {
  const CONTEXT = 'label matching';
  const op = tokens.current.word;
  const isOperator = tokens.current.kind === 'operator' || tokens.current.kind === 'punctuation';
  if (!isOperator || !['=', '!=', '=~', '!~'].includes(op)) tokens.unexpected(CONTEXT, 'label matching operator');
  tokens.take();
  if (!tokens.isKind('string')) tokens.unexpected(CONTEXT, 'string');
  const valueToken = tokens.take();
  const matcher = { name: label, op: op as MatchOperator, value: unquoteToken(tokens, valueToken) };
  try {
    compileMatcher(matcher);
  } catch (error) {
    tokens.fail((error as Error).message, { start: labelToken.start, end: valueToken.end });
  }
  return matcher;
}

export function unquoteToken(tokens: TokenStream, token: Token): string {
  try {
    return unquote(token.text);
  } catch (error) {
    return tokens.fail(`error unquoting string ${JSON.stringify(token.text)}: ${(error as Error).message}`, token);
  }
}

/** Labels of by, without, on, ignoring and group_x: `(a, b, "c d")`. */
export function parseGroupingLabels(tokens: TokenStream): string[] {
  const CONTEXT = 'grouping opts';
  const labels: string[] = [];
  tokens.expect('(', CONTEXT, '"("');
  while (!tokens.is(')')) {
    const token = tokens.current;
    const isName = ['identifier', 'metric-identifier', 'aggregator', 'keyword', 'string'].includes(token.kind);
    const isWord = token.kind === 'operator' && /^[a-z]/i.test(token.text);
    if ((!isName && !isWord) || token.word === 'without') tokens.unexpected(CONTEXT, 'label');
    tokens.take();
    const label = token.kind === 'string' ? unquoteToken(tokens, token) : token.text;
    if (label === '' || hasInvalidUtf8(label)) {
      tokens.fail(`invalid label name for grouping: ${JSON.stringify(label)}`, token);
    }
    labels.push(label);
    if (tokens.is(')')) break;
    if (!tokens.accept(',')) tokens.unexpected(CONTEXT, '"," or ")"');
  }
  tokens.expect(')');
  return labels;
}

/** Everything that can follow an expression directly: ranges, subqueries, offset, @, anchored, smoothed. */
export function parsePostfix(tokens: TokenStream, operand: Expr): Expr {
  let expr = operand;
  for (;;) {
    if (tokens.is('[')) expr = parseBrackets(tokens, expr);
    else if (tokens.is('offset')) expr = parseOffset(tokens, expr);
    else if (tokens.is('@')) expr = parseAt(tokens, expr);
    else if (tokens.is('anchored') || tokens.is('smoothed')) expr = parseModifier(tokens, expr);
    else return expr;
  }
}

function parseBrackets(tokens: TokenStream, expr: Expr): Expr {
  const bracket = tokens.take();
  const range = parseRangeDuration(tokens, 'subquery or range selector');
  const span = (): { start: number; end: number } => ({ start: expr.span.start, end: tokens.lastEnd });
  const rangeParts = { rangeMs: literalMs(range) ?? 0, rangeExpression: computed(range) };
  if (tokens.accept(':')) {
    let step: DurationExpression | null = null;
    if (!tokens.is(']')) {
      step = parseRangeDuration(tokens, STEP_CONTEXT, STEP_EXPECTED);
    }
    tokens.expect(']', STEP_CONTEXT, '"]"');
    const stepParts =
      step === null
        ? { stepMs: 0, stepExpression: null }
        : { stepMs: literalMs(step) ?? 0, stepExpression: computed(step) };
    return { type: 'subquery', expr, ...rangeParts, ...stepParts, ...NO_SHIFT, span: span() };
  }
  if (!tokens.is(']')) tokens.unexpected('subquery or range', '":" or "]"');
  tokens.take();
  const errorSpan = { start: bracket.start, end: tokens.lastEnd };
  if (expr.type !== 'vector') return tokens.fail('ranges only allowed for vector selectors', errorSpan);
  if (expr.offsetMs !== 0 || expr.offsetExpression !== null) {
    tokens.fail('no offset modifiers allowed before range', errorSpan);
  }
  if (expr.atMs !== null || expr.atEdge !== null) tokens.fail('no @ modifiers allowed before range', errorSpan);
  return { type: 'matrix', vector: expr, ...rangeParts, span: span() };
}

function computed(expression: DurationExpression): DurationExpression | null {
  return expression.type === 'duration-number' ? null : expression;
}

/** Applies a change to the selector or subquery that carries the time shift; fails for any other expression. */
function shift(
  tokens: TokenStream,
  expr: Expr,
  what: string,
  change: (current: TimeShift) => Partial<TimeShift>,
): Expr {
  const end = tokens.lastEnd;
  if (expr.type === 'vector' || expr.type === 'subquery') {
    return { ...expr, ...change(expr), span: { start: expr.span.start, end } };
  }
  if (expr.type === 'matrix') {
    const vector = { ...expr.vector, ...change(expr.vector) };
    return { ...expr, vector, span: { start: expr.span.start, end } };
  }
  return tokens.fail(
    `${what} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
    expr.span,
  );
}

function parseOffset(tokens: TokenStream, expr: Expr): Expr {
  tokens.take();
  const duration = parseOffsetDuration(tokens);
  return shift(tokens, expr, 'offset', (current) => {
    if (current.offsetMs !== 0 || current.offsetExpression !== null) {
      tokens.fail('offset may not be set multiple times', expr.span);
    }
    return { offsetMs: literalMs(duration) ?? 0, offsetExpression: computed(duration) };
  });
}

function parseAt(tokens: TokenStream, expr: Expr): Expr {
  tokens.take();
  const target = parseAtTarget(tokens, expr);
  return shift(tokens, expr, '@', (current) => {
    if (current.atMs !== null || current.atEdge !== null) {
      tokens.fail('@ <timestamp> may not be set multiple times', expr.span);
    }
    return target;
  });
}

function parseAtTarget(tokens: TokenStream, expr: Expr): Pick<TimeShift, 'atMs' | 'atEdge'> {
  const token = tokens.current;
  if (token.kind === 'keyword' && (token.word === 'start' || token.word === 'end')) {
    tokens.take();
    tokens.expect('(', '@', 'timestamp');
    tokens.expect(')', '@', 'timestamp');
    return { atMs: null, atEdge: token.word };
  }
  const negative = tokens.is('-');
  if (negative || tokens.is('+')) tokens.take();
  const number = tokens.current;
  if (number.kind !== 'number' && number.kind !== 'duration') tokens.unexpected('@', 'timestamp');
  tokens.take();
  const unsigned = tokens.numberOf(number);
  const seconds = negative ? -unsigned : unsigned;
  const milliseconds = Math.round(seconds * 1000);
  if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) >= TIMESTAMP_MS_ABS_MAX) {
    const shown = Number.isFinite(seconds) ? seconds.toFixed(6) : seconds > 0 ? '+Inf' : seconds < 0 ? '-Inf' : 'NaN';
    tokens.fail(`timestamp out of bounds for @ modifier: ${shown}`, expr.span);
  }
  return { atMs: milliseconds, atEdge: null };
}

function parseModifier(tokens: TokenStream, expr: Expr): Expr {
  const word = tokens.take().word as 'anchored' | 'smoothed';
  if (!tokens.features.extendedRangeSelectors) {
    tokens.fail(`${word} modifier is experimental and not enabled`, expr.span);
  }
  const span = { start: expr.span.start, end: tokens.lastEnd };
  if (expr.type === 'subquery') return tokens.fail(`${word} modifier is not supported for subqueries`, expr.span);
  const vector = expr.type === 'matrix' ? expr.vector : expr.type === 'vector' ? expr : null;
  if (vector === null) return tokens.fail(`${word} modifier not implemented`, expr.span);
  if (vector.modifier !== null && vector.modifier !== word) {
    tokens.fail('anchored and smoothed modifiers cannot be used together', expr.span);
  }
  const changed: VectorSelector = { ...vector, modifier: word };
  return expr.type === 'matrix' ? { ...expr, vector: changed, span } : { ...changed, span };
}
