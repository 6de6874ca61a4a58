// Duration expressions: what stands in brackets and after `offset`.
import type { DurationExpression } from './ast.ts';
import { DURATION_MS_MAX } from './duration.ts';
import type { TokenStream } from './token-stream.ts';

const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 };
const UNARY_OPERAND_PRECEDENCE = 3;
const EXPECTED = 'number, duration, step(), or range()';
export const STEP_CONTEXT = 'subquery selector';
export const STEP_EXPECTED = 'number, duration, step(), range(), or "]"';

type BinaryOp = '+' | '-' | '*' | '/' | '%' | '^';

/** A whole duration expression, for brackets. */
export function parseRangeDuration(tokens: TokenStream, context: string, expected = EXPECTED): DurationExpression {
  if (!startsDuration(tokens)) tokens.unexpected(context, expected);
  const parsed = parseBinary(tokens, 0, context);
  if (parsed.type === 'duration-number' && parsed.seconds <= 0) {
    tokens.fail('duration must be greater than 0', parsed.span);
  }
  return parsed;
}

/**
 * What may follow `offset` without parentheses: one signed operand. Arithmetic after it belongs to the expression
 * around the selector, so that `a offset 5m * 2` multiplies the samples.
 */
export function parseOffsetDuration(tokens: TokenStream): DurationExpression {
  const start = tokens.current.start;
  const sign = tokens.is('-') || tokens.is('+') ? tokens.take().word : '';
  if (!startsDuration(tokens) || tokens.is('-') || tokens.is('+')) tokens.unexpected('offset', EXPECTED);
  return applySign(sign, parseOperand(tokens, 'offset'), start);
}

function startsDuration(tokens: TokenStream): boolean {
  const { kind, word } = tokens.current;
  if (kind === 'number' || kind === 'duration') return true;
  return ['step', 'range', 'min_of', 'max_of', '(', '-', '+'].includes(word) && kind !== 'string';
}

function parseBinary(tokens: TokenStream, precedenceMin: number, context: string): DurationExpression {
  tokens.enter();
  let left = parseUnary(tokens, context);
  for (;;) {
    const { kind, word, start, end } = tokens.current;
    const precedence = kind === 'operator' ? PRECEDENCE[word] : undefined;
    if (precedence === undefined || precedence < precedenceMin) break;
    tokens.countOperator();
    tokens.take();
    if (!tokens.features.durationExpressions) tokens.fail(NOT_ENABLED, left.span);
    const right = parseBinary(tokens, word === '^' ? precedence : precedence + 1, context);
    if (right.type === 'duration-number' && right.seconds === 0) {
      if (word === '/') tokens.fail('division by zero', { start, end });
      if (word === '%') tokens.fail('modulo by zero', { start, end });
    }
    const span = { start: left.span.start, end: right.span.end };
    left = { type: 'duration-binary', op: word as BinaryOp, left, right, span };
  }
  tokens.leave();
  return left;
}

const NOT_ENABLED = 'experimental duration expression is not enabled';

function parseUnary(tokens: TokenStream, context: string): DurationExpression {
  if (!tokens.is('-') && !tokens.is('+')) return parseOperand(tokens, context);
  const sign = tokens.take();
  return applySign(sign.word, parseBinary(tokens, UNARY_OPERAND_PRECEDENCE, context), sign.start);
}

function applySign(sign: string, operand: DurationExpression, start: number): DurationExpression {
  if (sign !== '-') return operand;
  const span = { start, end: operand.span.end };
  if (operand.type === 'duration-number') return { ...operand, seconds: -operand.seconds, span };
  return { type: 'duration-negation', operand, span };
}

function parseOperand(tokens: TokenStream, context: string): DurationExpression {
  const token = tokens.current;
  if (token.kind === 'number' || token.kind === 'duration') return parseLiteral(tokens);
  const start = token.start;
  if (tokens.accept('(')) {
    const inner = parseBinary(tokens, 0, context);
    if (!tokens.features.durationExpressions) tokens.fail(NOT_ENABLED, inner.span);
    tokens.expect(')', context, EXPECTED);
    return { type: 'duration-paren', inner, span: { start, end: tokens.lastEnd } };
  }
  if (token.word === 'step' || token.word === 'range') {
    tokens.take();
    tokens.expect('(', context, EXPECTED);
    tokens.expect(')', context, EXPECTED);
    const span = { start, end: tokens.lastEnd };
    if (!tokens.features.durationExpressions) tokens.fail(NOT_ENABLED, span);
    return { type: 'duration-query', which: token.word, span };
  }
  if (token.word === 'min_of' || token.word === 'max_of') {
    tokens.take();
    tokens.expect('(', context, EXPECTED);
    const left = parseBinary(tokens, 0, context);
    tokens.expect(',', context, EXPECTED);
    const right = parseBinary(tokens, 0, context);
    tokens.expect(')', context, EXPECTED);
    const span = { start, end: tokens.lastEnd };
    if (!tokens.features.durationExpressions) tokens.fail(NOT_ENABLED, span);
    return { type: 'duration-binary', op: token.word, left, right, span };
  }
  return tokens.unexpected(context, context === STEP_CONTEXT ? STEP_EXPECTED : EXPECTED);
}

function parseLiteral(tokens: TokenStream): DurationExpression {
  const token = tokens.take();
  const span = { start: token.start, end: token.end };
  const isDuration = token.kind === 'duration';
  const seconds = tokens.numberOf(token);
  if (Number.isNaN(seconds) || Math.abs(seconds) * 1000 > DURATION_MS_MAX) tokens.fail('duration out of range', span);
  return { type: 'duration-number', seconds, isDuration, span };
}

/** Milliseconds of a literal, rounded to nanoseconds as the real server keeps them; null for anything computed. */
export function literalMs(expression: DurationExpression): number | null {
  return expression.type === 'duration-number' ? Math.round(expression.seconds * 1e9) / 1e6 : null;
}
