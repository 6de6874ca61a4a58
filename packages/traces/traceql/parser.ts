/** Parses TraceQL: spansets, pipelines and scalars here, fields and metrics in the parsers beside. */

import type {
  Aggregate,
  ArithmeticOperator,
  ComparisonOperator,
  Pipeline,
  PipelineElement,
  Query,
  ScalarExpression,
  ScalarFilter,
  SpansetExpression,
  SpansetOperator,
} from './ast.ts';
import { parseField, parseFieldName, parseSpansetFilter } from './field-parser.ts';
import { isMetricsFunction, parseHints, parseMetrics } from './metrics-parser.ts';
import { TokenStream } from './token-stream.ts';

/** Parses a query, without checking that its types fit (`validate` does). Throws QueryError `parse`. */
export function parse(text: string): Query {
  const tokens = new TokenStream(text);
  const elements: PipelineElement[] = [parseElement(tokens, 'first')];
  while (tokens.takeIf('|')) {
    if (isMetricsFunction(tokens)) {
      const { metrics, secondStages } = parseMetrics(tokens);
      const hints = parseHints(tokens);
      return finish(tokens, { pipeline: { kind: 'pipeline', elements }, metrics, secondStages, hints });
    }
    elements.push(parseElement(tokens, 'later'));
  }
  return finish(tokens, { pipeline: rootOf(elements), secondStages: [], hints: parseHints(tokens) });
}

function finish(tokens: TokenStream, query: Query): Query {
  if (tokens.current.type !== 'end') throw tokens.unexpected();
  return query;
}

/** A lone pipeline in parentheses is the root itself. */
function rootOf(elements: readonly PipelineElement[]): Pipeline {
  const only = elements.length === 1 ? elements[0]! : undefined;
  if (only?.kind === 'pipeline') return only;
  return { kind: 'pipeline', elements };
}

/** What an expression between pipes can be. A `scalar` alone is no element; a pipeline in parentheses may end in one. */
type Operand =
  | { readonly class: 'spanset'; readonly node: SpansetExpression }
  | { readonly class: 'scalar'; readonly node: ScalarExpression }
  | { readonly class: 'scalarFilter'; readonly node: ScalarFilter };

const SPANSET_STRENGTH: Readonly<Record<string, number>> = {
  '&&': 1, '||': 1,
  '>': 2, '>>': 2, '<': 2, '<<': 2, '~': 2, '!>': 2, '!>>': 2, '!<': 2, '!<<': 2, '!~': 2,
  '&>': 2, '&>>': 2, '&<': 2, '&<<': 2, '&~': 2,
}; // biome-ignore format: one table

const SCALAR_STRENGTH: Readonly<Record<string, number>> = {
  '=': 2, '!=': 2, '<': 2, '<=': 2, '>': 2, '>=': 2,
  '+': 3, '-': 3,
  '*': 4, '/': 4, '%': 4,
  '^': 5,
}; // biome-ignore format: one table

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

function parseElement(tokens: TokenStream, position: 'first' | 'later'): PipelineElement {
  const element = tryParseKeyword(tokens, position);
  if (element !== undefined) return element;
  const operand = parseOperation(tokens, 1);
  if (operand.class === 'scalar') throw tokens.unexpected('a comparison');
  return operand.node;
}

function tryParseKeyword(tokens: TokenStream, position: 'first' | 'later'): PipelineElement | undefined {
  if (tokens.takeIf('by')) {
    tokens.expect('(');
    const expression = tokens.nested(() => parseField(tokens));
    tokens.expect(')');
    return { kind: 'by', expression };
  }
  if (position === 'later' && tokens.takeIf('coalesce')) {
    tokens.expect('(');
    tokens.expect(')');
    return { kind: 'coalesce' };
  }
  if (tokens.takeIf('select')) {
    tokens.expect('(');
    const fields = [parseFieldName(tokens)];
    while (tokens.takeIf(',')) fields.push(parseFieldName(tokens));
    tokens.expect(')');
    return { kind: 'select', fields };
  }
  return undefined;
}

function parseOperation(tokens: TokenStream, strengthMin: number): Operand {
  let left = parseOperand(tokens);
  for (;;) {
    const { type, text: operator } = tokens.current;
    if (type !== 'operator') return left;
    const strengths = left.class === 'spanset' ? SPANSET_STRENGTH : SCALAR_STRENGTH;
    const strength = Object.hasOwn(strengths, operator) ? strengths[operator]! : undefined;
    if (strength === undefined || strength < strengthMin) return left;
    // A comparison compares two scalars, and its result is not one.
    if (left.class === 'scalarFilter') throw tokens.unexpected();
    tokens.take();
    const right = tokens.nested(() => parseOperation(tokens, operator === '^' ? strength : strength + 1));
    tokens.countOperator();
    left = combine(tokens, operator, left, right);
  }
}

