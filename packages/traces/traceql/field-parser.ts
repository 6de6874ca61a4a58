/** Parses field expressions: what stands in braces, in aggregates, in by() and select(). */

import type { Field, FieldExpression, FieldOperator, KindName, SpansetFilter, Static, StatusName } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/** Binding strengths as in Tempo's grammar: `&&` and `||` are equal, and both associate to the left. */
const STRENGTH: Readonly<Record<FieldOperator, number>> = {
  '&&': 1, '||': 1,
  '=': 2, '!=': 2, '<': 2, '<=': 2, '>': 2, '>=': 2, '=~': 2, '!~': 2,
  '+': 3, '-': 3,
  '*': 4, '/': 4, '%': 4,
  '^': 5,
}; // biome-ignore format: one table

/** Unary `-` and `!` bind above + and below *, as the grammar gives their rules. */
const UNARY_STRENGTH = 4;

const STATUSES: ReadonlySet<string> = new Set<StatusName>(['error', 'ok', 'unset']);
const KINDS: ReadonlySet<string> = new Set<KindName>([
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]);

export function parseField(tokens: TokenStream, strengthMin = 1): FieldExpression {
  let left = tokens.is('nil') ? parseNil(tokens) : parseOperand(tokens);
  for (;;) {
    const operator = fieldOperator(tokens);
    if (operator === undefined || STRENGTH[operator] < strengthMin) return left;
    tokens.take();
    const strength = operator === '^' ? STRENGTH[operator] : STRENGTH[operator] + 1;
    const right =
      isEquality(operator) && tokens.takeIf('nil') ? NIL : tokens.nested(() => parseField(tokens, strength));
    tokens.countOperator();
    left = { kind: 'binary', operator, left, right };
  }
}

const NIL: FieldExpression = { kind: 'static', value: { type: 'nil' } };

const isEquality = (operator: FieldOperator | undefined): boolean => operator === '=' || operator === '!=';

/** Tempo's grammar knows `nil` as a side of `=` and `!=` only. */
function parseNil(tokens: TokenStream): FieldExpression {
  tokens.expect('nil');
  if (!isEquality(fieldOperator(tokens))) throw tokens.unexpected('= or !=');
  return NIL;
}

/** An attribute or intrinsic alone. */
export function parseFieldName(tokens: TokenStream): Field {
  const token = tokens.current;
  if (token.type === 'attribute') {
    tokens.take();
    return { kind: 'attribute', scope: token.scope, parent: token.parent, name: token.name };
  }
  if (token.type === 'intrinsic') {
    tokens.take();
    return { kind: 'intrinsic', intrinsic: token.intrinsic };
  }
  throw tokens.unexpected('attribute');
}

/** Parses a spanset filter alone, `{ … }`, as `compare()` and tag searches take. */
export function parseSpansetFilter(tokens: TokenStream): SpansetFilter {
  tokens.expect('{');
  if (tokens.takeIf('}'))
    return { kind: 'filter', expression: { kind: 'static', value: { type: 'boolean', value: true } } };
  const expression = tokens.nested(() => parseField(tokens));
  tokens.expect('}');
  return { kind: 'filter', expression };
}

/** A literal at the current token, which is taken; undefined when there is none. */
export function takeStatic(tokens: TokenStream): Static | undefined {
  const value = staticOf(tokens);
  if (value !== undefined) tokens.take();
  return value;
}

function staticOf(tokens: TokenStream): Static | undefined {
  const token = tokens.current;
  switch (token.type) {
    case 'string':
      return { type: 'string', value: token.value };
    case 'int':
      return { type: 'int', value: token.value };
    case 'float':
      return { type: 'float', value: token.value };
    case 'duration':
      return { type: 'duration', valueNs: token.valueNs };
    case 'word':
      if (token.text === 'true' || token.text === 'false') return { type: 'boolean', value: token.text === 'true' };
      if (STATUSES.has(token.text)) return { type: 'status', value: token.text as StatusName };
      if (KINDS.has(token.text)) return { type: 'kind', value: token.text as KindName };
      return undefined;
    default:
      return undefined;
  }
}

function parseOperand(tokens: TokenStream): FieldExpression {
  if (tokens.takeIf('(')) {
    const inner = tokens.nested(() => parseField(tokens));
    tokens.expect(')');
    return inner;
  }
  for (const operator of ['-', '!'] as const) {
    if (!tokens.takeIf(operator)) continue;
    return { kind: 'unary', operator, operand: tokens.nested(() => parseField(tokens, UNARY_STRENGTH)) };
  }
  const value = takeStatic(tokens);
  return value === undefined ? parseFieldName(tokens) : { kind: 'static', value };
}

function fieldOperator(tokens: TokenStream): FieldOperator | undefined {
  const { type, text } = tokens.current;
  return type === 'operator' && Object.hasOwn(STRENGTH, text) ? (text as FieldOperator) : undefined;
}