function combine(tokens: TokenStream, operator: string, left: Operand, right: Operand): Operand {
  if (left.class === 'spanset' && right.class === 'spanset') {
    const node = {
      kind: 'spansetOperation',
      operator: operator as SpansetOperator,
      left: left.node,
      right: right.node,
    } as const;
    return { class: 'spanset', node };
  }
  if (left.class !== 'scalar' || right.class !== 'scalar')
    throw tokens.error(`syntax error: unexpected operand of ${operator}`);
  checkScalarPipelines(tokens, operator, left.node, right.node);
  if (COMPARISONS.has(operator)) {
    const node = {
      kind: 'scalarFilter',
      operator: operator as ComparisonOperator,
      left: left.node,
      right: right.node,
    } as const;
    return { class: 'scalarFilter', node };
  }
  const node = {
    kind: 'scalarOperation',
    operator: operator as ArithmeticOperator,
    left: left.node,
    right: right.node,
  } as const;
  return { class: 'scalar', node };
}

/** A pipeline in parentheses combines only with its like; compared, also with a literal on the right. */
function checkScalarPipelines(
  tokens: TokenStream,
  operator: string,
  left: ScalarExpression,
  right: ScalarExpression,
): void {
  const alike = isPipelined(left) === isPipelined(right);
  const literal = COMPARISONS.has(operator) && isPipelined(left) && right.kind === 'static';
  if (!alike && !literal) throw tokens.error(`syntax error: unexpected operand of ${operator}`);
}

function isPipelined(node: ScalarExpression): boolean {
  return node.kind === 'pipeline' || (node.kind === 'scalarOperation' && isPipelined(node.left));
}

function parseOperand(tokens: TokenStream): Operand {
  if (tokens.is('{')) return { class: 'spanset', node: parseSpansetFilter(tokens) };
  if (tokens.takeIf('(')) {
    const inner = tokens.nested(() => parseWrapped(tokens));
    tokens.expect(')');
    return inner;
  }
  return { class: 'scalar', node: parseScalar(tokens) };
}

/** What stands in parentheses: an expression, or a pipeline of which the last element may be an aggregate. */
function parseWrapped(tokens: TokenStream): Operand {
  const elements: PipelineElement[] = [];
  do {
    const keyword = tryParseKeyword(tokens, elements.length === 0 ? 'first' : 'later');
    if (keyword !== undefined) {
      elements.push(keyword);
      continue;
    }
    const operand = parseOperation(tokens, 1);
    if (operand.class !== 'scalarFilter' && elements.length === 0 && tokens.is(')')) return operand;
    if (operand.class !== 'scalar') elements.push(operand.node);
    else if (operand.node.kind === 'aggregate' && tokens.is(')')) {
      return { class: 'scalar', node: { kind: 'pipeline', elements: [...elements, operand.node] } };
    } else throw tokens.unexpected('a comparison');
  } while (tokens.takeIf('|'));
  return { class: 'spanset', node: { kind: 'pipeline', elements } satisfies Pipeline };
}

const AGGREGATES: ReadonlySet<string> = new Set<Aggregate['operator']>(['count', 'avg', 'max', 'min', 'sum']);

function parseScalar(tokens: TokenStream): ScalarExpression {
  const negative = tokens.takeIf('-');
  const token = tokens.current;
  if (token.type === 'int') {
    tokens.take();
    return { kind: 'static', value: { type: 'int', value: negative ? -token.value : token.value } };
  }
  if (token.type === 'float') {
    tokens.take();
    return { kind: 'static', value: { type: 'float', value: negative ? -token.value : token.value } };
  }
  if (token.type === 'duration') {
    tokens.take();
    return { kind: 'static', value: { type: 'duration', valueNs: negative ? -token.valueNs : token.valueNs } };
  }
  if (negative || token.type !== 'word' || !AGGREGATES.has(token.text)) throw tokens.unexpected();
  tokens.take();
  const operator = token.text as Aggregate['operator'];
  tokens.expect('(');
  if (operator === 'count') {
    tokens.expect(')');
    return { kind: 'aggregate', operator };
  }
  const expression = tokens.nested(() => parseField(tokens));
  tokens.expect(')');
  return { kind: 'aggregate', operator, expression };
}
